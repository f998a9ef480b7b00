import type { Observation } from "../../core/component.ts";
import type { Event } from "../../core/sample.ts";
import { type GroupTally, Tally } from "./tally.ts";

/** Lengths of time that can be looked at, in ms; the last is everything since the start. */
export const spansMs = [60_000, 300_000, 900_000, 3_600_000, Infinity] as const;

/** A stretch is shown in so many steps at most; everything since the start, in twice as many. */
export const slotsMax = 60;
const eventsMax = 50;

/** One step of a course. */
export interface Slot {
  /** In ms since the epoch. */
  readonly from: number;
  readonly tally: Tally;
}

/** What was seen within one span of time, up to the end of the newest window. */
export interface TimeSpan {
  /** In ms since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly slotMs: number;
  /** Oldest first, without holes. */
  readonly slots: readonly Slot[];
  readonly whole: Tally;
  readonly bySource: ReadonlyMap<
    string,
    GroupTally & { readonly lines: ReadonlyMap<string, number> }
  >;
}

export interface SeenEvent extends Event {
  readonly source: string;
}

/**
 * The numbers of the last minute, five minutes and so on, as windows come in. Windows are put together for some seconds
 * before they go into the longer spans: merging each into every span would cost as much as reading the log.
 */
export class LiveNumbers {
  readonly #minute: Ring;
  /** The longer ones, in their order. */
  readonly #longer: readonly Ring[];
  readonly #pieceMs: number;
  /** What is in the minute and not yet in the longer ones, by the start of its piece. */
  readonly #waiting = new Map<number, Piece>();
  #newestPiece = -Infinity;
  #events: readonly SeenEvent[] = [];
  readonly #ends = new Map<string, number>();
  #from = Infinity;
  #to = 0;

  constructor(everyMs: number) {
    const [minuteMs, ...longerMs] = spansMs;
    this.#minute = new Ring(minuteMs, everyMs);
    this.#pieceMs = toSlotMs(longerMs[0], everyMs);
    this.#longer = longerMs.map((spanMs) => new Ring(spanMs, this.#pieceMs));
  }

  /** Start of the first window and end of the newest, in ms since the epoch; undefined before the first. */
  get range(): { readonly from: number; readonly to: number } | undefined {
    return this.#to === 0 ? undefined : { from: this.#from, to: this.#to };
  }

  /** Of the source's newest window, in ms since the epoch; 0 before the first. */
  endOf(source: string): number {
    return this.#ends.get(source) ?? 0;
  }

  /** Newest first. */
  get events(): readonly SeenEvent[] {
    return this.#events;
  }

  add(source: string, observation: Observation): void {
    this.#from = Math.min(this.#from, observation.from);
    this.#to = Math.max(this.#to, observation.to);
    this.#ends.set(source, Math.max(this.endOf(source), observation.to));
    const tally = new Tally();
    tally.add(observation);
    this.#addToPiece(source, observation, tally);
    this.#minute.add(source, observation, tally, true);
    const events = (observation.events ?? []).map((event) => ({ ...event, source }));
    if (events.length > 0) {
      this.#events = [...events.toReversed(), ...this.#events].slice(0, eventsMax);
    }
  }

  /** `at`: its place in `spansMs`. */
  span(at: number): TimeSpan | undefined {
    const { range } = this;
    if (range === undefined) {
      return undefined;
    }
    if (at === 0) {
      return this.#minute.toSpan(range);
    }
    this.#settle();
    return this.#longer[at - 1]?.toSpan(range);
  }

  #addToPiece(source: string, { from, to }: Observation, tally: Tally): void {
    const start = Math.floor(from / this.#pieceMs) * this.#pieceMs;
    // Of logs that are read at different times, several pieces grow at once.
    if (start > this.#newestPiece || this.#waiting.size > piecesMax) {
      this.#newestPiece = Math.max(this.#newestPiece, start);
      this.#settle();
    }
    const piece = this.#waiting.get(start) ?? { bySource: new Map(), to };
    piece.to = Math.max(piece.to, to);
    this.#waiting.set(start, piece);
    tallyOf(piece.bySource, source).merge(tally);
  }

  #settle(): void {
    for (const [from, { to, bySource }] of this.#waiting) {
      for (const [source, tally] of bySource) {
        this.#longer.forEach((ring) => ring.add(source, { from, to }, tally));
      }
    }
    this.#waiting.clear();
  }
}

const piecesMax = 8;

interface RingSlot {
  readonly bySource: Map<string, Tally>;
}

