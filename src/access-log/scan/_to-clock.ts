import { createZoneClock, utcClock, type ZoneClock } from "../format/zone-clock.ts";

/** UTC when no zone is given; `lastMs` is that of an earlier life. Throws RangeError for one that does not exist. */
export function toClock(zone: string | undefined, lastMs?: number): ZoneClock {
  const clock = zone === undefined ? utcClock : createZoneClock(zone, lastMs);
  if (clock === undefined) {
    throw new RangeError(`there is no time zone ${zone}`);
  }
  return clock;
}
