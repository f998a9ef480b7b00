import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeBatch, encodeBatch } from "../core/batch-codec.ts";
import { batchBytesMax, type Batch } from "../core/batch.ts";
import { Corrupt, Permanent, StaleWriter } from "../core/errors.ts";
import { toSizeText } from "../core/units.ts";
import { BatchCache, type CachedBatch } from "./_batch-cache.ts";
import { locate, toCursorBehind } from "./_cursors.ts";
import { GapCounter } from "./_gap-counter.ts";
import { findFirst } from "./_find-first.ts";
import { planTrimStep, type TrimStep } from "./_trim-step.ts";
import type { Store } from "./_store.ts";
import { Waiters } from "./_waiters.ts";
import {
  JournalUnavailable,
  type Append,
  type Claim,
  type Cursor,
  type Entry,
  type Journal,
  type JournalStatus,
  type Lag,
  type ReaderState,
  type ReadLimits,
  type Retention,
  type Slice,
} from "./journal.ts";

export interface StoredJournalOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Of the encoded forms of the decoded batches that are kept. */
  readonly cacheBytes: number;
  /** For a journal that another process writes. */
  readonly pollMs?: number | undefined;
}

/** What a journal is, over whatever keeps its rows: the adapters differ in their store alone. */
export class StoredJournal implements Journal {
  readonly epoch: string;
  readonly #store: Store;
  readonly #now: () => number;
  readonly #cache: BatchCache;
  readonly #waiters: Waiters;
  #isClosed = false;

  constructor(store: Store, options: StoredJournalOptions) {
    this.epoch = store.epoch;
    this.#store = store;
    this.#now = options.now;
    this.#cache = new BatchCache(options.cacheBytes);
    this.#waiters = new Waiters(options.pollMs);
  }

