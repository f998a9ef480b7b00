import type { ByteReader, ByteWriter } from "./bytes.ts";
import { Corrupt } from "./errors.ts";

/** HyperLogLog's precision: 2^14 registers, a standard error of 1.04 / sqrt(2^14) = 0.81 %. */
const precision = 14;
const registers = 2 ** precision;

/** Bits of a hash that are not the register's index. A register holds 0 to restBits + 1. */
const restBits = 64 - precision;
const registerMax = restBits + 1;

/** What the first byte of the binary form says. */
const pairsForm = 0;
const nibblesForm = 1;

/** In the nibbles form a register as far above the lowest, or further, follows as an integer of its own. */
const nibbleMax = 15;

/** HyperLogLog's registers: the most leading zeroes, plus one, among the hashes that fall to each. */
export class Registers {
  #bytes = new Uint8Array(registers);

  /** A hash as two signed 32-bit integers. */
  add(high: number, low: number): void {
    const index = high >>> (32 - precision);
    const rest = high << precision;
    const rank = rest === 0 ? 33 - precision + Math.clz32(low) : Math.clz32(rest) + 1;
    if (rank > (this.#bytes[index] ?? 0)) {
      this.#bytes[index] = rank;
    }
  }

  merge(other: Registers): void {
    const theirs = other.#bytes;
    for (let index = 0; index < registers; index++) {
      const rank = theirs[index] ?? 0;
      if (rank > (this.#bytes[index] ?? 0)) {
        this.#bytes[index] = rank;
      }
    }
  }

  clone(): Registers {
    const copy = new Registers();
    copy.#bytes.set(this.#bytes);
    return copy;
  }

  /**
   * Otmar Ertl's improved raw estimator, unbiased from none to 2^50 without any table or threshold.
   * https://arxiv.org/abs/1702.01284, algorithm 6
   */
  estimate(): number {
    const withRank = new Float64Array(registerMax + 1);
    for (const rank of this.#bytes) {
      withRank[rank] = (withRank[rank] ?? 0) + 1;
    }
    let sum = registers * tau(1 - (withRank[registerMax] ?? 0) / registers);
    for (let rank = restBits; rank >= 1; rank--) {
      sum = (sum + (withRank[rank] ?? 0)) / 2;
    }
    sum += registers * sigma((withRank[0] ?? 0) / registers);
    return registers ** 2 / (2 * Math.LN2 * sum);
  }

  /** Pairs of gap and value while few registers are in use; else four bits each, above the lowest. */
  write(out: ByteWriter): void {
    const used = this.#bytes.reduce((count, rank) => count + (rank > 0 ? 1 : 0), 0);
    if (used * 4 < registers) {
      out.byte(pairsForm);
      this.#writePairs(out, used);
    } else {
      out.byte(nibblesForm);
      this.#writeNibbles(out);
    }
  }

  /** Throws Corrupt for what `write` cannot have written. */
  static read(input: ByteReader): Registers {
    const read = new Registers();
    const form = input.byte();
    if (form === pairsForm) {
      read.#readPairs(input);
    } else if (form === nibblesForm) {
      read.#readNibbles(input);
    } else {
      throw new Corrupt(`registers of form ${form}`);
    }
    return read;
  }

  #writePairs(out: ByteWriter, used: number): void {
    out.varint(used);
    let next = 0;
    for (const [index, rank] of this.#bytes.entries()) {
      if (rank > 0) {
        out.varint(index - next);
        out.byte(rank);
        next = index + 1;
      }
    }
  }

  #readPairs(input: ByteReader): void {
    let index = -1;
    for (let rest = input.varint(); rest > 0; rest--) {
      index += input.varint() + 1;
      if (index >= registers) {
        throw new Corrupt(`register ${index} of ${registers}`);
      }
      this.#set(index, input.byte());
    }
  }

  #writeNibbles(out: ByteWriter): void {
    const bytes = this.#bytes;
    const lowest = bytes.reduce((least, rank) => Math.min(least, rank), registerMax);
    const nibble = (index: number): number => Math.min((bytes[index] ?? 0) - lowest, nibbleMax);
    out.byte(lowest);
    for (let index = 0; index < registers; index += 2) {
      out.byte(nibble(index) | (nibble(index + 1) << 4));
    }
    for (const rank of bytes) {
      if (rank - lowest >= nibbleMax) {
        out.byte(rank - lowest - nibbleMax);
      }
    }
  }

  #readNibbles(input: ByteReader): void {
    const lowest = input.byte();
    const packed = input.raw(registers / 2);
    for (let index = 0; index < registers; index++) {
      const nibble = ((packed[index >> 1] ?? 0) >> ((index & 1) * 4)) & 15;
      this.#set(index, lowest + nibble + (nibble === nibbleMax ? input.byte() : 0));
    }
  }

  #set(index: number, rank: number): void {
    if (rank > registerMax) {
      throw new Corrupt(`a register of ${rank}; the most is ${registerMax}`);
    }
    this.#bytes[index] = rank;
  }
}

/** x + the sum of x^(2^k) · 2^(k-1) for k = 1, 2 …; Infinity for 1, when no register is in use. */
function sigma(share: number): number {
  if (share === 1) {
    return Infinity;
  }
  let power = share;
  let weight = 1;
  let sum = share;
  let before = Number.NaN;
  while (sum !== before) {
    before = sum;
    power *= power;
    sum += power * weight;
    weight *= 2;
  }
  return sum;
}

/** (1 - x - the sum of (1 - x^(2^-k))² · 2^-k for k = 1, 2 …) / 3. */
function tau(share: number): number {
  if (share === 0 || share === 1) {
    return 0;
  }
  let root = share;
  let weight = 1;
  let sum = 1 - share;
  let before = Number.NaN;
  while (sum !== before) {
    before = sum;
    root = Math.sqrt(root);
    weight /= 2;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
