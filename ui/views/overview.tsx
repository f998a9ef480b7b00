import type { JSX } from "preact";
import type { SourceStatus } from "../api.ts";
import { usePage } from "../page.ts";
import { IncidentList } from "./incident-list.tsx";
import { toIncidentSpans } from "./incident-spans.ts";
import { SourceList } from "./source-list.tsx";
import { hasPanel, SourcePanel } from "./source-panel.tsx";

/** Everything at a glance: what is wrong, what is watched, and the last 15 minutes of it. */
export function Overview(): JSX.Element {
  const { store } = usePage();
  const { now } = store.frame.value;
  const incidents = store.incidents.value;
  const sources = store.sources.value;
  const panels = sources?.filter(hasPanel) ?? [];
  const panel = (source: SourceStatus): JSX.Element => (
    <SourcePanel
      key={source.id}
      source={source}
      spans={toIncidentSpans(incidents ?? [], source.id, now)}
    />
  );
  return (
    <div class="overview">
      <div class="summary">
        <IncidentList incidents={incidents} />
        <SourceList sources={sources} />
      </div>
      <div class="panels">
        {panels.filter(({ check }) => check === null).map(panel)}
        <div class="probes">{panels.filter(({ check }) => check !== null).map(panel)}</div>
      </div>
    </div>
  );
}
