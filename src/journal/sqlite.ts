import { DatabaseSync } from "node:sqlite";
import { defaultCommitDelay, type CommitDelay } from "./_commit-queue.ts";
import { toOpenError } from "./_sqlite-errors.ts";
import { checkVersion, prepareSchema } from "./_sqlite-schema.ts";
import { SqliteStore } from "./_sqlite-store.ts";
import { StoredJournal } from "./_stored-journal.ts";
import type { Journal } from "./journal.ts";

export interface SqliteJournalOptions {
  /** Usually journal.db in the data folder, which must exist. SQLite keeps two more files beside it while it is open. */
  readonly file: string;
  /** Milliseconds since the epoch; what the batches' append times are taken from. */
  readonly now: () => number;
  /**
   * For looking into a journal that another process may be writing. Whatever would change something rejects with
   * JournalUnavailable, and `changed` looks for news four times a second.
   */
  readonly readOnly?: boolean;
  /** How long writes wait for each other's company; at most 50 ms unless given. */
  readonly commitDelay?: CommitDelay;
  /** How much stays decoded for the readers near the head, measured in encoded bytes; 4 MiB unless given. */
  readonly cacheBytes?: number;
}

/** How long a statement waits, and the event loop with it, for another process to finish its transaction. */
const lockTimeoutMs = 1000;
const pollMs = 250;

/**
 * The embedded journal: one file, which is made when it is missing (not with `readOnly`). Throws UserError when it
 * cannot be opened: JOURNAL_CORRUPT for a damaged file, else JOURNAL_UNAVAILABLE.
 */
export function openSqliteJournal(options: SqliteJournalOptions): Journal {
  const { file, now, readOnly = false, cacheBytes = 4 * 1024 * 1024 } = options;
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly, timeout: lockTimeoutMs });
    if (readOnly) {
      checkVersion(database, file);
    } else {
      prepareSchema(database, file);
    }
    const delay = options.commitDelay ?? defaultCommitDelay;
    const store = new SqliteStore(database, { file, readOnly, delay });
    return new StoredJournal(store, { now, cacheBytes, pollMs: readOnly ? pollMs : undefined });
  } catch (error) {
    database?.close();
    throw toOpenError(error, file);
  }
}
