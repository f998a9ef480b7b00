// The binary form of buckets: scale, zero count, then for each sign its runs of buckets in use.
// Hot path (`read`): a chart of a month merges hundreds of thousands of distributions from their bytes, of some hundred
// buckets each. They are read into arrays that are used again, see bench/sketches.ts.
import { scaleMax, scaleMin, toIndex } from "./_bucket-index.ts";
import { bucketsMax, type BucketRun, type UsedBuckets } from "./_bucket-window.ts";
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { Corrupt } from "./errors.ts";

/** The bucket of the smallest double at the finest scale; that of the largest is 65535. */
const indexMax = -toIndex(Number.MIN_VALUE);

/** What was read last; the next `read` overwrites it. */
export class EncodedBuckets {
  scale = scaleMax;
  zeroCount = 0;
  readonly positive = new EncodedRun();
  readonly negative = new EncodedRun();

  /** All observations. */
  get total(): number {
    return this.zeroCount + this.positive.total + this.negative.total;
  }

  /** Throws Corrupt for what `writeBuckets` cannot have written. */
  read(input: ByteReader): void {
    this.scale = input.zigzag();
    if (this.scale < scaleMin || this.scale > scaleMax) {
      throw new Corrupt(`a distribution of scale ${this.scale}`);
    }
    this.zeroCount = input.varint();
    this.positive.read(input);
    this.negative.read(input);
  }

  /** Whether a value falls into the lowest bucket in use. */
  isLowest(value: number): boolean {
    if (this.negative.length > 0) {
      return this.#isAt(-value, this.negative.last);
    }
    return this.zeroCount > 0 ? value === 0 : this.#isAt(value, this.positive.first);
  }

  /** Likewise into the highest one. */
  isHighest(value: number): boolean {
    if (this.positive.length > 0) {
      return this.#isAt(value, this.positive.last);
    }
    return this.zeroCount > 0 ? value === 0 : this.#isAt(-value, this.negative.first);
  }

  #isAt(size: number, index: number | undefined): boolean {
    const isSize = size > 0 && size <= Number.MAX_VALUE;
    return isSize && toIndex(size) >> (scaleMax - this.scale) === index;
  }
}

class EncodedRun implements UsedBuckets {
  readonly indexes = new Int32Array(bucketsMax);
  readonly counts = new Float64Array(bucketsMax);
  length = 0;
  total = 0;

  /** Undefined without a bucket. */
  get first(): number | undefined {
    return this.length === 0 ? undefined : this.indexes[0];
  }

  get last(): number | undefined {
    return this.length === 0 ? undefined : this.indexes[this.length - 1];
  }

  read(input: ByteReader): void {
    this.length = 0;
    this.total = 0;
    let first = 0;
    let next = 0;
    for (let length = input.varint(); length > 0; length = input.varint()) {
      const gap = input.zigzag();
      const from = next + gap;
      next = from + length;
      if ((this.length > 0 && gap < 1) || Math.abs(from) > indexMax) {
        throw new Corrupt(`buckets from ${from}, ${gap} after those before`);
      }
      first = this.length === 0 ? from : first;
      if (next - first > bucketsMax) {
        throw new Corrupt(`buckets from ${first} to ${next - 1}; at most ${bucketsMax} are kept`);
      }
      this.#readCounts(input, from, next);
    }
  }

  #readCounts(input: ByteReader, from: number, next: number): void {
    const { indexes, counts } = this;
    let at = this.length;
    let total = this.total;
    for (let index = from; index < next; index++) {
      const count = input.varint();
      if (count === 0) {
        throw new Corrupt("an empty bucket where one in use belongs");
      }
      indexes[at] = index;
      counts[at] = count;
      total += count;
      at++;
    }
    this.length = at;
    this.total = total;
  }
}

interface Buckets {
  readonly scale: number;
  readonly zeroCount: number;
  readonly positive: BucketRun;
  readonly negative: BucketRun;
}

export function writeBuckets(out: ByteWriter, buckets: Buckets): void {
  out.zigzag(buckets.scale);
  out.varint(buckets.zeroCount);
  writeRun(out, buckets.positive);
  writeRun(out, buckets.negative);
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
    for (let at = from; at < until; at++) {
      out.varint(counts[at] ?? 0);
    }
    written = until;
  }
  out.varint(0);
}
