import { Hash64 } from "./_hash64.ts";
import { HashSet } from "./_hash-set.ts";
import { Registers } from "./_registers.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Corrupt } from "./errors.ts";

export { Hash64 };

/** The same on all nodes, since what was hashed differently cannot be merged. */
export const hashSeed = 0x57a7_c4ed;

/** Up to so many different keys are told apart by their hashes. The table is then as large as the registers: 16 KiB. */
const hashesMax = 1024;

/** What the first byte of the binary form says. */
const hashesForm = 1;
const registersForm = 2;

/**
 * How many different things were seen: mergeable in any order and grouping, with the result of counting at once.
 * Exact up to 1024 keys, but for collisions of their 64-bit hashes (one in 10^13 then); beyond that a HyperLogLog with
 * a standard error of 0.81 %. Keys are compared by their UTF-8 bytes.
 */
export class Distinct {
  readonly #hash: Hash64;
  /** Undefined once in registers. */
  #hashes: HashSet | undefined = new HashSet();
  #registers: Registers | undefined;

  /** All that are ever merged need the same seed, an integer of 32 bits. */
  constructor(seed: number = hashSeed) {
    this.#hash = new Hash64(seed);
  }

  /** The number of different keys, a whole number. */
  get count(): number {
    const count = this.#hashes?.size ?? this.#registers?.estimate() ?? 0;
    return Math.min(Math.round(count), Number.MAX_SAFE_INTEGER);
  }

  get isExact(): boolean {
    return this.#hashes !== undefined;
  }

  add(key: string): void {
    this.#hash.ofText(key);
    this.addHash(this.#hash.high, this.#hash.low);
  }

  /**
   * For a key that is hashed already: `high` and `low` of a `Hash64` with the same seed. Scanners hash the bytes of a
   * key once, and add it to as many as they like.
   */
  addHash(high: number, low: number): void {
    if (this.#registers !== undefined) {
      this.#registers.add(high, low);
    } else if (this.#hashes !== undefined) {
      this.#hashes.add(high | 0, low | 0);
      if (this.#hashes.size > hashesMax) {
        this.#leaveHashes();
      }
    }
  }

  /** The other one stays as it is. Throws RangeError when its seed differs. */
  merge(other: Distinct): void {
    if (other.#hash.seed !== this.#hash.seed) {
      throw new RangeError("these were counted with different seeds and cannot be merged");
    }
    if (other.#registers !== undefined) {
      this.#leaveHashes().merge(other.#registers);
    } else if (other !== this) {
      other.#hashes?.forEach((high, low) => this.addHash(high, low));
    }
  }

  clone(): Distinct {
    const copy = new Distinct(this.#hash.seed);
    copy.#hashes = this.#hashes?.clone();
    copy.#registers = this.#registers?.clone();
    return copy;
  }

  /** Equal sets give equal bytes: 8 a key while exact, then about 2 to 8 KiB. */
  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    out.byte(this.#registers === undefined ? hashesForm : registersForm);
    out.varint(this.#hash.seed >>> 0);
    if (this.#registers !== undefined) {
      this.#registers.write(out);
    } else if (this.#hashes !== undefined) {
      writeHashes(out, this.#hashes);
    }
    return out.finish();
  }

  /** Throws Corrupt for what `toBytes` cannot have written. */
  static fromBytes(bytes: Uint8Array): Distinct {
    const input = new ByteReader(bytes);
    const form = input.byte();
    const seed = input.varint();
    if ((form !== hashesForm && form !== registersForm) || seed >= 2 ** 32) {
      throw new Corrupt(`a distinct of form ${form} with the seed ${seed}`);
    }
    const distinct = new Distinct(seed);
    if (form === hashesForm) {
      distinct.#hashes = readHashes(input);
    } else {
      distinct.#hashes = undefined;
      distinct.#registers = Registers.read(input);
    }
    if (input.left > 0) {
      throw new Corrupt(`a distinct with ${input.left} bytes after it`);
    }
    return distinct;
  }

  #leaveHashes(): Registers {
    const registers = this.#registers ?? new Registers();
    this.#hashes?.forEach((high, low) => registers.add(high, low));
    this.#hashes = undefined;
    this.#registers = registers;
    return registers;
  }
}

/** In rising order, which makes the bytes canonical and shows duplicates on reading. */
function writeHashes(out: ByteWriter, hashes: HashSet): void {
  const pairs: (readonly [high: number, low: number])[] = [];
  hashes.forEach((high, low) => pairs.push([high, low]));
  out.varint(pairs.length);
  const words = new DataView(new ArrayBuffer(8));
  for (const [high, low] of pairs.toSorted((a, b) => a[0] - b[0] || a[1] - b[1])) {
    words.setInt32(0, high, true);
    words.setInt32(4, low, true);
    out.raw(new Uint8Array(words.buffer));
  }
}

function readHashes(input: ByteReader): HashSet {
  const length = input.varint();
  if (length > hashesMax) {
    throw new Corrupt(`${length} hashes; at most ${hashesMax} are kept`);
  }
  const raw = input.raw(length * 8);
  const words = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const hashes = new HashSet();
  for (let at = 0; at < raw.byteLength; at += 8) {
    hashes.add(words.getInt32(at, true), words.getInt32(at + 4, true));
  }
  if (hashes.size < length) {
    throw new Corrupt(`the same hash twice among ${length}`);
  }
  return hashes;
}
