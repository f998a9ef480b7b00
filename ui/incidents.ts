// The list of incidents: newest first, bounded, fed by a snapshot and by changes that may cross it.
import type { Incident } from "./api.ts";

/** As many as the snapshot asks for, and some that open while the page is looked at. */
export const incidentsMax = 200;

/** With `changed` in place of the incident of its id, or added. */
export function upsertIncident(list: readonly Incident[], changed: Incident): Incident[] {
  const others = list.filter(({ id }) => id !== changed.id);
  return [...others, changed].toSorted(byOpening).slice(0, incidentsMax);
}

/**
 * The snapshot, except for what the page knows to be newer: an incident that it saw cleared, and
 * those that opened after the newest of the snapshot.
 */
export function mergeIncidents(
  known: readonly Incident[],
  snapshot: readonly Incident[],
): Incident[] {
  const knownById = new Map(known.map((incident) => [incident.id, incident]));
  const newest = snapshot.toSorted(byOpening)[0];
  const merged = snapshot.map((incident) => {
    const held = knownById.get(incident.id);
    return incident.clearedAt === null && held?.clearedAt ? held : incident;
  });
  const later = known.filter(({ openedAt }) => newest !== undefined && openedAt > newest.openedAt);
  return [...later, ...merged].toSorted(byOpening).slice(0, incidentsMax);
}

/** What to tell somebody who cannot see the change; undefined when only its numbers changed. */
export function announce(list: readonly Incident[], changed: Incident): string | undefined {
  const held = list.find(({ id }) => id === changed.id);
  const subject = `${changed.rule} on ${changed.source}`;
  if (changed.clearedAt !== null) {
    return held?.clearedAt === null ? `Incident cleared: ${subject}.` : undefined;
  }
  return held === undefined ? `Incident opened: ${subject}. ${changed.summary}` : undefined;
}

export function isOpen(incident: Incident): boolean {
  return incident.clearedAt === null;
}

/** Instants in ISO 8601, all in UTC, sort as text. */
function byOpening(a: Incident, b: Incident): number {
  if (a.openedAt === b.openedAt) {
    return a.id.localeCompare(b.id);
  }
  return a.openedAt < b.openedAt ? 1 : -1;
}
