import type { JSX } from "preact";
import type { SourceStatus } from "../api.ts";
import { usePage } from "../page.ts";
import { IncidentList } from "./incident-list.tsx";
import { SourceList } from "./source-list.tsx";
import { hasPanel, SourcePanel } from "./source-panel.tsx";

/**
 * Everything at a glance: what is wrong, what is watched, and how it went over the time that is
 * looked at.
 */
export function Overview(): JSX.Element {
  const { store, past } = usePage();
  const sources = store.sources.value;
  const panels = sources?.filter(hasPanel) ?? [];
  return (
    <div class="overview">
      <div class="summary">
        <IncidentList incidents={store.incidents.value} />
        <SourceList sources={sources} />
      </div>
      <div class="panels" aria-busy={past.isLoading.value}>
        {panels.filter(({ check }) => check === null).map(toPanel)}
        <div class="probes">{panels.filter(({ check }) => check !== null).map(toPanel)}</div>
      </div>
    </div>
  );
}

function toPanel(source: SourceStatus): JSX.Element {
  return <SourcePanel key={source.id} source={source} isAlone={false} />;
}
