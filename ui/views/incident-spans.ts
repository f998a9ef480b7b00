import type { Incident } from "../api.ts";
import type { Window } from "../series.ts";

/** The times of a source's incidents; open ones last until `now`. */
export function toIncidentSpans(
  incidents: readonly Incident[],
  source: string,
  now: number,
): Window[] {
  return incidents
    .filter((incident) => incident.source === source)
    .map(({ openedAt, clearedAt }) => ({
      from: Date.parse(openedAt),
      to: clearedAt === null ? now : Date.parse(clearedAt),
    }));
}
