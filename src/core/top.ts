// Hot path (`add` of a known key): one look-up in a Map and one addition; see bench/sketches.ts.
import { Hash64 } from "./_hash64.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { hashSeed } from "./distinct.ts";
import { Corrupt } from "./errors.ts";

/** One of the heaviest keys. The true count lies in [count - error, count]. */
export interface TopEntry {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}

/** Longer keys are cut, and end in a hash of the whole. */
export const keyCharsMax = 256;

const entriesMaxLargest = 100_000;

interface Row {
  key: string;
  count: number;
  error: number;
  /** Rises in the order in which the present keys came. */
  order: number;
  /** The count when the row was last put into its place in the heap: at most `count`. */
  heapCount: number;
}

/**
 * The heaviest keys of a window, in bounded memory: the Space-Saving summary (Metwally, Agrawal, El Abbadi 2005).
 *
 * What holds always, also after merging in any order:
 * - the true count of a listed key lies in [count - error, count];
 * - a key that is not listed was added at most `errorMax` times, which is at most total / entriesMax;
 * - the counts of all entries add up to at most `total`, so that rows and `other` make the total exactly;
 * - with no more different keys than `entriesMax`, everything is exact.
 *
 * Rows show the upper bound `count`; `other` therefore is a lower bound of what the keys not shown have.
 */
export class Top {
  #entriesMax: number;
  readonly #rows = new Map<string, Row>();
  #total = 0;
  #orders = 0;
  #errorMax = 0;
  /** The rows with the least count first; undefined until it is needed, and after a merge. */
  #heap: Row[] | undefined;

  /** Throws RangeError unless `entriesMax` is from 1 to 100 000. Ten times what is shown gives small errors. */
  constructor(entriesMax = 100) {
    if (!(Number.isInteger(entriesMax) && entriesMax >= 1 && entriesMax <= entriesMaxLargest)) {
      throw new RangeError(`entriesMax is ${entriesMax}; give one from 1 to ${entriesMaxLargest}`);
    }
    this.#entriesMax = entriesMax;
  }

  /** Everything that was added, listed or not. */
  get total(): number {
    return this.#total;
  }

  /** No key that is not listed was added more often; 0 while everything is exact. */
  get errorMax(): number {
    return this.#errorMax;
  }

  /** Returns false, and changes nothing, when `times` is not a whole number above zero. */
  add(key: string, times = 1): boolean {
    if (!(Number.isSafeInteger(times) && times > 0)) {
      return false;
    }
    this.#total += times;
    const row = this.#rows.get(key);
    if (row === undefined) {
      this.#addUnknown(toKept(key), times);
    } else {
      row.count += times;
    }
    return true;
  }

