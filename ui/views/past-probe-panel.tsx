import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { Answers } from "../answers.ts";
import { usePage } from "../page.ts";
import { toPastProbe } from "../past-probe.ts";
import { toIncidentSpans } from "./incident-spans.ts";
import { PanelHead, type PanelProps } from "./panel-head.tsx";
import { ProbeChart, UpRatio } from "./probe-charts.tsx";

/** A check over a range. */
export function PastProbePanel({
  source,
  answers,
}: PanelProps & { readonly answers: Answers }): JSX.Element {
  const { store } = usePage();
  const { id, everyMs } = source;
  const { range } = answers.view;
  const probe = useMemo(() => toPastProbe(answers, { id, everyMs }), [answers, id, everyMs]);
  return (
    <section class="panel probe" aria-label={id}>
      <PanelHead source={source}>
        <UpRatio ratio={probe.upRatio} />
      </PanelHead>
      <ProbeChart
        phases={probe.phases}
        outcomes={probe.outcomes}
        range={range}
        spans={toIncidentSpans(store.incidents.value ?? [], id, range.to)}
        empty="No durations were measured in this time."
      />
    </section>
  );
}