interface Piece extends RingSlot {
  /** The end of the last window in it. */
  to: number;
}

const nothing: RingSlot = { bySource: new Map() };

/** The slots of one span. Of an endless one they become twice as long whenever there are too many. */
class Ring {
  readonly #spanMs: number;
  readonly #slots = new Map<number, RingSlot>();
  #slotMs: number;
  #newest = -Infinity;

  /** What is added has no boundaries but those of `everyMs`. */
  constructor(spanMs: number, everyMs: number) {
    this.#spanMs = spanMs;
    this.#slotMs = toSlotMs(spanMs, everyMs);
  }

  /** `isGiven`: the tally is the ring's from now on, so that it need not be copied. */
  add(
    source: string,
    { from, to }: Pick<Observation, "from" | "to">,
    tally: Tally,
    isGiven = false,
  ): void {
    const start = this.#startOf(from);
    if (start <= this.#oldestKept()) {
      return;
    }
    const { bySource } = slotOf(this.#slots, start);
    if (isGiven && !bySource.has(source)) {
      bySource.set(source, tally);
    } else {
      tallyOf(bySource, source).merge(tally);
    }
    // A long silent window ends far behind its start.
    const newest = Math.max(this.#newest, this.#startOf(to - 1));
    if (newest > this.#newest) {
      this.#newest = newest;
      this.#limit();
    }
  }

  toSpan({ from, to }: { readonly from: number; readonly to: number }): TimeSpan {
    const whole = new Tally();
    const ids = new Set(this.#slots.values().flatMap(({ bySource }) => bySource.keys()));
    const sources = new Map(Array.from(ids, (id) => [id, ids.size === 1 ? whole : new Tally()]));
    const first = Math.max(this.#startOf(from), this.#oldestKept() + this.#slotMs);
    const slots: Slot[] = [];
    for (let start = first; start <= this.#newest; start += this.#slotMs) {
      const { bySource } = this.#slots.get(start) ?? nothing;
      if (ids.size > 1) {
        bySource.forEach((tally, id) => sources.get(id)?.merge(tally));
      }
      const tally = mergeTallies([...bySource.values()], start < this.#newest);
      whole.merge(tally);
      slots.push({ from: start, tally });
    }
    const bySource = new Map(
      Array.from(sources, ([id, tally]) => [id, { ...tally.total(), lines: tally.lines }]),
    );
    return { from: Math.max(from, first), to, slotMs: this.#slotMs, slots, whole, bySource };
  }

  #limit(): void {
    if (this.#spanMs !== Infinity) {
      for (const start of this.#slots.keys()) {
        if (start <= this.#oldestKept()) {
          this.#slots.delete(start);
        }
      }
      return;
    }
    let oldest = this.#slots.keys().reduce((least, start) => Math.min(least, start), Infinity);
    while ((this.#newest - oldest) / this.#slotMs >= 2 * slotsMax) {
      this.#double();
      oldest = this.#startOf(oldest);
    }
  }

  #double(): void {
    const before = [...this.#slots];
    this.#slotMs *= 2;
    this.#newest = this.#startOf(this.#newest);
    this.#slots.clear();
    for (const [start, { bySource }] of before) {
      for (const [source, tally] of bySource) {
        tallyOf(slotOf(this.#slots, this.#startOf(start)).bySource, source).merge(tally);
      }
    }
  }

  /** Slots that start then or before are of no span any more. */
  #oldestKept(): number {
    return this.#newest - this.#spanMs;
  }

  #startOf(ms: number): number {
    return Math.floor(ms / this.#slotMs) * this.#slotMs;
  }
}

function toSlotMs(spanMs: number, everyMs: number): number {
  const ideal = spanMs === Infinity ? everyMs : spanMs / slotsMax;
  return Math.max(1, Math.ceil(ideal / everyMs)) * everyMs;
}

function slotOf(slots: Map<number, RingSlot>, start: number): RingSlot {
  const slot = slots.get(start) ?? { bySource: new Map() };
  slots.set(start, slot);
  return slot;
}

function tallyOf(bySource: Map<string, Tally>, source: string): Tally {
  const tally = bySource.get(source) ?? new Tally();
  bySource.set(source, tally);
  return tally;
}

/** `isSettled`: nobody adds to them any more, so that an only one need not be copied. */
function mergeTallies(tallies: readonly Tally[], isSettled: boolean): Tally {
  const [only] = tallies;
  if (only !== undefined && tallies.length === 1 && isSettled) {
    return only;
  }
  const merged = new Tally();
  tallies.forEach((tally) => merged.merge(tally));
  return merged;
}
