// Hot path (`add`): 30 to 60 million observations a second in buckets, see bench/sketches.ts.
// A query merges hundreds of thousands of them from their bytes (`mergeBytes`), in one to three microseconds each.
import { writeBuckets } from "./_bucket-bytes.ts";
import type { BucketRun } from "./_bucket-window.ts";
import {
  bucketsForm,
  type EncodedDistribution,
  readDistribution,
  sumOf,
  valuesForm,
  valuesMaxLargest,
} from "./_encoded-distribution.ts";
import { ExactSum } from "./_exact-sum.ts";
import { ExponentialBuckets } from "./_exponential-buckets.ts";
import { type Points, writePoints } from "./_value-points.ts";
import { ByteWriter } from "./bytes.ts";

/** How many different values are kept exactly unless something else is said. */
export const valuesMaxDefault = 64;

/** The most that can be asked for: enough for durations that are logged in whole milliseconds. */
export const valuesMaxCoarse = valuesMaxLargest;

export interface DistributionOptions {
  /**
   * Up to so many different values are kept as they are; one more, and all move into buckets. `valuesMaxCoarse` suits
   * a source of coarse resolution, whose percentiles then are exact. Default `valuesMaxDefault`.
   */
  readonly valuesMax?: number;
}

/** What is known of a distribution without looking at how it is spread. */
export interface DistributionTotals {
  readonly count: number;
  readonly sum: number;
  /** Infinity while empty. */
  readonly min: number;
  /** -Infinity while empty. */
  readonly max: number;
}

/**
 * How a set of observations is spread: mergeable, with quantiles. Values in base units (seconds, bytes).
 *
 * Exact while it holds few different values (`isExact`); then a base-2 exponential histogram in OpenTelemetry's layout,
 * where bucket i at scale s holds 2^(i/2^s) < value <= 2^((i+1)/2^s), and likewise for the sizes of negative values.
 * The scale is 6, a quantile at most 0.54 % from an observation of its rank, unless the observations of one sign span
 * more than 32 octaves (a nanosecond to four seconds); it then is the finest at which they fit into 2048 buckets.
 *
 * Count, minimum and maximum are exact. So is the sum: the total of the doubles that were added, rounded once, when it
 * is read. Whole numbers therefore add up without error to 2^53; and values above zero that are multiples of a decimal
 * unit (0.001) add up to within 2^-52 of the decimal total's size, so that rounding to the unit gives that total.
 * Merging in any order and grouping gives what counting at once would, the last bit of the sum included.
 * Counts are whole numbers up to 2^53 - 1 in all.
 */
export class Distribution {
  #valuesMax: number;
  /** Undefined once in buckets. */
  #values: Map<number, number> | undefined = new Map();
  #buckets = new ExponentialBuckets();
  #sum = new ExactSum();
  #count = 0;
  #min = Infinity;
  #max = -Infinity;
  /** What quantiles are read from; undefined after a change. */
  #points: Points | undefined;

  /** Throws RangeError unless `valuesMax` is from 0 to `valuesMaxCoarse`. */
  constructor({ valuesMax = valuesMaxDefault }: DistributionOptions = {}) {
    if (!(valuesMax >= 0 && valuesMax <= valuesMaxCoarse)) {
      throw new RangeError(`valuesMax is ${valuesMax}; give a number from 0 to ${valuesMaxCoarse}`);
    }
    this.#valuesMax = valuesMax;
  }

  get count(): number {
    return this.#count;
  }

  /** At most ±Number.MAX_VALUE. */
  get sum(): number {
    return this.#sum.value;
  }

  /** Infinity while empty. */
  get min(): number {
    return this.#min;
  }

  /** -Infinity while empty. */
  get max(): number {
    return this.#max;
  }

  /** Whether every observation is still known, so that quantiles are exact. */
  get isExact(): boolean {
    return this.#values !== undefined;
  }

  /** Of the buckets below, also while exact. */
  get scale(): number {
    return this.#toBuckets().scale;
  }

  /** How many observations were zero. */
  get zeroCount(): number {
    return this.#toBuckets().zeroCount;
  }

  get positive(): BucketRun {
    return this.#toBuckets().positive;
  }

  /** Of the sizes of the values below zero. */
  get negative(): BucketRun {
    return this.#toBuckets().negative;
  }

