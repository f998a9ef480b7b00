import { randomBytes } from "node:crypto";
import { Corrupt } from "../core/errors.ts";
import { noBatch, type Extent, type Mark, type Store, type StoredBatch } from "./_store.ts";
import { StoredJournal } from "./_stored-journal.ts";
import type { Claim, Journal, ReaderState } from "./journal.ts";

export interface MemoryJournalOptions {
  /** Milliseconds since the epoch; what the batches' append times are taken from. */
  readonly now: () => number;
  /** How much stays decoded, measured in encoded bytes; 4 MiB unless given. */
  readonly cacheBytes?: number;
}

/**
 * A journal that ends with the process, for tests and backtests. Batches are kept in their encoded form, so that it
 * has the same limits as the others, and what readers get is never what a source still holds. It grows until trimmed.
 */
export function createMemoryJournal({ now, cacheBytes }: MemoryJournalOptions): Journal {
  return new StoredJournal(new MemoryStore(), { now, cacheBytes: cacheBytes ?? 4 * 1024 * 1024 });
}

class MemoryStore implements Store {
  readonly epoch = randomBytes(8).toString("hex");
  readonly #claims = new Map<string, Claim>();
  readonly #readers = new Map<string, ReaderState>();
  /** Batch `trimmed.number` + 1 is at `#skipped`. */
  #batches: (StoredBatch | undefined)[] = [];
  #skipped = 0;
  #trimmed: Mark = noBatch;

  view<Result>(read: () => Result): Result {
    return read();
  }

  extent(): Extent {
    return { trimmed: this.#trimmed, head: this.#batches.at(-1) ?? this.#trimmed };
  }

  mark(number: number): Mark {
    return this.#batches[this.#indexOf(number)] ?? this.extent().head;
  }

  load(number: number): StoredBatch {
    const batch = this.#batches[this.#indexOf(number)];
    if (batch === undefined) {
      throw new Corrupt("there is no such batch");
    }
    return batch;
  }

  claim(source: string): Claim | undefined {
    return this.#claims.get(source);
  }

  claims(): readonly Claim[] {
    return [...this.#claims.values()].toSorted((a, b) => (a.source < b.source ? -1 : 1));
  }

  reader(name: string): ReaderState | undefined {
    return this.#readers.get(name);
  }

  readers(): readonly (readonly [string, ReaderState])[] {
    return [...this.#readers].toSorted(([a], [b]) => (a < b ? -1 : 1));
  }

  /** At once: a change throws before it changes anything, and nothing else can fail here. */
  async write<Result>(_sizeBytes: number, change: () => Result): Promise<Result> {
    return change();
  }

  insert(batch: StoredBatch): void {
    this.#batches.push(batch);
  }

  putClaim(claim: Claim): void {
    this.#claims.set(claim.source, claim);
  }

  putReader(name: string, state: ReaderState): void {
    this.#readers.set(name, state);
  }

  deleteReader(name: string): void {
    this.#readers.delete(name);
  }

  trimThrough(mark: Mark): void {
    const past = this.#indexOf(mark.number) + 1;
    this.#batches.fill(undefined, this.#skipped, past);
    this.#skipped = past;
    this.#trimmed = mark;
    if (this.#skipped * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#skipped);
      this.#skipped = 0;
    }
  }

  isShrinkable(): boolean {
    return false;
  }

  shrink(): void {
    // Trimmed batches are the garbage collector's.
  }

  close(): void {
    this.#batches = [];
  }

  #indexOf(number: number): number {
    return this.#skipped + number - this.#trimmed.number - 1;
  }
}