  /**
   * Adds what the other one saw; it stays as it is. A key that one of them does not list may have had as many as its
   * `errorMax`: that is added to count and error. The heaviest are kept: as many as `entriesMax`, or as the other one
   * could hold if that is less and it was not exact.
   */
  merge(other: Top): void {
    const theirs = new Map(Array.from(other.#rows.values(), (row) => [row.key, { ...row }]));
    const theirErrorMax = other.#errorMax;
    for (const row of this.#rows.values()) {
      const match = theirs.get(row.key);
      row.count += match?.count ?? theirErrorMax;
      row.error += match?.error ?? theirErrorMax;
    }
    for (const { key, count, error } of toOrdered(theirs.values())) {
      if (!this.#rows.has(key)) {
        this.#insert(key, count + this.#errorMax, error + this.#errorMax);
      }
    }
    this.#total += other.#total;
    this.#errorMax += theirErrorMax;
    if (theirErrorMax > 0) {
      this.#entriesMax = Math.min(this.#entriesMax, other.#entriesMax);
    }
    this.#prune();
  }

  clone(): Top {
    const copy = new Top(this.#entriesMax);
    for (const row of toOrdered(this.#rows.values())) {
      copy.#insert(row.key, row.count, row.error);
    }
    copy.#total = this.#total;
    copy.#errorMax = this.#errorMax;
    return copy;
  }

  /** The `max` heaviest, heaviest first, ties in the order first seen. */
  entries(max: number): TopEntry[] {
    const rows = Array.from(this.#rows.values()).toSorted(byWeight).slice(0, Math.max(0, max));
    return rows.map(({ key, count, error }) => ({ key, count, error }));
  }

  /** What `entries(max)` leave of the total: the row "(other)" below them. */
  other(max: number): number {
    return this.entries(max).reduce((rest, { count }) => rest - count, this.#total);
  }

  toBytes(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    out.varint(this.#entriesMax);
    out.varint(this.#total);
    out.varint(this.#errorMax);
    out.varint(this.#rows.size);
    for (const { key, count, error } of toOrdered(this.#rows.values())) {
      out.text(key);
      out.varint(count);
      out.varint(error);
    }
    return out.finish();
  }

  /** Throws Corrupt for what `toBytes` cannot have written. */
  static fromBytes(bytes: Uint8Array): Top {
    const input = new ByteReader(bytes);
    const entriesMax = input.varint();
    const total = input.varint();
    const errorMax = input.varint();
    const length = input.varint();
    const isPossible = entriesMax >= 1 && entriesMax <= entriesMaxLargest && length <= entriesMax;
    if (!isPossible || total > Number.MAX_SAFE_INTEGER || errorMax * length > total) {
      throw new Corrupt(`${length} entries of ${entriesMax}, ${total} in all`);
    }
    const top = new Top(entriesMax);
    let rest = total;
    for (let at = 0; at < length; at++) {
      const key = input.text();
      const count = input.varint();
      const error = input.varint();
      rest -= count;
      if (count <= error || count < errorMax || rest < 0 || top.#rows.has(key)) {
        throw new Corrupt(
          `the entry ${JSON.stringify(key)}: ${count}, of which ${error} uncertain`,
        );
      }
      top.#insert(key, count, error);
    }
    if (input.left > 0 || (errorMax === 0 ? rest > 0 : length < entriesMax)) {
      throw new Corrupt(
        `${length} entries lack ${rest} of ${total}, ${input.left} bytes after them`,
      );
    }
    top.#total = total;
    top.#errorMax = errorMax;
    return top;
  }

  #addUnknown(key: string, times: number): void {
    const known = this.#rows.get(key);
    if (known !== undefined) {
      known.count += times;
    } else if (this.#rows.size < this.#entriesMax) {
      this.#insert(key, times, 0);
      this.#heap = undefined;
    } else {
      this.#replaceLeast(key, times);
    }
  }

  #insert(key: string, count: number, error: number): void {
    this.#rows.set(key, { key, count, error, order: this.#orders++, heapCount: 0 });
  }

  /** The key that comes may have been the one that goes: it inherits its count, as an error. */
  #replaceLeast(key: string, times: number): void {
    this.#heap ??= createHeap(this.#rows.values());
    const row = updateLeast(this.#heap);
    this.#rows.delete(row.key);
    this.#errorMax = row.count;
    row.key = key;
    row.error = row.count;
    row.count += times;
    row.order = this.#orders++;
    this.#rows.set(key, row);
  }

  #prune(): void {
    this.#heap = undefined;
    if (this.#rows.size > this.#entriesMax) {
      const dropped = Array.from(this.#rows.values()).toSorted(byWeight).slice(this.#entriesMax);
      for (const { key } of dropped) {
        this.#rows.delete(key);
      }
      this.#errorMax = Math.max(this.#errorMax, dropped[0]?.count ?? 0);
    }
  }
}

/** The row with the least count, at the root. Counts only grow: a row that grew since it was placed sinks first. */
function updateLeast(heap: Row[]): Row {
  for (;;) {
    const [root] = heap;
    if (root === undefined) {
      throw new Error("a table without rows has no least one");
    }
    if (root.heapCount === root.count) {
      return root;
    }
    root.heapCount = root.count;
    sink(heap, 0);
  }
}

/** A sorted array is a heap. */
function createHeap(rows: Iterable<Row>): Row[] {
  const heap = Array.from(rows).toSorted((a, b) => a.count - b.count || b.order - a.order);
  for (const row of heap) {
    row.heapCount = row.count;
  }
  return heap;
}

function sink(heap: Row[], from: number): void {
  const row = heap[from];
  if (row === undefined) {
    return;
  }
  let at = from;
  for (;;) {
    const left = heap[2 * at + 1];
    const right = heap[2 * at + 2];
    const isRight = left !== undefined && right !== undefined && right.heapCount < left.heapCount;
    const least = isRight ? right : left;
    if (least === undefined || least.heapCount >= row.heapCount) {
      break;
    }
    heap[at] = least;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = row;
}

function byWeight(a: Row, b: Row): number {
  return b.count - a.count || a.order - b.order;
}

function toOrdered(rows: Iterable<Row>): Row[] {
  return Array.from(rows).toSorted((a, b) => a.order - b.order);
}

const hash = new Hash64(hashSeed);

/** The key as it is stored: of bounded length, and the same after being written and read as UTF-8. */
function toKept(key: string): string {
  if (key.length <= keyCharsMax) {
    return key.toWellFormed();
  }
  hash.ofText(key);
  const digits = [hash.high, hash.low].map((word) => (word >>> 0).toString(16).padStart(8, "0"));
  return `${key.slice(0, keyCharsMax - 17)}…${digits.join("")}`.toWellFormed();
}
