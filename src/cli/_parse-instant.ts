import { createZoneClock, utcClock } from "../access-log/format/zone-clock.ts";
import { parseDuration } from "../core/units.ts";

const plain = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const zoned = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)$/;

/**
 * `2026-10-10T13:55:36Z`; `2026-10-10` and `2026-10-10 13:55` in the time zone; `2h` is two hours
 * before `now`. In ms since the epoch; undefined when it is none of these.
 */
export function parseInstant(
  text: string,
  { now, timeZone }: { readonly now: number; readonly timeZone: string },
): number | undefined {
  const agoMs = parseDuration(text);
  if (agoMs !== undefined) {
    return now - agoMs;
  }
  if (zoned.test(text)) {
    const instant = Date.parse(text.replace(" ", "T"));
    return Number.isNaN(instant) ? undefined : instant;
  }
  const found = plain.exec(text);
  if (found === null) {
    return undefined;
  }
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found
    .slice(1)
    .map((digits) => Number(digits ?? 0));
  const wallMs = Date.UTC(year, month - 1, day, hour, minute, second);
  const isDay = new Date(wallMs).getUTCDate() === day && month >= 1 && month <= 12;
  const isReal = isDay && hour < 24 && minute < 60 && second < 61;
  return isReal ? (createZoneClock(timeZone) ?? utcClock).toInstant(wallMs) : undefined;
}
