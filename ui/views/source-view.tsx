import type { JSX } from "preact";
import { usePage } from "../page.ts";
import { toFragment } from "../route.ts";
import { IncidentList } from "./incident-list.tsx";
import { SourceList } from "./source-list.tsx";
import { SourcePanel } from "./source-panel.tsx";

/** One source alone, with room. */
export function SourceView({ id }: { readonly id: string }): JSX.Element {
  const { store, route, past } = usePage();
  const incidents = store.incidents.value?.filter(({ source }) => source === id);
  const sources = store.sources.value?.filter((source) => source.id === id);
  const [source] = sources ?? [];
  return (
    <div class="overview single">
      <p class="back">
        <a href={toFragment(route.value, { source: undefined })}>← All sources</a>
      </p>
      {sources?.length === 0 && (
        <p>
          There is no source <b>{id}</b> on this node. It may have been removed from the
          configuration.
        </p>
      )}
      {source && (
        <>
          <div class="summary">
            <IncidentList incidents={incidents} />
            <SourceList sources={sources} />
          </div>
          <div class="panels" aria-busy={past.isLoading.value}>
            <SourcePanel key={id} source={source} isAlone />
          </div>
        </>
      )}
    </div>
  );
}
