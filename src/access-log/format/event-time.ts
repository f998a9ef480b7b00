// When a request ended: what windows of event time go by. A log is written in the order of the ends,
// also where its lines say when requests came; by their starts the slow requests would be the late
// ones, and the rate of a minute would change long after it.

import type { FieldName, NumberName } from "./fields.ts";
import type { TimeIs } from "./line-format.ts";

/**
 * The durations that, added to the time of a line, give the end of its request. None where the time
 * is the end, and where the line has no duration: then the time it has must do.
 */
export function lastingFields(
  timeIs: TimeIs,
  bound: { has(name: FieldName): boolean },
): readonly NumberName[] {
  switch (timeIs) {
    case "end":
      return [];
    case "start":
      return choose(["duration"], bound);
    case "accept":
      return bound.has("total_duration")
        ? ["total_duration"]
        : choose(["handshake_duration", "idle_duration", "duration"], bound);
  }
}

/** The sum of durations in seconds, in whole milliseconds; those that a line lacks are nothing. */
export function toLastingMs(seconds: readonly (number | undefined)[]): number {
  return seconds.reduce<number>((sum, value) => sum + Math.round((value ?? 0) * 1000), 0);
}

function choose(
  names: readonly NumberName[],
  bound: { has(name: FieldName): boolean },
): readonly NumberName[] {
  return names.filter((name) => bound.has(name));
}
