import type { ByteReader, ByteWriter } from "./bytes.ts";
import { Corrupt } from "./errors.ts";

/** Values in rising order, each with its number of observations. */
export interface Points {
  readonly values: number[];
  readonly counts: number[];
}

/** Tried in this order: whole numbers, then seconds measured in milliseconds, in microseconds. */
const decimalsTried = [0, 3, 6];
const notDecimal = 255;

/** Values in rising order with their counts: as steps of a decimal unit when they are multiples of one. */
export function writePoints(out: ByteWriter, { values, counts }: Points): void {
  const decimals = decimalsTried.find((places) => areMultiples(values, 10 ** places)) ?? notDecimal;
  out.varint(values.length);
  out.byte(decimals);
  let before = 0;
  for (const [at, value] of values.entries()) {
    if (decimals === notDecimal) {
      out.float64(value);
    } else {
      const units = Math.round(value * 10 ** decimals);
      out.zigzag(units - before);
      before = units;
    }
    out.varint(counts[at] ?? 0);
  }
}

function areMultiples(values: readonly number[], perUnit: number): boolean {
  return values.every((value) => {
    const units = Math.round(value * perUnit);
    return Math.abs(units) < 2 ** 50 && units / perUnit === value;
  });
}

/** Throws Corrupt for what `writePoints` cannot have written, and for more than `valuesMax` values. */
export function readPoints(input: ByteReader, valuesMax: number): Points {
  const length = input.varint();
  const decimals = input.byte();
  if (length > Math.min(valuesMax, input.left / 2)) {
    throw new Corrupt(`${length} values in ${input.left} bytes; at most ${valuesMax} are kept`);
  }
  if (decimals !== notDecimal && !decimalsTried.includes(decimals)) {
    throw new Corrupt(`values of ${decimals} decimals`);
  }
  const values: number[] = [];
  const counts: number[] = [];
  const perUnit = 10 ** decimals;
  let units = 0;
  let before = -Infinity;
  for (let at = 0; at < length; at++) {
    units += decimals === notDecimal ? 0 : input.zigzag();
    const value = decimals === notDecimal ? input.float64() : units / perUnit;
    const count = input.varint();
    if (!(value > before && value < Infinity) || count === 0) {
      throw new Corrupt(`${count} times the value ${value} after ${before}`);
    }
    values.push(value);
    counts.push(count);
    before = value;
  }
  return { values, counts };
}