  /**
   * Counts a value, or the same value several times. Returns false, and changes nothing, when the value is not finite
   * or `times` is not a whole number above zero.
   */
  add(value: number, times = 1): boolean {
    if (!(Math.abs(value) <= Number.MAX_VALUE) || !(times === 1 || isCount(times))) {
      return false;
    }
    this.#points = undefined;
    this.#count += times;
    if (times === 1) {
      this.#sum.add(value);
    } else {
      this.#sum.addTimes(value, times);
    }
    // Zero is added to make zero of -0.
    if (value < this.#min) {
      this.#min = value + 0;
    }
    if (value > this.#max) {
      this.#max = value + 0;
    }
    if (this.#values === undefined) {
      this.#buckets.add(value, times);
    } else {
      this.#addValue(this.#values, value, times);
    }
    return true;
  }

  /**
   * Adds all observations of the other one, which stays as it is. The smaller `valuesMax` of two that are not empty
   * becomes that of the result.
   */
  merge(other: Distribution): void {
    if (other.#count === 0) {
      return;
    }
    const isFirst = this.#count === 0;
    this.#valuesMax = isFirst ? other.#valuesMax : Math.min(this.#valuesMax, other.#valuesMax);
    this.#points = undefined;
    this.#count += other.#count;
    this.#sum.merge(other.#sum);
    this.#min = Math.min(this.#min, other.#min);
    this.#max = Math.max(this.#max, other.#max);
    if (other.#values === undefined) {
      this.#leaveValues();
      this.#buckets.merge(other.#buckets);
    } else {
      this.#mergeValues(other.#values);
    }
  }

  clone(): Distribution {
    const copy = new Distribution({ valuesMax: this.#valuesMax });
    copy.#values = this.#values && new Map(this.#values);
    copy.#buckets = this.#buckets.clone();
    copy.#sum = this.#sum.clone();
    copy.#count = this.#count;
    copy.#min = this.#min;
    copy.#max = this.#max;
    return copy;
  }

  /**
   * A copy whose buckets span at most so many for each sign, two being the least that is possible: for outputs and
   * stores with a limit. Count, sum, minimum and maximum stay; it is exact if this one is and already fits.
   */
  downscale(bucketsMax: number): Distribution {
    const copy = this.clone();
    const buckets = copy.#toBuckets();
    const scale = buckets.scaleFor(bucketsMax);
    if (scale < buckets.scale) {
      copy.#leaveValues();
      copy.#buckets.coarsenTo(scale);
    }
    return copy;
  }

  /**
   * The value at a share of the observations from 0 to 1, NaN while empty. By default the one of the nearest rank:
   * the smallest of which at least q · count are no larger. `interpolate` draws a line between the two ranks around
   * q · (count - 1), as numpy's "linear" does, as long as every observation is known.
   * In buckets it is at most 0.54 % (at scale 6) from the observation, and exact for the first and the last rank.
   */
  quantile(q: number, options: { readonly interpolate?: boolean } = {}): number {
    if (this.#count === 0 || Number.isNaN(q)) {
      return Number.NaN;
    }
    const share = Math.min(Math.max(q, 0), 1);
    if (options.interpolate === true && this.isExact) {
      return this.#interpolate(share * (this.#count - 1));
    }
    // A decimal share is rarely a double: 0.07 · 100 is a little above 7, and has to be rank 7.
    const rank = Math.ceil(share * this.#count * (1 - Number.EPSILON));
    return this.#atRank(Math.max(1, rank));
  }

  /**
   * How many observations are at most each bound (bounds in rising order), for a classic histogram. Exact for any
   * bounds while `isExact`; in buckets of scale 0 and finer exact for 0 and the powers of two, since these are upper
   * bounds of buckets. Elsewhere a bucket counts as a whole, where `quantile` reports it.
   */
  cumulative(bounds: readonly number[]): number[] {
    const { values, counts } = this.#toPoints();
    let slot = 0;
    let total = 0;
    return bounds.map((bound) => {
      while (slot < values.length && (values[slot] ?? Infinity) <= bound) {
        total += counts[slot++] ?? 0;
      }
      return total;
    });
  }

  /** Equal distributions give equal bytes. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    out.byte(this.isExact ? valuesForm : bucketsForm);
    out.varint(this.#valuesMax);
    if (this.isExact) {
      writePoints(out, this.#toPoints());
    } else {
      out.float64(this.#min);
      out.float64(this.#max);
      this.#sum.write(out);
      writeBuckets(out, this.#buckets);
    }
    return out.finish();
  }

  /** Throws Corrupt for what `toBytes` cannot have written. Time and memory are bounded by the number of bytes. */
  static fromBytes(bytes: Uint8Array): Distribution {
    const encoded = readDistribution(bytes);
    const distribution = new Distribution({ valuesMax: encoded.valuesMax });
    distribution.#mergeEncoded(encoded);
    return distribution;
  }

  /** What `fromBytes` would know, at a fraction of the cost. Throws Corrupt likewise. */
  static totalsOf(bytes: Uint8Array): DistributionTotals {
    const encoded = readDistribution(bytes);
    return { count: encoded.count, sum: sumOf(encoded), min: encoded.min, max: encoded.max };
  }

  /** As `merge` with what `fromBytes` gives, without making it. Throws Corrupt likewise, and then changes nothing. */
  mergeBytes(bytes: Uint8Array): void {
    this.#mergeEncoded(readDistribution(bytes));
  }

  #mergeEncoded(encoded: EncodedDistribution): void {
    const { count, valuesMax, min, max, points } = encoded;
    if (count === 0) {
      return;
    }
    this.#valuesMax = this.#count === 0 ? valuesMax : Math.min(this.#valuesMax, valuesMax);
    this.#points = undefined;
    this.#count += count;
    this.#min = Math.min(this.#min, min);
    this.#max = Math.max(this.#max, max);
    if (points === undefined) {
      this.#leaveValues();
      this.#sum.merge(encoded.sum);
      this.#buckets.mergeEncoded(encoded.buckets);
    } else {
      this.#mergePoints(points);
    }
  }

  #mergePoints({ values, counts }: Points): void {
    if (this.#values === undefined) {
      this.#buckets.reserve(values[0] ?? 0, values.at(-1) ?? 0);
    }
    for (let at = 0; at < values.length; at++) {
      const [value, times] = [values[at] ?? 0, counts[at] ?? 0];
      this.#sum.addTimes(value, times);
      if (this.#values === undefined) {
        this.#buckets.add(value, times);
      } else {
        this.#addValue(this.#values, value, times);
      }
    }
    this.#limitValues();
  }

  #addValue(values: Map<number, number>, value: number, times: number): void {
    const before = values.get(value);
    if (before !== undefined || values.size < this.#valuesMax) {
      values.set(value, (before ?? 0) + times);
    } else {
      this.#leaveValues();
      this.#buckets.add(value, times);
    }
  }

