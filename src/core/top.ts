// PLACEHOLDER IMPLEMENTATION behind the final interface.
import { ByteReader, ByteWriter } from "./bytes.ts";

/** One of the heaviest keys. The true count lies in [count - error, count]. */
export interface TopEntry {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}

/** The heaviest keys of a window, in bounded memory. */
export class Top {
  readonly #entriesMax: number;
  #counts = new Map<string, number>();
  #total = 0;

  constructor(entriesMax = 100) {
    this.#entriesMax = entriesMax;
  }

  /** Everything that was added, listed or not. */
  get total(): number {
    return this.#total;
  }

  add(key: string, times = 1): void {
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + times);
    this.#total += times;
  }

  merge(other: Top): void {
    for (const [key, times] of other.#counts) {
      this.add(key, times);
    }
  }

  clone(): Top {
    const copy = new Top(this.#entriesMax);
    copy.merge(this);
    return copy;
  }

  /** The `max` heaviest, heaviest first, ties in the order first seen. */
  entries(max: number): TopEntry[] {
    const sorted = [...this.#counts].toSorted(([, a], [, b]) => b - a).slice(0, max);
    return sorted.map(([key, times]) => ({ key, count: times, error: 0 }));
  }

  toBytes(): Uint8Array {
    const out = new ByteWriter();
    out.varint(this.#entriesMax);
    out.varint(this.#counts.size);
    for (const [key, times] of this.#counts) {
      out.text(key);
      out.varint(times);
    }
    return out.finish();
  }

  static fromBytes(bytes: Uint8Array): Top {
    const input = new ByteReader(bytes);
    const top = new Top(input.varint());
    for (let rest = input.varint(); rest > 0; rest--) {
      top.add(input.text(), input.varint());
    }
    return top;
  }
}
