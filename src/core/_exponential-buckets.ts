import type { EncodedBuckets } from "./_bucket-bytes.ts";
import { scaleMax, scaleMin, toEstimate, toIndex } from "./_bucket-index.ts";
import {
  bucketsMax,
  BucketWindow,
  toCoarser,
  toSteps,
  type BucketRange,
  type BucketRun,
  type UsedBuckets,
} from "./_bucket-window.ts";
import type { Points } from "./_value-points.ts";

/** Counts of values by size and sign. The scale is the finest at which each sign fits into `bucketsMax` buckets. */
export class ExponentialBuckets {
  #scale = scaleMax;
  #zeroCount = 0;
  #positive = new BucketWindow();
  #negative = new BucketWindow();

  get scale(): number {
    return this.#scale;
  }

  get zeroCount(): number {
    return this.#zeroCount;
  }

  get positive(): BucketRun {
    return this.#positive.toRun();
  }

  get negative(): BucketRun {
    return this.#negative.toRun();
  }

  /** The value is finite, `times` a whole number above zero. */
  add(value: number, times: number): void {
    if (value === 0) {
      this.#zeroCount += times;
      return;
    }
    const window = value > 0 ? this.#positive : this.#negative;
    const index = toIndex(Math.abs(value)) >> (scaleMax - this.#scale);
    if (!window.add(index, times)) {
      const scale = this.#scale;
      this.#makeRoom(window, { first: index, last: index });
      window.add(index >> (scale - this.#scale), times);
    }
  }

  /** Makes room at once for values that will be added, given the least and the most of them. */
  reserve(least: number, most: number): void {
    if (most > 0) {
      this.#reserve(this.#positive, least > 0 ? least : most, most);
    }
    if (least < 0) {
      this.#reserve(this.#negative, most < 0 ? -most : -least, -least);
    }
  }

  /** Leaves the other one as it is. */
  merge(other: ExponentialBuckets): void {
    this.#zeroCount += other.#zeroCount;
    this.coarsenTo(other.#scale);
    this.#mergeWindow(this.#positive, other.#positive, other.#scale);
    this.#mergeWindow(this.#negative, other.#negative, other.#scale);
  }

  mergeEncoded({ scale, zeroCount, positive, negative }: EncodedBuckets): void {
    this.#zeroCount += zeroCount;
    this.coarsenTo(scale);
    this.#mergeRun(this.#positive, positive, scale);
    this.#mergeRun(this.#negative, negative, scale);
  }

  /** Nothing happens at a scale that is already as coarse. */
  coarsenTo(scale: number): void {
    const steps = this.#scale - scale;
    if (steps > 0) {
      this.#positive.coarsen(steps);
      this.#negative.coarsen(steps);
      this.#scale = scale;
    }
  }

  /** The finest scale, this one or coarser, at which each sign spans at most so many buckets (at least two). */
  scaleFor(spanMax: number): number {
    const steps = [this.#positive.used(), this.#negative.used()].map((range) =>
      range === undefined ? 0 : toSteps(range, spanMax),
    );
    return Math.max(scaleMin, this.#scale - Math.max(...steps));
  }

  clone(): ExponentialBuckets {
    const copy = new ExponentialBuckets();
    copy.#scale = this.#scale;
    copy.#zeroCount = this.#zeroCount;
    copy.#positive = this.#positive.clone();
    copy.#negative = this.#negative.clone();
    return copy;
  }

  /** What stands for the bucket of the observation of a rank, 1 being the lowest. */
  estimateAt(rank: number): number {
    const fromZero = rank - this.#negative.total();
    if (fromZero <= 0) {
      // The lowest is the largest in size.
      return -toEstimate(this.#negative.indexOfRank(1 - fromZero), this.#scale);
    }
    return fromZero <= this.#zeroCount
      ? 0
      : toEstimate(this.#positive.indexOfRank(fromZero - this.#zeroCount), this.#scale);
  }

  /** What stands for each bucket in use. */
  toPoints(): Points {
    const values: number[] = [];
    const counts: number[] = [];
    const push = (value: number, count: number): void => {
      if (count > 0) {
        values.push(value);
        counts.push(count);
      }
    };
    const negative = this.negative;
    for (let slot = negative.counts.length - 1; slot >= 0; slot--) {
      push(-toEstimate(negative.offset + slot, this.#scale), negative.counts[slot] ?? 0);
    }
    push(0, this.#zeroCount);
    const positive = this.positive;
    for (const [slot, count] of positive.counts.entries()) {
      push(toEstimate(positive.offset + slot, this.#scale), count);
    }
    return { values, counts };
  }

  #reserve(window: BucketWindow, least: number, most: number): void {
    const range = { first: toIndex(least), last: toIndex(most) };
    this.#makeRoom(window, toCoarser(range, scaleMax - this.#scale));
  }

  #mergeWindow(mine: BucketWindow, theirs: BucketWindow, scale: number): void {
    const used = theirs.used();
    if (used !== undefined) {
      this.#makeRoom(mine, toCoarser(used, scale - this.#scale));
      mine.addWindow(theirs, used, scale - this.#scale);
    }
  }

  #mergeRun(mine: BucketWindow, theirs: UsedBuckets, scale: number): void {
    const [first, last] = [theirs.indexes[0], theirs.indexes[theirs.length - 1]];
    if (theirs.length > 0 && first !== undefined && last !== undefined) {
      this.#makeRoom(mine, toCoarser({ first, last }, scale - this.#scale));
      mine.addAll(theirs, scale - this.#scale);
    }
  }

  /** Coarsens both signs as far as needed for the range, at the present scale, to fit into the window. */
  #makeRoom(window: BucketWindow, range: BucketRange): void {
    if (window.covers(range)) {
      return;
    }
    const used = window.used() ?? range;
    const whole = {
      first: Math.min(used.first, range.first),
      last: Math.max(used.last, range.last),
    };
    const steps = toSteps(whole, bucketsMax);
    this.coarsenTo(this.#scale - steps);
    window.cover(toCoarser(whole, steps));
  }
}
