// Hot path: once a line. Consecutive lines mostly share their second, so that the last one is
// remembered.

/**
 * The length of `10/Oct/2000:13:55:36 -0700`: Apache's `%t` and nginx's `$time_local`, without the
 * brackets.
 */
export const logTimeBytes = 26;

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const monthByName = new Map(months.map((name, index) => [name, index]));

/** Reads the time of a line. Remembers the last one. */
export class LogTime {
  readonly #last = Buffer.alloc(logTimeBytes);
  #lastMs = Number.NaN;

  /** Milliseconds since the epoch for the 26 bytes at `at`; NaN when they are no time. */
  parse(bytes: Buffer, at: number): number {
    // From the end, because the seconds are what differs.
    let index = logTimeBytes - 1;
    while (index >= 0 && bytes[at + index] === this.#last[index]) {
      index--;
    }
    if (index < 0) {
      return this.#lastMs;
    }
    const timeMs = parseLogTime(bytes.toString("latin1", at, at + logTimeBytes));
    if (!Number.isNaN(timeMs)) {
      bytes.copy(this.#last, 0, at, at + logTimeBytes);
      this.#lastMs = timeMs;
    }
    return timeMs;
  }
}

const pattern = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d):(\d\d):(\d\d) ([+-])(\d\d)(\d\d)$/;

/** `10/Oct/2000:13:55:36 -0700` → milliseconds since the epoch; NaN when it is no time. */
export function parseLogTime(text: string): number {
  const [, day, monthName = "", year, hour, minute, second, sign, zoneHours, zoneMinutes] =
    pattern.exec(text) ?? [];
  const month = monthByName.get(monthName);
  if (month === undefined || Number(day) > 31 || Number(day) === 0) {
    return Number.NaN;
  }
  // A leap second is written as :60 and counts into the next minute.
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 60) {
    return Number.NaN;
  }
  // 31 February is no day.
  if (new Date(Date.UTC(Number(year), month, Number(day))).getUTCMonth() !== month) {
    return Number.NaN;
  }
  const zoneMs = (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60_000;
  const local = Date.UTC(
    Number(year),
    month,
    Number(day),
    Number(hour),
    Number(minute),
    Number(second),
  );
  return sign === "-" ? local + zoneMs : local - zoneMs;
}

/** The inverse of parseLogTime, in UTC. */
export function toLogTime(ms: number): string {
  const [date = "", time = ""] = new Date(ms).toISOString().split("T");
  const [year, month, day] = date.split("-");
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}
