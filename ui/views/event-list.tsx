import type { JSX } from "preact";
import type { EventJson } from "../api.ts";
import { formatClock, formatInstant } from "../format.ts";
import type { Window } from "../series.ts";

const shownMax = 8;
const lineHeight = 10;
const lineWidth = 10_000;

/** What happened, as marks on the time line and, newest first, in words. */
export function EventList({
  events,
  range,
}: {
  readonly events: readonly EventJson[];
  readonly range: Window;
}): JSX.Element | null {
  if (events.length === 0) {
    return null;
  }
  const newest = events.toReversed();
  return (
    <section class="events" aria-label="Events">
      <svg
        class="strip"
        viewBox={`0 0 ${lineWidth} ${lineHeight}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`${events.length} events in the time that is shown`}
      >
        {events.map((event, index) => (
          <rect
            key={index}
            class={toOutcome(event.name)}
            x={toX(event, range)}
            y={0}
            width={lineWidth / 300}
            height={lineHeight}
          >
            <title>{`${formatClock(Date.parse(event.at))} ${event.text}`}</title>
          </rect>
        ))}
      </svg>
      <ol>
        {newest.slice(0, shownMax).map((event, index) => (
          <li key={index} class={toOutcome(event.name) === "down" ? "bad" : ""}>
            <time dateTime={event.at} title={formatInstant(Date.parse(event.at))}>
              {formatClock(Date.parse(event.at))}
            </time>{" "}
            {event.text}
          </li>
        ))}
      </ol>
      {newest.length > shownMax && <p class="muted">and {newest.length - shownMax} earlier ones</p>}
    </section>
  );
}

function toX({ at }: EventJson, { from, to }: Window): number {
  return ((Date.parse(at) - from) / Math.max(1, to - from)) * lineWidth;
}

function toOutcome(name: string): "up" | "down" | "unknown" {
  if (name.endsWith("_down")) {
    return "down";
  }
  return name.endsWith("_up") ? "up" : "unknown";
}
