// What the bytes of a distribution say, checked, before anything is made of it.
import { EncodedBuckets } from "./_bucket-bytes.ts";
import { ExactSum } from "./_exact-sum.ts";
import { type Points, readPoints } from "./_value-points.ts";
import { ByteReader } from "./bytes.ts";
import { Corrupt } from "./errors.ts";

/** What the first byte says. */
export const valuesForm = 1;
export const bucketsForm = 2;

/** No distribution keeps more values. */
export const valuesMaxLargest = 100_000;

export type EncodedDistribution = EncodedValues | EncodedSpread;

interface Encoded {
  readonly valuesMax: number;
  readonly count: number;
  /** Infinity while empty. */
  readonly min: number;
  /** -Infinity while empty. */
  readonly max: number;
}

interface EncodedValues extends Encoded {
  readonly points: Points;
}

interface EncodedSpread extends Encoded {
  readonly points: undefined;
  readonly sum: ExactSum;
  /** Valid until the next call: there is one for all, which saves more than half of the time. */
  readonly buckets: EncodedBuckets;
}

const buckets = new EncodedBuckets();

/** Throws Corrupt for what `Distribution.toBytes` cannot have written. */
export function readDistribution(bytes: Uint8Array): EncodedDistribution {
  const input = new ByteReader(bytes);
  const form = input.byte();
  const valuesMax = input.varint();
  if ((form !== valuesForm && form !== bucketsForm) || valuesMax > valuesMaxLargest) {
    throw new Corrupt(`a distribution of form ${form} with ${valuesMax} values`);
  }
  const encoded =
    form === valuesForm ? readValues(input, valuesMax) : readBuckets(input, valuesMax);
  if (input.left > 0 || encoded.count > Number.MAX_SAFE_INTEGER) {
    throw new Corrupt(`a distribution of ${encoded.count} with ${input.left} bytes after it`);
  }
  return encoded;
}

/** At most ±Number.MAX_VALUE. */
export function sumOf(encoded: EncodedDistribution): number {
  if (encoded.points === undefined) {
    return encoded.sum.value;
  }
  const { values, counts } = encoded.points;
  const sum = new ExactSum();
  for (let at = 0; at < values.length; at++) {
    sum.addTimes(values[at] ?? 0, counts[at] ?? 0);
  }
  return sum.value;
}

function readValues(input: ByteReader, valuesMax: number): EncodedValues {
  const points = readPoints(input, valuesMax);
  let count = 0;
  for (let at = 0; at < points.counts.length; at++) {
    count += points.counts[at] ?? 0;
  }
  const [min = Infinity] = points.values;
  return { valuesMax, count, min, max: points.values.at(-1) ?? -Infinity, points };
}

function readBuckets(input: ByteReader, valuesMax: number): EncodedSpread {
  const min = input.float64();
  const max = input.float64();
  const sum = ExactSum.read(input);
  buckets.read(input);
  if (!buckets.isLowest(min) || !buckets.isHighest(max)) {
    throw new Corrupt(`a distribution from ${min} to ${max} with other buckets`);
  }
  return { valuesMax, count: buckets.total, min, max, points: undefined, sum, buckets };
}
