import type { Batch } from "../core/batch.ts";

export interface CachedBatch {
  readonly batch: Batch;
  /** Of the encoded form. */
  readonly sizeBytes: number;
}

/**
 * The most recent decoded batches, so that several readers near the head decode each batch once. Bounded by the size
 * of the encoded forms (decoded, they take ten to twenty times as much).
 */
export class BatchCache {
  readonly #sizeBytesMax: number;
  readonly #batches = new Map<number, CachedBatch>();
  #sizeBytes = 0;
  /** Nothing below was evicted or refused; a reader that is far behind must not push out what the others need. */
  #oldest = 0;

  constructor(sizeBytesMax: number) {
    this.#sizeBytesMax = sizeBytesMax;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  get(number: number): CachedBatch | undefined {
    return this.#batches.get(number);
  }

  put(number: number, batch: CachedBatch): void {
    if (number < this.#oldest || this.#batches.has(number)) {
      return;
    }
    this.#batches.set(number, batch);
    this.#sizeBytes += batch.sizeBytes;
    for (const [oldest, { sizeBytes }] of this.#batches) {
      if (this.#sizeBytes <= this.#sizeBytesMax) {
        return;
      }
      this.#batches.delete(oldest);
      this.#sizeBytes -= sizeBytes;
      this.#oldest = Math.max(this.#oldest, oldest + 1);
    }
  }
}
