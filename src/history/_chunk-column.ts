// One column of numbers as bytes. Hot path: plain loops over number arrays; figures in bench/history.ts.
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";

/** What the first byte says: up to `decimalsMax` it is a number of decimals, else how bits are written. */
const decimalsMax = 9;
const xorForm = 32;
/** Differences of two scaled values have to fit into ByteWriter.zigzag. */
const unitsMax = 2 ** 50;

/**
 * `exact` keeps every bit. `rounded` may move a value by less than 2^-45 of its size to make a short decimal number of
 * it: sums of decimals, which additions have moved from there by as much.
 */
export type ColumnPrecision = "exact" | "rounded";

/**
 * Multiples of a decimal unit, which most measurements are, as zig-zag differences with the length of runs; what is
 * not, by the bytes in which it differs from the value before.
 */
export function writeColumn(
  out: ByteWriter,
  values: readonly number[],
  precision: ColumnPrecision,
): void {
  const decimals = findDecimals(values, precision);
  if (decimals === undefined) {
    out.byte(xorForm);
    writeXor(out, values);
  } else {
    out.byte(decimals);
    writeUnits(out, values, 10 ** decimals);
  }
}

/** Throws Corrupt for what writeColumn cannot have written. */
export function readColumn(input: ByteReader, length: number): number[] {
  const form = input.byte();
  if (form === xorForm) {
    return readXor(input, length);
  }
  if (form > decimalsMax) {
    throw new Corrupt(`a column of form ${form}`);
  }
  return readUnits(input, length, 10 ** form);
}

/** Values of one column mostly have as many decimals as the first one with any: later ones only ever raise it. */
function findDecimals(values: readonly number[], precision: ColumnPrecision): number | undefined {
  let decimals = 0;
  let perUnit = 1;
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    while (!isMultiple(value, perUnit, precision)) {
      if (decimals === decimalsMax) {
        return undefined;
      }
      decimals++;
      perUnit *= 10;
    }
  }
  if (decimals > 0 && values.some((value) => !isMultiple(value, perUnit, precision))) {
    return undefined;
  }
  return decimals;
}

function isMultiple(value: number, perUnit: number, precision: ColumnPrecision): boolean {
  const scaled = value * perUnit;
  const units = Math.round(scaled);
  if (!(units < unitsMax && units > -unitsMax)) {
    return false;
  }
  if (precision === "rounded") {
    return Math.abs(scaled - units) <= Math.abs(units) * 2 ** -45;
  }
  return units / perUnit === value && (units !== 0 || !Object.is(value, -0));
}

/** A difference of zero is followed by how often it is repeated. */
function writeUnits(out: ByteWriter, values: readonly number[], perUnit: number): void {
  let before = 0;
  let run = 0;
  for (let at = 0; at < values.length; at++) {
    const units = Math.round((values[at] ?? 0) * perUnit);
    if (units === before) {
      run++;
      continue;
    }
    if (run > 0) {
      out.byte(0);
      out.varint(run - 1);
      run = 0;
    }
    out.zigzag(units - before);
    before = units;
  }
  if (run > 0) {
    out.byte(0);
    out.varint(run - 1);
  }
}

function readUnits(input: ByteReader, length: number, perUnit: number): number[] {
  const values: number[] = [];
  let units = 0;
  while (values.length < length) {
    const step = input.zigzag();
    units += step;
    const value = units / perUnit;
    values.push(value);
    if (step === 0) {
      let run = input.varint();
      if (run > length - values.length) {
        throw new Corrupt(`a run of ${run} in a column of ${length}`);
      }
      for (; run > 0; run--) {
        values.push(value);
      }
    }
  }
  return values;
}

const float = new Float64Array(1);
const floatBytes = new Uint8Array(float.buffer);

/** A byte with the number of equal bytes at the lower and at the upper end, then those between them. */
function writeXor(out: ByteWriter, values: readonly number[]): void {
  const before = new Uint8Array(8);
  for (const value of values) {
    float[0] = value;
    let low = 0;
    while (low < 8 && floatBytes[low] === before[low]) {
      low++;
    }
    let high = 8;
    while (high > low && floatBytes[high - 1] === before[high - 1]) {
      high--;
    }
    out.byte((low << 4) | high);
    for (let at = low; at < high; at++) {
      out.byte(floatBytes[at] ?? 0);
    }
    before.set(floatBytes);
  }
}

function readXor(input: ByteReader, length: number): number[] {
  const bytes = new Uint8Array(8);
  const values: number[] = [];
  while (values.length < length) {
    const ends = input.byte();
    const [low, high] = [ends >> 4, ends & 15];
    if (low > high || high > 8) {
      throw new Corrupt(`a number that differs from byte ${low} to ${high}`);
    }
    bytes.set(input.raw(high - low), low);
    floatBytes.set(bytes);
    const value = float[0] ?? 0;
    if (!Number.isFinite(value)) {
      throw new Corrupt("a number that is not finite");
    }
    values.push(value);
  }
  return values;
}
