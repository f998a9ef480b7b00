// Hot path: the keys of the line before, in their order, and the values that nobody wants. Lines of one
// server are alike: comparing bytes with these is a third of the work of reading them.

import { tailMasks } from "./_key-hash.ts";

const ordinalsMax = 64;
/** With quotes, colon and comma; longer keys are looked up each time. */
const keyWordsMax = 12;
const valueWordsMax = 32;
/** A value that has been another one so often is none that comes again. */
const changesMax = 16;

/** A key at [start, end), all that belongs to it included, in its place of the line. */
export interface ShapedKey {
  readonly start: number;
  readonly end: number;
  /** Its place in the line. */
  readonly ordinal: number;
  /** What it stands in, a number of the caller's. */
  readonly parent: number;
  readonly node: number;
}

export class LineShape {
  /** By ordinal: what the key was taken for. */
  readonly nodes = new Int32Array(ordinalsMax);
  readonly #parents = new Int32Array(ordinalsMax).fill(-1);
  readonly #keyLengths = new Int32Array(ordinalsMax);
  readonly #keys = new Int32Array(ordinalsMax * keyWordsMax);
  readonly #valueLengths = new Int32Array(ordinalsMax);
  readonly #values = new Int32Array(ordinalsMax * valueWordsMax);
  readonly #changes = new Int32Array(ordinalsMax);

  /** The length of the key at `at`, when it is the one that stood here in the line before; else 0. */
  keyLength(view: DataView, at: number, ordinal: number, parent: number): number {
    if (ordinal >= ordinalsMax || this.#parents[ordinal] !== parent) {
      return 0;
    }
    const length = this.#keyLengths[ordinal] ?? 0;
    return isSame(view, at, length, this.#keys, ordinal * keyWordsMax) ? length : 0;
  }

  /** For the next line. */
  keepKey(view: DataView, { start, end, ordinal, parent, node }: ShapedKey): void {
    if (ordinal < ordinalsMax) {
      this.#keyLengths[ordinal] = keep(view, start, end, {
        words: this.#keys,
        from: ordinal * keyWordsMax,
        wordsMax: keyWordsMax,
      });
      this.#parents[ordinal] = parent;
      this.nodes[ordinal] = node;
      this.#valueLengths[ordinal] = 0;
      this.#changes[ordinal] = 0;
    }
  }

  /** The length of the value at `at`, when it begins as the one in the line before; else 0. */
  valueLength(view: DataView, at: number, ordinal: number): number {
    const length = ordinal < ordinalsMax ? (this.#valueLengths[ordinal] ?? 0) : 0;
    return length > 0 && isSame(view, at, length, this.#values, ordinal * valueWordsMax)
      ? length
      : 0;
  }

  /** For the next line, if it has not changed often. */
  keepValue(view: DataView, start: number, end: number, ordinal: number): void {
    const changes = ordinal < ordinalsMax ? (this.#changes[ordinal] ?? 0) : changesMax + 1;
    if (changes <= changesMax) {
      this.#changes[ordinal] = changes + 1;
      this.#valueLengths[ordinal] =
        changes === changesMax
          ? 0
          : keep(view, start, end, {
              words: this.#values,
              from: ordinal * valueWordsMax,
              wordsMax: valueWordsMax,
            });
    }
  }
}

// oxlint-disable-next-line max-params -- numbers in registers, as everywhere on this path
function isSame(
  view: DataView,
  at: number,
  length: number,
  words: Int32Array,
  from: number,
): boolean {
  let word = from;
  let place = at;
  for (const last = at + length - 4; place <= last; place += 4) {
    if (view.getInt32(place, true) !== words[word]) {
      return false;
    }
    word++;
  }
  const rest = at + length - place;
  return (
    rest === 0 || ((view.getInt32(place, true) ^ (words[word] ?? 0)) & (tailMasks[rest] ?? 0)) === 0
  );
}

interface Room {
  readonly words: Int32Array;
  readonly from: number;
  readonly wordsMax: number;
}

/** The length that is kept: 0 when it is too long. */
function keep(view: DataView, start: number, end: number, { words, from, wordsMax }: Room): number {
  const count = (end - start + 3) >> 2;
  if (count > wordsMax) {
    return 0;
  }
  for (let word = 0; word < count; word++) {
    words[from + word] = view.getInt32(start + word * 4, true);
  }
  return end - start;
}
