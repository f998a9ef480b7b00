import { scaleMax, scaleMin, toEstimate, toIndex } from "./_bucket-index.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { Corrupt } from "./errors.ts";

/** The buckets of one sign never span more; beyond it the scale falls, and with it the precision. */
export const bucketsMax = 2048;

/** The two buckets left at the coarsest scale. */
export const bucketsMin = 2;

/** Room that is allocated beyond what is needed, so that a window seldom grows: one octave. */
const slack = 64;

/** Consecutive buckets as OTLP has them: `counts[i]` belongs to the bucket `offset + i`. */
export interface BucketRun {
  readonly offset: number;
  readonly counts: readonly number[];
}

/** Values in rising order, each with its number of observations. */
export interface Points {
  readonly values: number[];
  readonly counts: number[];
}

interface Range {
  readonly first: number;
  readonly last: number;
}

/** The buckets of one sign: a dense window around the indexes in use, so that counting is one array access. */
class BucketWindow {
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

  at(index: number): number {
    return this.#counts[index - this.#offset] ?? 0;
  }

  /** From the first to the last bucket that counts something; undefined when none does. */
  used(): Range | undefined {
    const first = this.#counts.findIndex((count) => count > 0);
    const last = this.#counts.findLastIndex((count) => count > 0);
    return first < 0 ? undefined : { first: this.#offset + first, last: this.#offset + last };
  }

  /** Makes room for a range, which includes the one in use. */
  cover({ first, last }: Range): void {
    if (first >= this.#offset && last < this.#offset + this.#counts.length) {
      return;
    }
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
      for (let index = used.first; index <= used.last; index++) {
        coarse.add(index >> steps, this.at(index));
      }
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
    const from = used.first - this.#offset;
    const counts = Array.from(this.#counts.subarray(from, from + used.last - used.first + 1));
    return { offset: used.first, counts };
  }
}

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

  /** Leaves the other one as it is. */
  merge(other: ExponentialBuckets): void {
    this.#zeroCount += other.#zeroCount;
    this.coarsenTo(other.#scale);
    this.#mergeWindow(this.#positive, other.#positive, other.#scale);
    this.#mergeWindow(this.#negative, other.#negative, other.#scale);
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

  /** Scale, zero count, then for each sign its runs of buckets in use. */
  write(out: ByteWriter): void {
    out.zigzag(this.#scale);
    out.varint(this.#zeroCount);
    writeRun(out, this.positive);
    writeRun(out, this.negative);
  }

  /** Throws Corrupt for what `write` cannot have written; allocates no more than the largest windows. */
  static read(input: ByteReader): ExponentialBuckets {
    const buckets = new ExponentialBuckets();
    const scale = input.zigzag();
    if (scale < scaleMin || scale > scaleMax) {
      throw new Corrupt(`a distribution of scale ${scale}`);
    }
    buckets.#scale = scale;
    buckets.#zeroCount = input.varint();
    readRun(input, buckets.#positive);
    readRun(input, buckets.#negative);
    return buckets;
  }

  #mergeWindow(mine: BucketWindow, theirs: BucketWindow, scale: number): void {
    const used = theirs.used();
    if (used === undefined) {
      return;
    }
    this.#makeRoom(mine, toCoarser(used, scale - this.#scale));
    const steps = scale - this.#scale;
    for (let index = used.first; index <= used.last; index++) {
      mine.add(index >> steps, theirs.at(index));
    }
  }

  /** Coarsens both signs as far as needed for the range, at the present scale, to fit into the window. */
  #makeRoom(window: BucketWindow, range: Range): void {
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

/** How often the scale has to fall by one until the range spans at most so many buckets. */
function toSteps({ first, last }: Range, spanMax: number): number {
  let steps = 0;
  while ((last >> steps) - (first >> steps) >= Math.max(spanMax, bucketsMin)) {
    steps++;
  }
  return steps;
}

function toCoarser({ first, last }: Range, steps: number): Range {
  return { first: first >> steps, last: last >> steps };
}

/** Pairs of a gap and a length, a length of zero ending them, each length followed by so many counts. */
function writeRun(out: ByteWriter, { offset, counts }: BucketRun): void {
  let written = 0;
  for (let from = 0; from < counts.length; from = written) {
    while (counts[from] === 0) {
      from++;
    }
    const end = counts.indexOf(0, from);
    const until = end < 0 ? counts.length : end;
    out.varint(until - from);
    out.zigzag(written === 0 ? offset : from - written);
    for (const count of counts.slice(from, until)) {
      out.varint(count);
    }
    written = until;
  }
  out.varint(0);
}

function readRun(input: ByteReader, window: BucketWindow): void {
  let first: number | undefined;
  let next = 0;
  for (let length = input.varint(); length > 0; length = input.varint()) {
    const gap = input.zigzag();
    const from = next + gap;
    next = from + length;
    if ((first !== undefined && gap < 1) || Math.abs(from) > indexMax) {
      throw new Corrupt(`buckets from ${from}, ${gap} after those before`);
    }
    first ??= from;
    if (next - first > bucketsMax) {
      throw new Corrupt(`buckets from ${first} to ${next - 1}; at most ${bucketsMax} are kept`);
    }
    window.cover({ first, last: next - 1 });
    for (let index = from; index < next; index++) {
      window.add(index, readCount(input));
    }
  }
}

/** The bucket of the smallest double at the finest scale; that of the largest is 65535. */
const indexMax = -toIndex(Number.MIN_VALUE);

function readCount(input: ByteReader): number {
  const count = input.varint();
  if (count === 0) {
    throw new Corrupt("an empty bucket where one in use belongs");
  }
  return count;
}
