import type { JSX } from "preact";
import { Chart } from "../chart.tsx";
import { coloursMax, quietColour } from "../colours.ts";
import { formatClock, formatRatio, formatSeconds } from "../format.ts";
import { usePage } from "../page.ts";
import { listPhases, type Span, toSpans, toUpRatio } from "../probe.ts";
import { toColumns, type Window } from "../series.ts";
import { PanelHead, type PanelProps } from "./panel-head.tsx";

/** A check: when it was up, and how long each phase took. */
export function ProbePanel({ source, spans }: PanelProps): JSX.Element {
  const { store } = usePage();
  const { now, range } = store.frame.value;
  const windows = store.windowsOf(source.id);
  const phases = listPhases(windows);
  const outcomes = toSpans(windows, source.everyMs);
  const columns = toColumns(windows, {
    everyMs: source.everyMs,
    now,
    read: phases.map((phase) => (window) => window.probe.phases.get(phase) ?? null),
  });
  const series = phases.map((phase, index) => ({
    label: phase || "duration",
    colour: toPhaseColour(phase, index),
  }));
  return (
    <section class="panel probe" aria-label={source.id}>
      <PanelHead source={source}>
        <span class="probe-ratio" title="Of the time below, as far as known">
          {formatRatio(toUpRatio(outcomes))} <span class="muted">up</span>
        </span>
      </PanelHead>
      <Chart
        title="Duration"
        series={series}
        columns={columns}
        range={range}
        spans={spans}
        topMin={0.001}
        format={formatSeconds}
        empty={windows.length === 0 ? "Waiting for the first look." : "No durations were measured."}
        strip={<Strip spans={outcomes} range={range} />}
      />
    </section>
  );
}

/** The whole is drawn in the text's colour, so that the parts keep the palette to themselves. */
function toPhaseColour(phase: string, index: number): string {
  if (phase === "total" || phase === "") {
    return "--p99";
  }
  return index < coloursMax ? `--series-${index + 1}` : quietColour;
}

/** Outcomes over time, in line with the chart below. Down is also lower, and unknown is hatched: not by colour alone. */
function Strip({
  spans,
  range: { from, to },
}: {
  readonly spans: readonly Span[];
  readonly range: Window;
}): JSX.Element {
  const shown = spans.filter((span) => span.to > from);
  const text = shown
    .map((span) => `${span.outcome} from ${formatClock(Math.max(span.from, from))}`)
    .join(", ");
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${to - from} 10`}
      preserveAspectRatio="none"
      role="img"
      aria-label={text === "" ? "No looks yet" : text}
    >
      {shown.map((span) => {
        const start = Math.max(span.from, from);
        const box = span.outcome === "up" ? { y: 0, height: 10 } : bars[span.outcome];
        return (
          <rect
            key={span.from}
            class={span.outcome}
            x={start - from}
            width={span.to - start}
            {...box}
          >
            <title>{`${span.outcome} ${formatClock(span.from)} – ${formatClock(span.to)}`}</title>
          </rect>
        );
      })}
    </svg>
  );
}

/** Less tall than what is up. */
const bars = {
  down: { y: 5, height: 5 },
  unknown: { y: 3.5, height: 3 },
};
