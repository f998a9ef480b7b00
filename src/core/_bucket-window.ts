// Hot path (`add`, `addAll`): one access to a typed array for each bucket.

/** The buckets of one sign never span more; beyond it the scale falls, and with it the precision. */
export const bucketsMax = 2048;

/** The two buckets left at the coarsest scale. */
const bucketsMin = 2;

/** Room that is allocated beyond what is needed, so that a window seldom grows: one octave. */
const slack = 64;

/** Consecutive buckets as OTLP has them: `counts[i]` belongs to the bucket `offset + i`. */
export interface BucketRun {
  readonly offset: number;
  readonly counts: readonly number[];
}

/** The first `length` of each array: buckets of one sign in rising order, none of them empty. */
export interface UsedBuckets {
  readonly indexes: Int32Array;
  readonly counts: Float64Array;
  readonly length: number;
}

/** Indexes of buckets, both ends included. */
export interface BucketRange {
  readonly first: number;
  readonly last: number;
}

/** The buckets of one sign: a dense window around the indexes in use, so that counting is one array access. */
export class BucketWindow {
  #offset = 0;
  #counts = new Float64Array(0);

  /** False when the index lies outside of the window: the caller has to `cover` it first. */
  add(index: number, times: number): boolean {
    const slot = index - this.#offset;
    if (slot < 0 || slot >= this.#counts.length) {
      return false;
    }
    this.#counts[slot] = (this.#counts[slot] ?? 0) + times;
    return true;
  }

  /** Buckets that are finer by so many steps, all of which are covered. */
  addAll({ indexes, counts, length }: UsedBuckets, steps: number): void {
    const own = this.#counts;
    const offset = this.#offset;
    for (let at = 0; at < length; at++) {
      const slot = ((indexes[at] ?? 0) >> steps) - offset;
      own[slot] = (own[slot] ?? 0) + (counts[at] ?? 0);
    }
  }

  /** Likewise, of another window, within a range of its indexes. */
  addWindow(other: BucketWindow, { first, last }: BucketRange, steps: number): void {
    const [own, theirs] = [this.#counts, other.#counts];
    const offset = this.#offset;
    for (let index = first; index <= last; index++) {
      const slot = (index >> steps) - offset;
      own[slot] = (own[slot] ?? 0) + (theirs[index - other.#offset] ?? 0);
    }
  }

  /** From the first to the last bucket that counts something; undefined when none does. */
  used(): BucketRange | undefined {
    const counts = this.#counts;
    let [from, until] = [0, counts.length];
    while (from < until && counts[from] === 0) {
      from++;
    }
    while (until > from && counts[until - 1] === 0) {
      until--;
    }
    return from === until
      ? undefined
      : { first: this.#offset + from, last: this.#offset + until - 1 };
  }

  total(): number {
    let total = 0;
    for (let slot = 0; slot < this.#counts.length; slot++) {
      total += this.#counts[slot] ?? 0;
    }
    return total;
  }

  /** The bucket of the observation of a rank, 1 being the first; the last bucket when there are fewer. */
  indexOfRank(rank: number): number {
    const counts = this.#counts;
    let rest = rank;
    let slot = 0;
    let found = 0;
    for (; slot < counts.length && rest > 0; slot++) {
      const count = counts[slot] ?? 0;
      if (count > 0) {
        rest -= count;
        found = slot;
      }
    }
    return this.#offset + found;
  }

  covers({ first, last }: BucketRange): boolean {
    return first >= this.#offset && last < this.#offset + this.#counts.length;
  }

  /** Makes room for a range, which includes the one in use. */
  cover(range: BucketRange): void {
    if (this.covers(range)) {
      return;
    }
    const { first, last } = range;
    const counts = new Float64Array(Math.min(last - first + 1 + slack, bucketsMax));
    const offset = first - ((counts.length - (last - first + 1)) >> 1);
    const used = this.used();
    if (used !== undefined) {
      const kept = this.#counts.subarray(used.first - this.#offset, used.last - this.#offset + 1);
      counts.set(kept, used.first - offset);
    }
    this.#counts = counts;
    this.#offset = offset;
  }

  /** Merges 2^steps neighbours each: bucket i becomes part of bucket i >> steps. */
  coarsen(steps: number): void {
    const used = this.used();
    const coarse = new BucketWindow();
    if (used !== undefined) {
      coarse.cover(toCoarser(used, steps));
      coarse.addWindow(this, used, steps);
    }
    this.#counts = coarse.#counts;
    this.#offset = coarse.#offset;
  }

  clone(): BucketWindow {
    const copy = new BucketWindow();
    copy.#counts = this.#counts.slice();
    copy.#offset = this.#offset;
    return copy;
  }

  toRun(): BucketRun {
    const used = this.used();
    if (used === undefined) {
      return { offset: 0, counts: [] };
    }
    // Array.from takes ten times as long.
    const counts: number[] = [];
    for (let index = used.first; index <= used.last; index++) {
      counts.push(this.#counts[index - this.#offset] ?? 0);
    }
    return { offset: used.first, counts };
  }
}

/** How often the scale has to fall by one until the range spans at most so many buckets. */
export function toSteps({ first, last }: BucketRange, spanMax: number): number {
  let steps = 0;
  while ((last >> steps) - (first >> steps) >= Math.max(spanMax, bucketsMin)) {
    steps++;
  }
  return steps;
}

export function toCoarser({ first, last }: BucketRange, steps: number): BucketRange {
  return { first: first >> steps, last: last >> steps };
}
