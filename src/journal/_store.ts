import type { Claim, ReaderState } from "./journal.ts";

/** The place behind a batch, with what is known of it. Number 0 is the place before the very first. */
export interface Mark {
  /** 1, 2, 3 … without holes, for the life of a journal. */
  readonly number: number;
  /** The encoded sizes of all batches ever appended up to this one, trimmed ones included. */
  readonly bytesThrough: number;
  /** When it was appended, in milliseconds since the epoch; never before its predecessor. */
  readonly at: number;
}

/** Retained are the batches behind `trimmed`, up to and including `head`. */
export interface Extent {
  readonly trimmed: Mark;
  readonly head: Mark;
}

export const noBatch: Mark = { number: 0, bytesThrough: 0, at: 0 };

export interface StoredBatch extends Mark {
  readonly source: string;
  readonly seq: number;
  readonly encoded: Uint8Array;
}

/**
 * What an adapter provides: rows. What they mean (claims, gaps, retention) is StoredJournal's, once for all adapters.
 * Every method but `write` and `close` is synchronous; those that change something are called within `write` only.
 */
export interface Store {
  readonly epoch: string;
  /** Runs `read`, all of whose calls then see the store as it was at the first one, whatever others commit. */
  view<Result>(read: () => Result): Result;
  extent(): Extent;
  /** Of this batch; of the next one, or the head, when somebody has removed its row. */
  mark(number: number): Mark;
  /** Throws Corrupt, naming the batch, when the row is missing or not what was written. */
  load(number: number): StoredBatch;
  claim(source: string): Claim | undefined;
  claims(): readonly Claim[];
  reader(name: string): ReaderState | undefined;
  readers(): readonly (readonly [string, ReaderState])[];

  /**
   * Runs `change` in a transaction, in the order of the calls, and resolves to its result once that is durable.
   * `change` may throw StaleWriter or Permanent as long as it has changed nothing: then only its own call rejects.
   * `sizeBytes` is about what it will write.
   */
  write<Result>(sizeBytes: number, change: () => Result): Promise<Result>;
  insert(batch: StoredBatch): void;
  putClaim(claim: Claim): void;
  putReader(name: string, state: ReaderState): void;
  deleteReader(name: string): void;
  /** Deletes the batches up to and including this one. */
  trimThrough(mark: Mark): void;
  /** Whether much of the room that is taken on disk is unused. */
  isShrinkable(): boolean;
  /** Gives a bounded piece of it back to the file system. */
  shrink(): void;
  /** Finishes the writes that were asked for. */
  close(): void;
}
