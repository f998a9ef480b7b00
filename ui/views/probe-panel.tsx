import type { JSX } from "preact";
import { toPhaseSeries } from "../line-styles.ts";
import { usePage } from "../page.ts";
import { listPhases, toSpans, toUpRatio } from "../probe.ts";
import { toColumns } from "../series.ts";
import { toIncidentSpans } from "./incident-spans.ts";
import { PanelHead, type PanelProps } from "./panel-head.tsx";
import { ProbeChart, UpRatio } from "./probe-charts.tsx";

/** A check, live. */
export function ProbePanel({ source }: PanelProps): JSX.Element {
  const { store } = usePage();
  const { now, range } = store.frame.value;
  const windows = store.windowsOf(source.id);
  const names = listPhases(windows);
  const outcomes = toSpans(windows, source.everyMs);
  const columns = toColumns(windows, {
    everyMs: source.everyMs,
    now,
    read: names.map((phase) => (window) => window.probe.phases.get(phase) ?? null),
  });
  return (
    <section class="panel probe" aria-label={source.id}>
      <PanelHead source={source}>
        <UpRatio ratio={toUpRatio(outcomes)} />
      </PanelHead>
      <ProbeChart
        phases={{ series: names.map(toPhaseSeries), columns }}
        outcomes={outcomes}
        range={range}
        spans={toIncidentSpans(store.incidents.value ?? [], source.id, now)}
        empty={windows.length === 0 ? "Waiting for the first look." : "No durations were measured."}
      />
    </section>
  );
}