  async claim(source: string): Promise<Claim> {
    return this.#write(source.length, () => {
      const last = this.#store.claim(source) ?? { source, term: 0, seq: 0, position: undefined };
      const claim = { ...last, term: last.term + 1 };
      this.#store.putClaim(claim);
      return { ...claim, position: claim.position?.slice() };
    });
  }

  async append({ claim, batches, position }: Append): Promise<void> {
    const encoded = batches.map((batch) => encodeWithinLimit(batch, claim.source));
    const kept = position?.slice();
    const sizeBytes = encoded.reduce((sum, each) => sum + each.length, kept?.length ?? 0);
    await this.#write(sizeBytes, () => this.#commit({ claim, batches, position: kept }, encoded));
    this.#waiters.wake();
  }

  /** Within a transaction. Everything is checked before anything is written. */
  #commit({ claim, batches, position }: Append, encoded: readonly Uint8Array[]): void {
    const last = this.#store.claim(claim.source);
    if (last?.term !== claim.term) {
      throw new StaleWriter(
        `Another writer has taken over the source "${claim.source}"; this one has to stop.`,
      );
    }
    const seq = checkSequence(batches, last);
    let { head } = this.#store.extent();
    // The clock may step back; the order of the journal does not.
    const at = Math.max(head.at, Math.floor(this.#now()));
    for (const [index, batch] of batches.entries()) {
      const bytes = encoded[index];
      if (batch.seq <= last.seq || bytes === undefined) {
        continue;
      }
      const { number, bytesThrough } = head;
      head = { number: number + 1, bytesThrough: bytesThrough + bytes.length, at };
      this.#store.insert({ ...head, source: batch.source, seq: batch.seq, encoded: bytes });
    }
    if (seq > last.seq || batches.length === 0) {
      this.#store.putClaim({ ...last, seq, position: position ?? last.position });
    }
  }

  async read(after: Cursor, limits: ReadLimits): Promise<Slice> {
    // A reader far behind always finds another slice: let timers and sockets have their turn in between.
    await nextTurn();
    this.#checkOpen();
    return this.#store.view(() => this.#readSlice(after, limits));
  }

  #readSlice(after: Cursor, limits: ReadLimits): Slice {
    const extent = this.#store.extent();
    const location = locate(after, this.epoch, extent);
    const gaps = new GapCounter(location.gap);
    const entries: Entry[] = [];
    let { number } = location;
    const last = Math.min(extent.head.number, number + Math.max(1, limits.batchesMax));
    for (let sizeBytes = 0; number < last; number++) {
      const loaded = this.#load(number + 1);
      if (loaded instanceof Corrupt) {
        gaps.addCorrupt(loaded);
        continue;
      }
      sizeBytes += loaded.sizeBytes;
      if (sizeBytes > limits.bytesMax && entries.length > 0) {
        break;
      }
      entries.push({ batch: loaded.batch, next: toCursorBehind(this.epoch, number + 1) });
    }
    return { entries, next: toCursorBehind(this.epoch, number), gaps: gaps.toGaps() };
  }

  #load(number: number): CachedBatch | Corrupt {
    const cached = this.#cache.get(number);
    if (cached !== undefined) {
      return cached;
    }
    try {
      const { encoded } = this.#store.load(number);
      const loaded = { batch: decodeBatch(encoded), sizeBytes: encoded.length };
      this.#cache.put(number, loaded);
      return loaded;
    } catch (error) {
      if (error instanceof Corrupt) {
        return new Corrupt(`batch ${number}`, { cause: error });
      }
      throw error;
    }
  }

  async changed(after: Cursor, signal: AbortSignal): Promise<void> {
    this.#checkOpen();
    await this.#waiters.wait(() => {
      const extent = this.#store.extent();
      const { number, gap } = locate(after, this.epoch, extent);
      return gap !== undefined || number < extent.head.number;
    }, signal);
  }

  start(): Cursor {
    return toCursorBehind(this.epoch, this.#store.extent().trimmed.number);
  }

  head(): Cursor {
    return toCursorBehind(this.epoch, this.#store.extent().head.number);
  }

  async seek(at: number): Promise<Cursor> {
    this.#checkOpen();
    const found = this.#store.view(() => findFirst(this.#store, (mark) => mark.at >= at));
    return toCursorBehind(this.epoch, found - 1);
  }

  lag(cursor: Cursor): Lag {
    return this.#store.view(() => this.#measureLag(cursor));
  }

  #measureLag(cursor: Cursor): Lag {
    const extent = this.#store.extent();
    const { number } = locate(cursor, this.epoch, extent);
    const batches = extent.head.number - number;
    const ms = batches === 0 ? 0 : this.#now() - this.#store.mark(number + 1).at;
    return { batches, ms: Math.max(0, ms) };
  }

  async loadReader(name: string): Promise<ReaderState | undefined> {
    this.#checkOpen();
    const reader = this.#store.reader(name);
    return reader && { cursor: reader.cursor, state: reader.state?.slice() };
  }

  async saveReader(name: string, { cursor, state }: ReaderState): Promise<void> {
    const kept = { cursor, state: state?.slice() };
    await this.#write(state?.length ?? 0, () => this.#store.putReader(name, kept));
  }

  async deleteReader(name: string): Promise<void> {
    await this.#write(0, () => this.#store.deleteReader(name));
  }

  async trim(retention: Retention): Promise<number> {
    const store = this.#store;
    const plan = (): TrimStep => planTrimStep(store, retention, this.#now());
    this.#checkOpen();
    let deleted = 0;
    // Each step is a transaction of its own, so that appends and the rest of the program come in between.
    while (plan().batches > 0) {
      deleted += await this.#write(0, () => {
        const { batches, through } = plan();
        store.trimThrough(through);
        return batches;
      });
    }
    while (store.isShrinkable()) {
      await this.#write(0, () => store.shrink());
    }
    return deleted;
  }

  async status(): Promise<JournalStatus> {
    this.#checkOpen();
    return this.#store.view(() => this.#describe());
  }

  #describe(): JournalStatus {
    const { trimmed, head } = this.#store.extent();
    const batches = head.number - trimmed.number;
    return {
      epoch: this.epoch,
      head: toCursorBehind(this.epoch, head.number),
      batches,
      sizeBytes: head.bytesThrough - trimmed.bytesThrough,
      oldestAt: batches === 0 ? undefined : this.#store.mark(trimmed.number + 1).at,
      newestAt: batches === 0 ? undefined : head.at,
      sources: this.#store.claims().map(({ source, seq }) => ({ source, seq })),
      readers: this.#store
        .readers()
        .map(([name, { cursor }]) => ({ name, lag: this.#measureLag(cursor) })),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#store.close();
      this.#waiters.close(closedError());
    }
  }

  async #write<Result>(sizeBytes: number, change: () => Result): Promise<Result> {
    this.#checkOpen();
    return this.#store.write(sizeBytes, change);
  }

  #checkOpen(): void {
    if (this.#isClosed) {
      throw closedError();
    }
  }
}

function closedError(): JournalUnavailable {
  return new JournalUnavailable("The journal is closed, because the node is stopping.");
}

function encodeWithinLimit(batch: Batch, source: string): Uint8Array {
  if (batch.source !== source) {
    throw new Permanent(
      `A batch of the source "${batch.source}" was appended under the claim of "${source}".`,
    );
  }
  const encoded = encodeBatch(batch);
  if (encoded.length > batchBytesMax) {
    throw new Permanent(
      `Batch ${batch.seq} of "${source}" takes ${toSizeText(encoded.length)}; ` +
        `the most is ${toSizeText(batchBytesMax)}. Split it before it is appended.`,
    );
  }
  return encoded;
}

/** The last sequence number once the batches are committed. Throws Permanent for a hole before or between them. */
function checkSequence(batches: readonly Batch[], last: Claim): number {
  let seq = Math.min(last.seq, (batches[0]?.seq ?? 1) - 1);
  for (const batch of batches) {
    if (batch.seq !== seq + 1 || batch.seq < 1) {
      throw new Permanent(
        `The source "${last.source}" has committed batch ${last.seq} and appends ${batch.seq} ` +
          `after ${seq}: a batch is missing in between.`,
      );
    }
    seq = batch.seq;
  }
  return Math.max(seq, last.seq);
}
