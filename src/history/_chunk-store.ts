// The file: series, chunks and the cursor. No rules; whoever calls decides what is written together.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { crc32 } from "node:zlib";
import { UserError } from "../core/errors.ts";
import type { Series, StoredSeries, Tail } from "./_series-index.ts";
import { toPortError } from "./_sqlite-errors.ts";
import type { SeriesKind } from "./history.ts";

/** 2: with the sum of each day. */
const version = 2;
const pageBytes = 4096;

/**
 * The chunks of one series and step never overlap; `first` and `last` are the times of their points. `crc` is the
 * CRC-32 of `encoded`.
 */
const schema = `
  CREATE TABLE history (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    cursor TEXT,
    chunks INTEGER NOT NULL
  ) STRICT;
  INSERT INTO history VALUES (1, NULL, 0);
  CREATE TABLE series (
    id INTEGER PRIMARY KEY,
    metric TEXT NOT NULL,
    kind TEXT NOT NULL,
    labels TEXT NOT NULL,
    committed_seq INTEGER NOT NULL,
    known_until INTEGER,
    rolled_until INTEGER NOT NULL,
    window_ms INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE chunk (
    series INTEGER NOT NULL,
    step INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    points INTEGER NOT NULL,
    crc INTEGER NOT NULL,
    encoded BLOB NOT NULL,
    PRIMARY KEY (series, step, first)
  ) STRICT, WITHOUT ROWID;
`;

export interface StoredChunk {
  readonly first: number;
  readonly last: number;
  readonly points: number;
  readonly encoded: Uint8Array;
  /** False when the bytes are not those that were written. */
  readonly isIntact: boolean;
}

/** Times as whole numbers of SQLite, which holds 64 bits. */
export class ChunkStore {
  readonly file: string;
  readonly #database: DatabaseSync;
  readonly #statements: Statements;
  /** Counted as they come and go: looking for them would read the whole file. */
  #chunks: number;

  constructor(database: DatabaseSync, file: string) {
    this.file = file;
    this.#database = database;
    prepareSchema(database, file);
    this.#statements = prepareStatements(database);
    this.#chunks = Number(this.#statements.history.get()?.["chunks"]);
  }

  loadCursor(): string | undefined {
    const cursor = this.#statements.history.get()?.["cursor"];
    return typeof cursor === "string" ? cursor : undefined;
  }

  /** Those whose row does not make sense are left out: their chunks can no longer be told apart. */
  loadSeries(): StoredSeries[] {
    return this.#statements.allSeries.all().flatMap((row) => toSeries(row) ?? []);
  }

