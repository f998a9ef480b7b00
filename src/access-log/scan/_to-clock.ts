import { createZoneClock, utcClock, type ZoneClock } from "../format/zone-clock.ts";

/** UTC when no zone is given. Throws RangeError for one that does not exist. */
export function toClock(zone: string | undefined): ZoneClock {
  const clock = zone === undefined ? utcClock : createZoneClock(zone);
  if (clock === undefined) {
    throw new RangeError(`there is no time zone ${zone}`);
  }
  return clock;
}
