import type { JSX } from "preact";
import { formatAt } from "../format.ts";
import type { Span } from "../probe.ts";
import type { Window } from "../series.ts";

const stripHeight = 10;
/** In units of its own: browsers do not draw beyond 33 million, which milliseconds are in 10 hours. */
const stripWidth = 10_000;

/**
 * Outcomes over time, in line with the chart below. What is down is also lower, and unknown is
 * thin: not by colour alone.
 */
export function OutcomeStrip({
  spans,
  range,
}: {
  readonly spans: readonly Span[];
  readonly range: Window;
}): JSX.Element {
  const { from, to } = range;
  const shown = spans.filter((span) => span.to > from && span.from < to);
  const text = shown
    .filter(({ outcome }) => outcome !== "up")
    .slice(0, describedMax)
    .map((span) => `${span.outcome} from ${formatAt(Math.max(span.from, from), range)}`)
    .join(", ");
  return (
    <svg
      class="strip"
      viewBox={`0 0 ${stripWidth} ${stripHeight}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={shown.length === 0 ? "No looks yet" : text || "Up all the time"}
    >
      {shown.map((span) => (
        <OutcomeBar key={span.from} span={span} range={range} />
      ))}
    </svg>
  );
}

/** More would be read out for minutes. */
const describedMax = 20;

/** A single day of a year has to be seen. */
const barMin = stripWidth / 250;

function OutcomeBar({ span, range }: { readonly span: Span; readonly range: Window }): JSX.Element {
  const start = Math.max(span.from, range.from);
  const scale = stripWidth / (range.to - range.from);
  const width = Math.max(barMin, (Math.min(span.to, range.to) - start) * scale);
  const box = { x: Math.min((start - range.from) * scale, stripWidth - width), width };
  const title = (
    <title>{`${toWords(span)} ${formatAt(span.from, range)} – ${formatAt(span.to, range)}`}</title>
  );
  const { outcome, upRatio = 0 } = span;
  if (outcome === "down" && upRatio > 0) {
    // Both, in proportion; however little was down can be seen.
    const downHeight = Math.max(3, stripHeight * (1 - upRatio));
    return (
      <g>
        {title}
        <rect class="up" {...box} y={0} height={stripHeight - downHeight} />
        <rect class="down" {...box} y={stripHeight - downHeight} height={downHeight} />
      </g>
    );
  }
  return (
    <rect class={outcome} {...box} {...bars[outcome]}>
      {title}
    </rect>
  );
}

function toWords({ outcome, upRatio = 0 }: Span): string {
  return outcome === "down" && upRatio > 0 ? "down in part" : outcome;
}

const bars = {
  up: { y: 0, height: stripHeight },
  down: { y: 5, height: 5 },
  unknown: { y: 3.5, height: 3 },
};