  /** Everything that `work` writes, or nothing. Throws HistoryUnavailable. */
  transact(work: () => void): void {
    const before = this.#chunks;
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      work();
      if (this.#chunks !== before) {
        this.#statements.putCount.run(this.#chunks);
      }
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#chunks = before;
      if (this.#database.isOpen && this.#database.isTransaction) {
        this.#database.exec("ROLLBACK");
      }
      throw toPortError(error, this.file);
    }
  }

  /** The chunks with points in [from, to], and possibly the one before them. Throws what SQLite throws. */
  chunks(series: number, stepMs: number, from: number, to: number): StoredChunk[] {
    return this.#statements.chunks.all(series, stepMs, series, stepMs, from, to).flatMap(toChunk);
  }

  tail(series: number, stepMs: number): Tail | undefined {
    const row = this.#statements.tail.get(series, stepMs);
    return row === undefined
      ? undefined
      : {
          last: Number(row["last"]),
          points: Number(row["points"]),
          sizeBytes: Number(row["size"]),
        };
  }

  putChunk(
    series: number,
    stepMs: number,
    { first, last, points, encoded }: Omit<StoredChunk, "isIntact">,
  ): void {
    this.#statements.putChunk.run(series, stepMs, first, last, points, crc32(encoded), encoded);
    this.#chunks++;
  }

  deleteChunk(series: number, stepMs: number, first: number): void {
    this.#chunks -= Number(this.#statements.deleteChunk.run(series, stepMs, first).changes);
  }

  /** All whose last point is before `before`; resolves to their number. */
  deleteChunks(series: number, stepMs: number, before: number): number {
    const { changes } = this.#statements.deleteChunks.run(series, stepMs, before, before);
    this.#chunks -= Number(changes);
    return Number(changes);
  }

  putSeries({ id, metric, kind, labels, isStored, ...series }: Series): void {
    const { headSeq, rolledUntil, windowMs, firstAt, lastAt } = series;
    if (isStored) {
      this.#statements.updateSeries.run(headSeq, rolledUntil, windowMs, firstAt, lastAt, id);
    } else {
      const text = JSON.stringify(labels);
      this.#statements.putSeries.run(
        id,
        metric,
        kind,
        text,
        headSeq,
        rolledUntil,
        windowMs,
        firstAt,
        lastAt,
      );
    }
  }

  forgetSequences(): void {
    this.#statements.forgetSequences.run();
  }

  /** With all its chunks; returns their number. */
  deleteSeries(id: number): number {
    this.#statements.deleteSeries.run(id);
    const { changes } = this.#statements.deleteAllChunks.run(id);
    this.#chunks -= Number(changes);
    return Number(changes);
  }

  putCursor(cursor: string | null): void {
    this.#statements.putCursor.run(cursor);
  }

  /** Gives at most so many free pages back to the file system; false when there is nothing to give. */
  shrink(pagesMax: number): boolean {
    const free = Number(this.#database.prepare("PRAGMA freelist_count").get()?.["freelist_count"]);
    const pages = Number(this.#database.prepare("PRAGMA page_count").get()?.["page_count"]);
    // A quarter may lie idle for the next chunks; it is reused before the file grows.
    if (free <= pagesMax || free * 4 <= pages) {
      return false;
    }
    this.#database.exec(`PRAGMA incremental_vacuum(${pagesMax})`);
    return true;
  }

  size(): { readonly chunks: number; readonly sizeBytes: number } {
    const pages = Number(this.#database.prepare("PRAGMA page_count").get()?.["page_count"]);
    return { chunks: this.#chunks, sizeBytes: pages * pageBytes };
  }

  close(): void {
    if (this.#database.isOpen) {
      this.#database.close();
    }
  }
}

/** In one step that a kill cannot tear. Throws UserError for a file of another format, and whatever SQLite throws. */
function prepareSchema(database: DatabaseSync, file: string): void {
  // Before the first table, or they have no effect.
  database.exec(`PRAGMA page_size = ${pageBytes}`);
  database.exec("PRAGMA auto_vacuum = INCREMENTAL");
  database.exec("PRAGMA journal_mode = WAL");
  // A power cut may take the last commits back, with the cursor: the journal still holds what they held.
  database.exec("PRAGMA synchronous = NORMAL");
  database.exec(`PRAGMA journal_size_limit = ${16 * 1024 * 1024}`);
  // Pages change again and again: fewer checkpoints write each of them less often.
  database.exec("PRAGMA wal_autocheckpoint = 4000");
  database.exec("PRAGMA cache_size = -16384");
  database.exec("BEGIN IMMEDIATE");
  const found = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
  if (found === 0) {
    database.exec(schema);
    database.exec(`PRAGMA user_version = ${version}`);
  }
  database.exec("COMMIT");
  if (found > 0 && found !== version) {
    const author = found < version ? "An earlier" : "A newer";
    throw new UserError(
      "HISTORY_UNAVAILABLE",
      `${file} is of format ${found}, and this program reads format ${version}. ${author} version of Watchpost wrote ` +
        "it: run that one, or move the file away to begin a new history with what the journal holds.",
    );
  }
}

type Statements = ReturnType<typeof prepareStatements>;

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- its type is this very literal
function prepareStatements(database: DatabaseSync) {
  return {
    history: database.prepare("SELECT cursor, chunks FROM history"),
    putCursor: database.prepare("UPDATE history SET cursor = ?"),
    putCount: database.prepare("UPDATE history SET chunks = ?"),
    allSeries: database.prepare("SELECT * FROM series"),
    putSeries: database.prepare("INSERT INTO series VALUES (?, ?, ?, ?, ?, NULL, ?, ?, ?, ?)"),
    updateSeries: database.prepare(
      "UPDATE series SET committed_seq = ?, rolled_until = ?, window_ms = ?, first_at = ?, last_at = ? WHERE id = ?",
    ),
    forgetSequences: database.prepare("UPDATE series SET committed_seq = 0, known_until = last_at"),
    deleteSeries: database.prepare("DELETE FROM series WHERE id = ?"),
    deleteAllChunks: database.prepare("DELETE FROM chunk WHERE series = ?"),
    chunks: database.prepare(`
      SELECT first, last, points, crc, encoded FROM chunk
      WHERE series = ? AND step = ? AND first >= coalesce(
        (SELECT max(first) FROM chunk WHERE series = ? AND step = ? AND first <= ?), 0)
        AND first <= ?
      ORDER BY first`),
    tail: database.prepare(`
      SELECT last, points, length(encoded) AS size FROM chunk
      WHERE series = ? AND step = ? ORDER BY first DESC LIMIT 1`),
    putChunk: database.prepare("INSERT OR REPLACE INTO chunk VALUES (?, ?, ?, ?, ?, ?, ?)"),
    deleteChunk: database.prepare("DELETE FROM chunk WHERE series = ? AND step = ? AND first = ?"),
    deleteChunks: database.prepare(
      "DELETE FROM chunk WHERE series = ? AND step = ? AND first < ? AND last < ?",
    ),
  };
}

type Row = Readonly<Record<string, SQLOutputValue>>;

function toChunk(row: Row): StoredChunk[] {
  const { first, last, points, crc, encoded } = row;
  return encoded instanceof Uint8Array
    ? [
        {
          first: Number(first),
          last: Number(last),
          points: Number(points),
          encoded,
          isIntact: crc32(encoded) === crc,
        },
      ]
    : [];
}

const kinds: readonly SeriesKind[] = ["gauge", "count", "distribution", "distinct", "top"];

function toSeries(row: Row): StoredSeries | undefined {
  const kind = kinds.find((one) => one === row["kind"]);
  const labels = parseLabels(String(row["labels"]));
  if (kind === undefined || labels === undefined) {
    return undefined;
  }
  return {
    id: Number(row["id"]),
    metric: String(row["metric"]),
    kind,
    labels,
    committedSeq: Number(row["committed_seq"]),
    knownUntil: row["known_until"] === null ? -Infinity : Number(row["known_until"]),
    rolledUntil: Number(row["rolled_until"]),
    windowMs: Number(row["window_ms"]),
    firstAt: Number(row["first_at"]),
    lastAt: Number(row["last_at"]),
  };
}

function parseLabels(text: string): Record<string, string> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null) {
      return undefined;
    }
    return Object.fromEntries(
      Object.entries(parsed).map(([label, value]) => [label, String(value)]),
    );
  } catch {
    return undefined;
  }
}
