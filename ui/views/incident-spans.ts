import type { Incident } from "../api.ts";
import type { Window } from "../series.ts";

/** The time of an incident, to be shaded in the charts of its metric. */
export interface IncidentSpan extends Window {
  readonly metric: string;
}

/** The times of a source's incidents; open ones last until `now`. */
export function toIncidentSpans(
  incidents: readonly Incident[],
  source: string,
  now: number,
): IncidentSpan[] {
  return incidents
    .filter((incident) => incident.source === source)
    .map(({ metric, openedAt, clearedAt }) => ({
      metric,
      from: Date.parse(openedAt),
      to: clearedAt === null ? now : Date.parse(clearedAt),
    }));
}

/**
 * Metrics that have charts of their own. Which of the requests a rule counts is not known, so both
 * charts of them.
 */
const charted: ReadonlySet<string> = new Set([
  "http_requests_total",
  "http_request_duration_seconds",
]);

/**
 * What to shade in the chart of `metric`: its own incidents, and those of metrics that have no
 * chart.
 */
export function spansFor(spans: readonly IncidentSpan[], metric: string): IncidentSpan[] {
  return spans.filter((span) => span.metric === metric || !charted.has(span.metric));
}
