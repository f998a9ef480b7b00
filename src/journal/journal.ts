// The port: what sources write to and readers read from. The SQLite and the memory adapter behave alike;
// test/contracts/journal.test.ts runs over both.
import type { Batch } from "../core/batch.ts";
import type { ErrorCode } from "../core/errors.ts";

/**
 * A place in the journal, between two batches. Opaque: it carries the journal's epoch, may be stored anywhere as text,
 * and says nothing about how many batches lie between two of them.
 */
export type Cursor = string & { readonly [cursorBrand]: true };
declare const cursorBrand: unique symbol;

/**
 * What was stored or sent as text is a cursor again. Any text is taken: what is no cursor of a journal leads to a gap
 * where it is used.
 */
export function toCursor(text: string): Cursor {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand has no other way in
  return text as Cursor;
}

export interface Entry {
  readonly batch: Batch;
  /** The place right after this batch: what a reader commits once it is done with it. */
  readonly next: Cursor;
}

/** What a reader missed up to the end of a slice. Counted and shown by the engine, never silent. */
export interface Gap {
  /**
   * `retention`: deleted before it was read. `epoch`: the journal was made anew. `beyond`: the cursor lies past the
   * head (the journal was restored from an older copy). `corrupt`: a stored batch does not decode.
   */
  readonly reason: "retention" | "epoch" | "beyond" | "corrupt";
  /** Undefined when it cannot be known. */
  readonly batches: number | undefined;
  /** For people: which batches could not be read, and why. Only with `corrupt`. */
  readonly detail?: string;
}

export interface Slice {
  readonly entries: readonly Entry[];
  /** Where to read on; equals the given cursor when nothing new is there. */
  readonly next: Cursor;
  readonly gaps: readonly Gap[];
}

/** The right to append for one source. A later claim of the same source makes this one stale. */
export interface Claim {
  readonly source: string;
  readonly term: number;
  /** The sequence number of the last batch that was committed; 0 at first. */
  readonly seq: number;
  /** What was given as position with it. Outlives retention. */
  readonly position: Uint8Array | undefined;
}

export interface Append {
  readonly claim: Claim;
  /** Consecutive sequence numbers, first to last; all or none are committed. */
  readonly batches: readonly Batch[];
  /**
   * The source's new resume position; undefined leaves it as it is. It belongs to the last batch: when that one is
   * committed already, a position has been committed with it and stays. Without batches it is set on its own.
   */
  readonly position: Uint8Array | undefined;
}

export interface ReadLimits {
  readonly batchesMax: number;
  /** The encoded batches of a slice together are not larger, unless the first one alone is. */
  readonly bytesMax: number;
}

/** What a reader without a file of its own keeps in the journal. */
export interface ReaderState {
  readonly cursor: Cursor;
  readonly state: Uint8Array | undefined;
}

export interface Retention {
  /** Batches appended longer ago are deleted. */
  readonly ageMs: number;
  /** The oldest batches are deleted while the encoded ones together are larger. */
  readonly sizeBytes: number;
}

export interface JournalStatus {
  readonly epoch: string;
  readonly head: Cursor;
  readonly batches: number;
  readonly sizeBytes: number;
  /**
   * When the oldest and the newest retained batch were appended, in milliseconds since the epoch. Never runs
   * backwards in a journal, even when the system's clock does.
   */
  readonly oldestAt: number | undefined;
  readonly newestAt: number | undefined;
  readonly sources: readonly { readonly source: string; readonly seq: number }[];
  readonly readers: readonly { readonly name: string; readonly lag: Lag }[];
}

/** How far a cursor is behind the head, in what is retained: what was deleted unread is a gap, not a lag. */
export interface Lag {
  readonly batches: number;
  /** Since the oldest unread batch was appended, in milliseconds; 0 when all is read. */
  readonly ms: number;
}

/**
 * The journal could not be read or written: a full disk, an I/O error, a lock that another process holds. Nothing was
 * changed, and the same call may be tried again. The message says what to do.
 */
export class JournalUnavailable extends Error {
  override readonly name = "JournalUnavailable";
  readonly code = "JOURNAL_UNAVAILABLE" satisfies ErrorCode;
}

/**
 * Disposing of it commits what was appended before, then closes it; every later call, and every wait in `changed`,
 * rejects with JournalUnavailable.
 */
export interface Journal extends AsyncDisposable {
  /** Changes when the journal is made anew: cursors of another epoch lead to a counted gap. */
  readonly epoch: string;

  /** Takes over the writing for a source; committed before it resolves. */
  claim(source: string): Promise<Claim>;

  /**
   * Resolves when the batches are on disk. A batch whose sequence number is already committed is left out, so that an
   * append whose answer was lost may be repeated. Throws StaleWriter when the source was claimed since; Permanent for
   * a hole in the sequence numbers, a batch of another source or one above batchBytesMax; JournalUnavailable (a full
   * disk) has changed nothing and may be tried again.
   * A source waits for one append before it makes the next: after a failed one, the next would leave a hole.
   */
  append(append: Append): Promise<void>;

  /**
   * At most one slice after the cursor. Never waits for new batches. A cursor that cannot be used leads to the oldest
   * batch, with a gap. A batch that does not decode is left out, with a gap, and `next` lies behind it.
   */
  read(after: Cursor, limits: ReadLimits): Promise<Slice>;

  /** Resolves when `read` has something to say after the cursor (also a gap); rejects with the signal's reason. */
  changed(after: Cursor, signal: AbortSignal): Promise<void>;

  /** The place before the oldest retained batch. */
  start(): Cursor;
  /** The place behind the newest batch. */
  head(): Cursor;
  /** The place before the first batch that was appended at or after `at` (milliseconds since the epoch). */
  seek(at: number): Promise<Cursor>;
  lag(cursor: Cursor): Lag;

  loadReader(name: string): Promise<ReaderState | undefined>;
  /** Cursor and state in one step. */
  saveReader(name: string, state: ReaderState): Promise<void>;
  /** For a reader that no longer exists in the configuration. */
  deleteReader(name: string): Promise<void>;

  /** Deletes what retention no longer covers, in small steps; resolves to the number of batches deleted. */
  trim(retention: Retention): Promise<number>;
  status(): Promise<JournalStatus>;
}
