// Hot path (one call per observation): two error-free additions (Knuth's TwoSum) and one comparison.
import type { ByteReader, ByteWriter } from "./bytes.ts";
import { Corrupt } from "./errors.ts";

/** Every double is a whole multiple of 2^-1074: totals that two doubles cannot hold are counted in that unit. */
const unitExponent = -1074;
const hexDigitsMax = 560;

/** What the first byte of the binary form says. */
const oneInteger = 0;
const oneFloat = 1;
const twoFloats = 2;
const hexUnits = 3;

const float = new Float64Array(1);
const floatBits = new BigUint64Array(float.buffer);

/**
 * The exact total of doubles, rounded once, when it is read: it depends neither on the order nor on the grouping in
 * which they were added. `#high + #low + #rest` units is that total; the two doubles suffice in practice, and what
 * they would lose moves into the integer.
 */
export class ExactSum {
  #high = 0;
  #low = 0;
  #rest = 0n;

  /** The total, rounded to the nearest double; at most ±Number.MAX_VALUE. */
  get value(): number {
    const total = this.#rest === 0n ? this.#high + this.#low : toNumber(this.#total());
    return Math.min(Math.max(total, -Number.MAX_VALUE), Number.MAX_VALUE);
  }

  /** The value is finite. */
  add(value: number): void {
    const high = this.#high + value;
    const lost = toSumError(this.#high, value, high);
    const low = this.#low + lost;
    if (toSumError(this.#low, lost, low) === 0) {
      this.#high = high;
      this.#low = low;
    } else {
      // Also taken for NaN: the addition overflowed.
      this.#rest += toUnits(this.#high) + toUnits(this.#low) + toUnits(value);
      this.#high = 0;
      this.#low = 0;
    }
  }

  /** Adds the exact product. The value is finite, `times` a safe integer. */
  addTimes(value: number, times: number): void {
    const size = Math.abs(value);
    if (times === 1 || size === 0) {
      this.add(value);
    } else if (size > 2 ** -900 && size < 2 ** 900) {
      const product = value * times;
      this.add(product);
      this.add(toProductError(value, times, product));
    } else {
      this.#rest += toUnits(value) * BigInt(times);
    }
  }

  merge(other: ExactSum): void {
    const low = other.#low;
    this.#rest += other.#rest;
    this.add(other.#high);
    this.add(low);
  }

  clone(): ExactSum {
    const copy = new ExactSum();
    copy.#high = this.#high;
    copy.#low = this.#low;
    copy.#rest = this.#rest;
    return copy;
  }

  /** Equal totals give equal bytes, however they came about. */
  write(out: ByteWriter): void {
    const parts = this.#parts();
    if (parts === undefined) {
      out.byte(hexUnits);
      out.text(this.#total().toString(16));
    } else if (parts.low !== 0) {
      out.byte(twoFloats);
      out.float64(parts.high);
      out.float64(parts.low);
    } else if (Number.isSafeInteger(parts.high) && Math.abs(parts.high) < 2 ** 51) {
      out.byte(oneInteger);
      out.zigzag(parts.high);
    } else {
      out.byte(oneFloat);
      out.float64(parts.high);
    }
  }

  /** Throws Corrupt for what `write` cannot have written. */
  static read(input: ByteReader): ExactSum {
    const sum = new ExactSum();
    const form = input.byte();
    switch (form) {
      case oneInteger:
        sum.#high = input.zigzag();
        break;
      case oneFloat:
        sum.#high = readFinite(input);
        break;
      case twoFloats:
        sum.add(readFinite(input));
        sum.add(readFinite(input));
        break;
      case hexUnits:
        sum.#rest = parseHex(input.text());
        break;
      default:
        throw new Corrupt(`a sum of form ${form}`);
    }
    return sum;
  }

  /** The total as its nearest double and the double that is left; undefined when more is left than that. */
  #parts(): { readonly high: number; readonly low: number } | undefined {
    const sum = this.#high + this.#low;
    if (this.#rest === 0n && Number.isFinite(sum)) {
      return { high: sum, low: toSumError(this.#high, this.#low, sum) };
    }
    const total = this.#total();
    const high = this.value;
    const low = toNumber(total - toUnits(high));
    return Number.isFinite(low) && toUnits(high) + toUnits(low) === total
      ? { high, low }
      : undefined;
  }

  #total(): bigint {
    return this.#rest + toUnits(this.#high) + toUnits(this.#low);
  }
}

/** Knuth's TwoSum: what `a + b` lost by rounding to `sum`, exactly; NaN when it overflowed. */
function toSumError(a: number, b: number, sum: number): number {
  const shadow = sum - a;
  return a - (sum - shadow) + (b - shadow);
}

/** Dekker's product: what `value * times` lost by rounding, exactly, as long as no part over- or underflows. */
function toProductError(value: number, times: number, product: number): number {
  const valueTop = toTopHalf(value);
  const valueRest = value - valueTop;
  const timesTop = toTopHalf(times);
  const timesRest = times - timesTop;
  const error = valueTop * timesTop - product + valueTop * timesRest + valueRest * timesTop;
  return error + valueRest * timesRest;
}

/** Veltkamp's split: the upper 26 bits of the mantissa. */
function toTopHalf(value: number): number {
  const scaled = value * (2 ** 27 + 1);
  return scaled - (scaled - value);
}

function toUnits(value: number): bigint {
  float[0] = value;
  const bits = floatBits[0] ?? 0n;
  const exponent = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xf_ffff_ffff_ffffn;
  const size = exponent === 0n ? fraction : (fraction | (1n << 52n)) << (exponent - 1n);
  return value < 0 ? -size : size;
}

/** Rounds to the nearest double, ties to even; Infinity beyond them. */
function toNumber(units: bigint): number {
  const size = units < 0n ? -units : units;
  const excess = size.toString(16).length * 4 - 64;
  if (excess <= 0) {
    return Number(units) * 2 ** unitExponent;
  }
  // 61 to 64 bits remain, the last of which says whether anything was cut off: enough to round as the whole would.
  const top = size >> BigInt(excess);
  const sticky = top << BigInt(excess) === size ? top : top | 1n;
  const rounded = Number(sticky) * 2 ** (excess + unitExponent);
  return units < 0n ? -rounded : rounded;
}

function readFinite(input: ByteReader): number {
  const value = input.float64();
  if (!Number.isFinite(value)) {
    throw new Corrupt(`a sum of ${value}`);
  }
  return value;
}

function parseHex(text: string): bigint {
  if (text.length > hexDigitsMax || !/^-?[0-9a-f]+$/.test(text)) {
    throw new Corrupt("a sum that is not a number");
  }
  return text.startsWith("-") ? -BigInt(`0x${text.slice(1)}`) : BigInt(`0x${text}`);
}
