// PLACEHOLDER IMPLEMENTATION behind the final interface.
import { ByteReader, ByteWriter } from "./bytes.ts";

/** How many different things were seen: mergeable, exact while small. */
export class Distinct {
  #keys = new Set<string>();

  /** The estimated number of different keys; exact while small. */
  get count(): number {
    return this.#keys.size;
  }

  add(key: string): void {
    this.#keys.add(key);
  }

  merge(other: Distinct): void {
    for (const key of other.#keys) {
      this.#keys.add(key);
    }
  }

  clone(): Distinct {
    const copy = new Distinct();
    copy.merge(this);
    return copy;
  }

  toBytes(): Uint8Array {
    const out = new ByteWriter();
    out.varint(this.#keys.size);
    for (const key of this.#keys) {
      out.text(key);
    }
    return out.finish();
  }

  static fromBytes(bytes: Uint8Array): Distinct {
    const input = new ByteReader(bytes);
    const distinct = new Distinct();
    for (let rest = input.varint(); rest > 0; rest--) {
      distinct.add(input.text());
    }
    return distinct;
  }
}