  #mergeValues(others: Map<number, number>): void {
    for (const [value, times] of others) {
      if (this.#values === undefined) {
        this.#buckets.add(value, times);
      } else {
        this.#addValue(this.#values, value, times);
      }
    }
    this.#limitValues();
  }

  #limitValues(): void {
    if (this.#values !== undefined && this.#values.size > this.#valuesMax) {
      this.#leaveValues();
    }
  }

  #leaveValues(): void {
    this.#buckets = this.#toBuckets();
    this.#values = undefined;
  }

  #toBuckets(): ExponentialBuckets {
    if (this.#values === undefined) {
      return this.#buckets;
    }
    const buckets = new ExponentialBuckets();
    buckets.reserve(this.#min, this.#max);
    for (const [value, times] of this.#values) {
      buckets.add(value, times);
    }
    return buckets;
  }

  #toPoints(): Points {
    this.#points ??= this.#values === undefined ? this.#bucketPoints() : toSorted(this.#values);
    return this.#points;
  }

  #bucketPoints(): Points {
    const { values, counts } = this.#buckets.toPoints();
    const clamp = (value: number): number => Math.min(Math.max(value, this.#min), this.#max);
    return { values: values.map(clamp), counts };
  }

  /** The first is rank 1. */
  #atRank(rank: number): number {
    if (rank <= 1) {
      return this.#min;
    }
    if (rank >= this.#count) {
      return this.#max;
    }
    if (this.#values === undefined) {
      return Math.min(Math.max(this.#buckets.estimateAt(rank), this.#min), this.#max);
    }
    const { values, counts } = this.#toPoints();
    let rest = rank;
    let slot = 0;
    while (slot < values.length - 1 && rest > (counts[slot] ?? 0)) {
      rest -= counts[slot++] ?? 0;
    }
    return values[slot] ?? Number.NaN;
  }

  /** In numpy's order of operations, so that the result is the same to the last bit. */
  #interpolate(position: number): number {
    const rank = Math.floor(position);
    const share = position - rank;
    const from = this.#atRank(rank + 1);
    const to = this.#atRank(rank + 2);
    const gap = to - from;
    if (!Number.isFinite(gap)) {
      return from * (1 - share) + to * share;
    }
    return share < 0.5 ? from + gap * share : to - gap * (1 - share);
  }
}

function isCount(times: number): boolean {
  return Number.isSafeInteger(times) && times > 0;
}

function toSorted(counts: ReadonlyMap<number, number>): Points {
  const values = Array.from(Float64Array.from(counts.keys()).toSorted());
  return { values, counts: values.map((value) => counts.get(value) ?? 0) };
}
