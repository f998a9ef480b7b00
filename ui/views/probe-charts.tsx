import type { JSX } from "preact";
import { Chart } from "../chart.tsx";
import { formatRatio, formatSeconds } from "../format.ts";
import type { ChartData } from "../plot.ts";
import type { Span } from "../probe.ts";
import type { Window } from "../series.ts";
import type { IncidentSpan } from "./incident-spans.ts";
import { OutcomeStrip } from "./outcome-strip.tsx";

export interface ProbeChartProps {
  readonly phases: ChartData;
  readonly outcomes: readonly Span[];
  readonly range: Window;
  readonly spans: readonly IncidentSpan[];
  readonly empty: string;
}

/** When a check was up, and how long each phase took. */
export function ProbeChart({
  phases,
  outcomes,
  range,
  spans,
  empty,
}: ProbeChartProps): JSX.Element {
  return (
    <Chart
      title="Duration"
      {...phases}
      range={range}
      spans={spans}
      topMin={0.001}
      format={formatSeconds}
      empty={empty}
      strip={<OutcomeStrip spans={outcomes} range={range} />}
    />
  );
}

/** How much of the time it was up. */
export function UpRatio({ ratio }: { readonly ratio: number | null }): JSX.Element {
  return (
    <span class="probe-ratio" title="Of the time below, as far as known">
      {formatRatio(ratio)} <span class="muted">up</span>
    </span>
  );
}
