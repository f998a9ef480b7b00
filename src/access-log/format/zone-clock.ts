/**
 * What the wall clocks of one place mean. It remembers the last answer, which tells the two hours
 * of an autumn night apart: give one log its own, and its lines in their order.
 */
export interface ZoneClock {
  /** `wallMs`: what Date.UTC says of the wall clock's digits. Returns the instant, in milliseconds. */
  toInstant(wallMs: number): number;
}

/** Clocks without summer time need no memory. */
export const utcClock: ZoneClock = { toInstant: (wallMs) => wallMs };

/** Offsets change at most this often. */
const blockMs = 15 * 60_000;
const blocksMax = 1_000;
const dayMs = 86_400_000;

/**
 * The clock of an IANA zone (`Europe/Berlin`), or undefined when there is no such zone.
 *
 * A wall time that happens twice is taken as the one that is nearer to the last answer, the earlier
 * one first: so a log goes on without a jump through the repeated hour, even when neighbouring lines
 * are out of order. Only after a pause of more than half an hour can it be the wrong one. A wall
 * time that does not happen (a spring night) is read with the offset from before the change.
 */
export function createZoneClock(zone: string): ZoneClock | undefined {
  const offsetAt = createOffsets(zone);
  if (offsetAt === undefined) {
    return undefined;
  }
  let lastMs: number | undefined;
  return {
    toInstant(wallMs) {
      const [first, second] = candidatesFor(wallMs, offsetAt);
      lastMs = lastMs === undefined ? first : nearer(first, second, lastMs);
      return lastMs;
    },
  };
}

/** The one or two instants at which the zone's clocks show `wallMs`, the earlier first. */
function candidatesFor(wallMs: number, offsetAt: (ms: number) => number): [number, number] {
  const before = wallMs - offsetAt(wallMs - dayMs);
  const behind = wallMs - offsetAt(wallMs + dayMs);
  const shown = [Math.min(before, behind), Math.max(before, behind)].filter(
    (ms) => ms + offsetAt(ms) === wallMs,
  );
  const first = shown[0] ?? before;
  return [first, shown[1] ?? first];
}

function nearer(first: number, second: number, toMs: number): number {
  return Math.abs(second - toMs) < Math.abs(first - toMs) ? second : first;
}

/** Milliseconds that the zone is ahead of UTC at an instant. */
function createOffsets(zone: string): ((ms: number) => number) | undefined {
  const format = createFormat(zone);
  if (format === undefined) {
    return undefined;
  }
  const offsetByBlock = new Map<number, number>();
  return (ms) => {
    const block = Math.floor(ms / blockMs);
    let offset = offsetByBlock.get(block);
    if (offset === undefined) {
      if (offsetByBlock.size >= blocksMax) {
        offsetByBlock.clear();
      }
      offset = wallAt(format, block * blockMs) - block * blockMs;
      offsetByBlock.set(block, offset);
    }
    return offset;
  };
}

function createFormat(zone: string): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      calendar: "iso8601",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
}

function wallAt(format: Intl.DateTimeFormat, ms: number): number {
  const part = new Map(format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
  const of = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? 0;
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
}
