// PLACEHOLDER IMPLEMENTATION behind the final interface.
import { ByteReader, ByteWriter } from "./bytes.ts";

/** How a set of observations is spread: mergeable, with quantiles. Values in base units (seconds, bytes). */
export class Distribution {
  #values = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #min = Infinity;
  #max = -Infinity;

  get count(): number {
    return this.#count;
  }
  get sum(): number {
    return this.#sum;
  }
  /** Infinity while empty. */
  get min(): number {
    return this.#min;
  }
  /** -Infinity while empty. */
  get max(): number {
    return this.#max;
  }

  add(value: number, times = 1): void {
    this.#values.set(value, (this.#values.get(value) ?? 0) + times);
    this.#count += times;
    this.#sum += value * times;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
  }

  merge(other: Distribution): void {
    for (const [value, times] of other.#values) {
      this.add(value, times);
    }
  }

  clone(): Distribution {
    const copy = new Distribution();
    copy.merge(this);
    return copy;
  }

  /** NaN while empty. */
  quantile(q: number): number {
    let rest = Math.max(1, Math.ceil(q * this.#count));
    for (const [value, times] of [...this.#values].toSorted(([a], [b]) => a - b)) {
      rest -= times;
      if (rest <= 0) {
        return value;
      }
    }
    return Number.NaN;
  }

  toBytes(): Uint8Array {
    const out = new ByteWriter();
    out.varint(this.#values.size);
    for (const [value, times] of this.#values) {
      out.float64(value);
      out.varint(times);
    }
    return out.finish();
  }

  static fromBytes(bytes: Uint8Array): Distribution {
    const input = new ByteReader(bytes);
    const distribution = new Distribution();
    for (let rest = input.varint(); rest > 0; rest--) {
      distribution.add(input.float64(), input.varint());
    }
    return distribution;
  }
}
