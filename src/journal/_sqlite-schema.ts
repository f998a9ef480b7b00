import { randomBytes } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { UserError } from "../core/errors.ts";

const version = 1;

/**
 * `bytes_through` is the running total of encoded sizes: the size of any stretch of the journal is one subtraction,
 * and no counter can fall out of step with the rows. `crc` is the CRC-32 of `encoded`.
 * The single row of `journal` remembers what was trimmed, so that numbers and totals go on when every batch is gone.
 */
const schema = `
  CREATE TABLE journal (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    epoch TEXT NOT NULL,
    trimmed_number INTEGER NOT NULL,
    trimmed_bytes_through INTEGER NOT NULL,
    trimmed_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE batch (
    number INTEGER PRIMARY KEY,
    bytes_through INTEGER NOT NULL,
    at INTEGER NOT NULL,
    source TEXT NOT NULL,
    seq INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    encoded BLOB NOT NULL
  ) STRICT;
  CREATE TABLE claim (
    source TEXT PRIMARY KEY,
    term INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    position BLOB
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE reader (
    name TEXT PRIMARY KEY,
    cursor TEXT NOT NULL,
    state BLOB
  ) STRICT, WITHOUT ROWID;
`;

/**
 * Makes the tables of a new file, in one step that a kill cannot tear. Throws UserError for a file of a newer
 * program, and whatever SQLite throws.
 */
export function prepareSchema(database: DatabaseSync, file: string): void {
  // Before the first table, or it has no effect: trimming can then give room back to the file system.
  database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  database.exec("PRAGMA journal_mode = WAL");
  // A commit is on disk before it is told: without it a power cut would roll the journal back behind its readers.
  database.exec("PRAGMA synchronous = FULL");
  // After an unusually large group the WAL shrinks again; below, its room stays reserved for a full disk.
  database.exec(`PRAGMA journal_size_limit = ${16 * 1024 * 1024}`);
  database.exec("BEGIN IMMEDIATE");
  try {
    if (readVersion(database) === 0) {
      database.exec(schema);
      database
        .prepare("INSERT INTO journal VALUES (1, ?, 0, 0, 0)")
        .run(randomBytes(8).toString("hex"));
      database.exec(`PRAGMA user_version = ${version}`);
    }
    checkVersion(database, file);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) {
      database.exec("ROLLBACK");
    }
    throw error;
  }
}

export function checkVersion(database: DatabaseSync, file: string): void {
  const found = readVersion(database);
  if (found !== version) {
    throw new UserError(
      "JOURNAL_UNAVAILABLE",
      found === 0
        ? `${file} holds no journal: nothing was ever written to it. Start the node first.`
        : `${file} is of format ${found}, and this program reads format ${version}. ` +
            "Run the version of Watchpost that wrote it, or move the file away to begin a new journal.",
    );
  }
}

function readVersion(database: DatabaseSync): number {
  return Number(database.prepare("PRAGMA user_version").get()?.user_version);
}
