// What was consumed and is not committed yet. Hot path: `take` looks at each sample; see bench/history.ts.
import type { Batch } from "../core/batch.ts";
import { createHead, type HeadValue } from "./_head.ts";
import type { Levels } from "./_levels.ts";
import type { Named, Origin, Series, SeriesIndex } from "./_series-index.ts";
import type { HistorySlice, SeriesKind } from "./history.ts";

/** Samples are committed at the latest after so long. */
const ageMaxMs = 15 * 60_000;
/** Or when a series has about so many points or bytes. */
const pointsMax = 240;
const sizeBytesMax = 16 * 1024;
/** Series whose rows are beside each other in the file. */
const neighbours = 32;
/** How often series are looked for whose time has come. */
const lookEveryMs = 5000;

/** Where the samples of a batch belong. */
interface Target {
  readonly origin: Origin;
  readonly seq: number;
  readonly time: number;
  readonly windowMs: number;
}

/** The end of a slice. */
interface Milestone<Place> {
  readonly slice: number;
  readonly place: Place;
}

export class Recent<Place extends string> {
  readonly #index: SeriesIndex;
  readonly #levels: Levels;
  readonly #now: () => number;
  /** In the order of their oldest samples, since a series comes in with its first one and goes with all of them. */
  readonly #dirty = new Set<Series>();
  readonly #full = new Set<Series>();
  /** The last batch of each source that was taken in this run. */
  readonly #taken = new Map<string, number>();
  #milestones: Milestone<Place>[] = [];
  #slice = 0;
  #next: Place | undefined;
  #lookedAt = -Infinity;
  #invalid = 0;
  #outOfRange = 0;

  constructor(index: SeriesIndex, levels: Levels, now: () => number) {
    this.#index = index;
    this.#levels = levels;
    this.#now = now;
  }

  /** Behind the last slice that was taken. */
  get next(): Place | undefined {
    return this.#next;
  }

  get isClean(): boolean {
    return this.#dirty.size === 0;
  }

  get invalid(): number {
    return this.#invalid;
  }

  get outOfRange(): number {
    return this.#outOfRange;
  }

  points(): number {
    return [...this.#dirty].reduce((sum, { head }) => sum + (head?.points ?? 0), 0);
  }

  take({ entries, next }: HistorySlice<Place>): void {
    this.#slice++;
    const now = this.#now();
    for (const { batch } of entries) {
      if (batch.seq > (this.#taken.get(batch.source) ?? 0)) {
        this.#taken.set(batch.source, batch.seq);
        this.#takeBatch(batch, now);
      }
    }
    this.#milestones.push({ slice: this.#slice, place: next });
    this.#next = next;
  }

  dirty(): readonly Series[] {
    return [...this.#dirty];
  }

  /** The series that have to be committed now: the full ones, and those whose oldest sample is old enough. */
  takeDue(): readonly Series[] {
    const now = this.#now();
    // The clock may have been set back.
    if (now < this.#lookedAt + lookEveryMs && now >= this.#lookedAt) {
      return [...this.#full];
    }
    this.#lookedAt = now;
    const due = [...this.#dirty].filter(
      (series) => series.dueAt <= now || series.dueAt > now + ageMaxMs || this.#full.has(series),
    );
    return due;
  }

  /** How far everything is committed once these series are; undefined when that is no further than before. */
  placeWithout(committed: readonly Series[]): Place | undefined {
    const leaving = new Set(committed);
    let oldest = Infinity;
    for (const series of this.#dirty) {
      if (!leaving.has(series)) {
        oldest = series.headSlice;
        break;
      }
    }
    return this.#milestones.findLast(({ slice }) => slice < oldest)?.place;
  }

  /** These series are committed. */
  forget(committed: readonly Series[]): void {
    for (const series of committed) {
      series.isStored = true;
      series.committedSeq = series.headSeq;
      series.head = undefined;
      this.#dirty.delete(series);
      this.#full.delete(series);
    }
    const [oldest] = this.#dirty;
    const until = oldest?.headSlice ?? Infinity;
    this.#milestones = this.#milestones.filter(({ slice }) => slice >= until);
  }

  /** Everything is committed, and the journal another one. */
  beginAnew(): void {
    this.#taken.clear();
    this.#next = undefined;
    for (const series of this.#index.all()) {
      series.committedSeq = 0;
      series.headSeq = 0;
      series.knownUntil = series.lastAt;
    }
  }

  #takeBatch(batch: Batch, now: number): void {
    const sampleTime = this.#levels.slotOf(batch, "gauge", now);
    const topTime = this.#levels.slotOf(batch, "top", now);
    const windowMs = this.#levels.windowOf(batch);
    const origin = this.#index.origin(batch);
    if (sampleTime === undefined) {
      this.#outOfRange += batch.samples.length;
    } else {
      const target = { origin, seq: batch.seq, time: sampleTime, windowMs };
      for (const sample of batch.samples) {
        this.#takeOne(target, sample, sample.kind);
      }
    }
    if (topTime === undefined) {
      this.#outOfRange += batch.tops.length;
    } else {
      const target = { origin, seq: batch.seq, time: topTime, windowMs };
      for (const top of batch.tops) {
        this.#takeOne(target, top, "top");
      }
    }
  }

  #takeOne(
    { origin, seq, time, windowMs }: Target,
    named: Named & { readonly value: HeadValue },
    kind: SeriesKind,
  ): void {
    if (typeof named.value === "number" && !Number.isFinite(named.value)) {
      this.#invalid++;
      return;
    }
    const series = this.#index.find(origin, named, kind);
    if (series === undefined || seq <= series.committedSeq || time <= series.knownUntil) {
      return;
    }
    const head = series.head ?? createHead(kind);
    if (!head.add(time, named.value)) {
      this.#invalid++;
      return;
    }
    if (series.head === undefined) {
      series.head = head;
      this.#begin(series);
    }
    series.headSeq = seq;
    series.windowMs = windowMs;
    if (time < series.firstAt) {
      series.firstAt = time;
    }
    if (time > series.lastAt) {
      series.lastAt = time;
    }
    if (head.points >= series.pointsMax || head.sizeBytes >= sizeBytesMax) {
      this.#full.add(series);
    }
  }

  /** The first time in a run, series wait for different times, so that they do not all have to be committed at once. */
  #begin(series: Series): void {
    const isFirst = series.pointsMax === 0;
    const share = isFirst ? spread(series) : 1;
    series.headSlice = this.#slice;
    series.dueAt = this.#now() + ageMaxMs * share;
    series.pointsMax = Math.ceil(pointsMax * share);
    this.#dirty.add(series);
  }
}

/** A share between a tenth and 1, evenly over the series, where neighbours in the file go together. */
function spread({ id }: Series): number {
  return 0.1 + 0.9 * ((Math.floor(id / neighbours) * 0.618_033_988_749_895) % 1);
}
