// The numbers of a point in few bytes: most of them are small whole numbers.
import type { ByteReader, ByteWriter } from "../core/bytes.ts";

const absent = 1;
const fraction = 3;
/** Twice of it is still a varint. */
const wholeMax = 2 ** 51;

export function writeValues(out: ByteWriter, values: Float64Array): void {
  out.varint(values.length);
  for (const value of values) {
    if (Number.isNaN(value)) {
      out.varint(absent);
    } else if (Number.isInteger(value) && value >= 0 && value < wholeMax) {
      out.varint(value * 2);
    } else {
      out.varint(fraction);
      out.float64(value);
    }
  }
}

/** Throws Corrupt for anything that `writeValues` did not write. */
export function readValues(input: ByteReader): Float64Array {
  const values: number[] = [];
  for (let rest = input.varint(); rest > 0; rest--) {
    const code = input.varint();
    values.push(code === absent ? Number.NaN : code === fraction ? input.float64() : code / 2);
  }
  return Float64Array.from(values);
}
