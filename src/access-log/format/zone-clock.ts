/**
 * What the wall clocks of one place mean. It remembers when the last line was written, which tells
 * the two hours of an autumn night apart: give one log its own, and its lines in their order.
 */
export interface ZoneClock {
  /**
   * `wallMs`: what Date.UTC says of the wall clock's digits. `lastingMs`: how long after it the line
   * was written, for logs that say when requests came. Returns the instant, in milliseconds.
   */
  toInstant(wallMs: number, lastingMs?: number): number;
  /** The last wall time happens twice: only the lines before it say which one it is. */
  readonly isAmbiguous: boolean;
  /** When the last line was written: what has to survive with the place in a log. */
  readonly lastMs: number | undefined;
  /** No line so far was written later than this. */
  passTime(nowMs: number): void;
}

/** Clocks without summer time need no memory. */
export const utcClock: ZoneClock = {
  toInstant: (wallMs) => wallMs,
  isAmbiguous: false,
  lastMs: undefined,
  passTime: () => undefined,
};

/** Offsets change at most this often. */
const blockMs = 15 * 60_000;
const blocksMax = 1_000;
const dayMs = 86_400_000;
/** Lines this much out of order are no reason to believe that the repeated hour has begun. */
const disorderMsMax = 5 * 60_000;
/** A host's clocks may differ by so much. */
const skewMsMax = 60_000;

/**
 * The clock of an IANA zone (`Europe/Berlin`), or undefined when there is no such zone. `lastMs` is
 * that of an earlier life.
 *
 * Of a wall time that happens twice, the first is meant unless that would go back behind the line
 * before it by more than a few minutes. So a log goes on through the repeated hour; only after a
 * pause of nearly an hour can the first be the wrong one. One that the clock has not reached yet is
 * not meant. A wall time that does not happen (a spring night) is read with the offset from before
 * the change.
 */
export function createZoneClock(zone: string, lastMs?: number): ZoneClock | undefined {
  const offsetAt = createOffsets(zone);
  return offsetAt === undefined ? undefined : new PlaceClock(offsetAt, lastMs);
}

class PlaceClock implements ZoneClock {
  isAmbiguous = false;
  lastMs: number | undefined;
  #nowMs = Infinity;
  readonly #offsetAt: (ms: number) => number;

  constructor(offsetAt: (ms: number) => number, lastMs: number | undefined) {
    this.#offsetAt = offsetAt;
    this.lastMs = lastMs;
  }

  passTime(nowMs: number): void {
    this.#nowMs = nowMs;
  }

  toInstant(wallMs: number, lastingMs = 0): number {
    const [first, second] = candidatesFor(wallMs, this.#offsetAt);
    this.isAmbiguous = first !== second;
    const isSecond = this.#isBehind(first + lastingMs) && this.#hasCome(second + lastingMs);
    const instant = isSecond ? second : first;
    this.#remember(instant + lastingMs);
    return instant;
  }

  /** So far behind the line before it that it can hardly have been written after it. */
  #isBehind(writtenMs: number): boolean {
    return this.lastMs !== undefined && writtenMs < this.lastMs - disorderMsMax;
  }

  #hasCome(writtenMs: number): boolean {
    return writtenMs <= this.#nowMs + skewMsMax;
  }

  /** A line that is out of order does not turn the clock back; a wrong time is forgotten. */
  #remember(writtenMs: number): void {
    const isWrong = !this.isAmbiguous && this.#isBehind(writtenMs);
    if (this.lastMs === undefined || writtenMs > this.lastMs || isWrong) {
      this.lastMs = writtenMs;
    }
  }
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
