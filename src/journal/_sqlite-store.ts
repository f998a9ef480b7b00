import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { crc32 } from "node:zlib";
import { Corrupt } from "../core/errors.ts";
import { CommitQueue, type CommitDelay } from "./_commit-queue.ts";
import { isDamage, isDiskFull, toPortError } from "./_sqlite-errors.ts";
import { toBytes, toNumber, toOptionalBytes, toText, type Row } from "./_sqlite-row.ts";
import type { Extent, Mark, Store, StoredBatch } from "./_store.ts";
import { JournalUnavailable, type Claim, type ReaderState, toCursor } from "./journal.ts";

export interface SqliteStoreOptions {
  readonly file: string;
  readonly readOnly: boolean;
  readonly delay: CommitDelay;
}

/** One piece of shrinking: about a MiB. */
const shrinkPages = 256;
/** The value of PRAGMA auto_vacuum that prepareSchema asks for, and without which nothing shrinks. */
const incrementalVacuum = 2;

/**
 * The rows in SQLite. Nothing is remembered between two calls, so that a rollback needs no care. Another process may
 * commit between two statements (it trims, while this one reads): what has to fit together is read within `view`.
 */
export class SqliteStore implements Store {
  readonly epoch: string;
  readonly #database: DatabaseSync;
  readonly #options: SqliteStoreOptions;
  readonly #queue: CommitQueue;
  readonly #statements: Statements;

  constructor(database: DatabaseSync, options: SqliteStoreOptions) {
    this.#database = database;
    this.#options = options;
    this.#queue = new CommitQueue((work) => this.#transact(work), options.delay);
    this.#statements = prepareStatements(database);
    this.epoch = String(database.prepare("SELECT epoch FROM journal").get()?.epoch);
  }

  view<Result>(read: () => Result): Result {
    if (this.#database.isTransaction) {
      return read();
    }
    this.#exec("BEGIN");
    try {
      return read();
    } finally {
      // SQLite has ended it by itself after some failures. There is nothing to commit, and a COMMIT behind a damaged
      // page fails, although the rest could be read.
      if (this.#database.isTransaction) {
        this.#exec("ROLLBACK");
      }
    }
  }

  extent(): Extent {
    const row = this.#get("extent");
    if (row === undefined) {
      throw new JournalUnavailable(`${this.#options.file} has lost the row that describes it.`);
    }
    const trimmed = {
      number: toNumber(row, "trimmed_number"),
      bytesThrough: toNumber(row, "trimmed_bytes_through"),
      at: toNumber(row, "trimmed_at"),
    };
    return { trimmed, head: row["number"] === null ? trimmed : toMark(row) };
  }

  mark(number: number): Mark {
    const row = this.#get("mark", number);
    return row === undefined ? this.extent().head : toMark(row);
  }

  load(number: number): StoredBatch {
    const row = this.#getBatch(number);
    if (row === undefined) {
      throw new Corrupt("its row is missing");
    }
    const [source, seq, encoded] = [
      toText(row, "source"),
      toNumber(row, "seq"),
      toBytes(row, "encoded"),
    ];
    if (crc32(encoded) !== row["crc"]) {
      throw new Corrupt(`the checksum of "${source}", number ${seq}, does not match`);
    }
    return { ...toMark(row), source, seq, encoded };
  }

  claim(source: string): Claim | undefined {
    const row = this.#get("claim", source);
    return row === undefined ? undefined : toClaim(row);
  }

  claims(): readonly Claim[] {
    return this.#all("claims").map(toClaim);
  }

  reader(name: string): ReaderState | undefined {
    const row = this.#get("reader", name);
    return row === undefined ? undefined : toReaderState(row);
  }

  readers(): readonly (readonly [string, ReaderState])[] {
    return this.#all("readers").map((row) => [toText(row, "name"), toReaderState(row)]);
  }

  async write<Result>(sizeBytes: number, change: () => Result): Promise<Result> {
    if (this.#options.readOnly) {
      throw new JournalUnavailable(`${this.#options.file} is open for reading only.`);
    }
    return this.#queue.add(sizeBytes, change);
  }

  insert({ number, bytesThrough, at, source, seq, encoded }: StoredBatch): void {
    const checksum = crc32(encoded);
    this.#run("insert", number, bytesThrough, at, source, seq, checksum, encoded);
  }

  putClaim({ source, term, seq, position }: Claim): void {
    this.#run("putClaim", source, term, seq, position ?? null);
  }

  putReader(name: string, { cursor, state }: ReaderState): void {
    this.#run("putReader", name, cursor, state ?? null);
  }

  deleteReader(name: string): void {
    this.#run("deleteReader", name);
  }

  trimThrough({ number, bytesThrough, at }: Mark): void {
    this.#run("trim", number);
    this.#run("putTrimmed", number, bytesThrough, at);
  }

  /** A quarter of the file may lie idle for the next batches; it is reused before the file grows. */
  isShrinkable(): boolean {
    const row = this.#get("pages") ?? {};
    const [free, pages] = [toNumber(row, "free"), toNumber(row, "pages")];
    return toNumber(row, "mode") === incrementalVacuum && free > shrinkPages && free * 4 > pages;
  }

  shrink(): void {
    this.#database.exec(`PRAGMA incremental_vacuum(${shrinkPages})`);
  }

  close(): void {
    this.#queue.flush();
    this.#database.close();
  }

  #transact(work: () => void): void {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      work();
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#rollBack(error);
      throw toPortError(error, "written", this.#options.file);
    }
  }

  /** Never throws: it is on the way out of a failure already, which is the one to tell. */
  #rollBack(error: unknown): void {
    try {
      if (this.#database.isTransaction) {
        this.#database.exec("ROLLBACK");
      }
      // The WAL may be what takes the room: once its pages are in the database, it is written from its start again.
      if (isDiskFull(error)) {
        this.#database.exec("PRAGMA wal_checkpoint(RESTART)");
      }
    } catch {
      // The next attempt meets the same trouble, and reports it.
    }
  }

  #getBatch(number: number): Row | undefined {
    try {
      return this.#statements.batch.get(number);
    } catch (error) {
      if (isDamage(error)) {
        throw new Corrupt("its page in the file is damaged", { cause: error });
      }
      throw toPortError(error, "read", this.#options.file);
    }
  }

  /** Around what is read. */
  #exec(sql: "BEGIN" | "ROLLBACK"): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      throw toPortError(error, "read", this.#options.file);
    }
  }

  #get(name: keyof Statements, ...values: SQLInputValue[]): Row | undefined {
    try {
      return this.#statements[name].get(...values);
    } catch (error) {
      throw toPortError(error, "read", this.#options.file);
    }
  }

  #all(name: keyof Statements): Row[] {
    try {
      return this.#statements[name].all();
    } catch (error) {
      throw toPortError(error, "read", this.#options.file);
    }
  }

  #run(name: keyof Statements, ...values: SQLInputValue[]): void {
    this.#statements[name].run(...values);
  }
}

type Statements = ReturnType<typeof prepareStatements>;

// oxlint-disable-next-line typescript/explicit-module-boundary-types -- its type is this very literal
function prepareStatements(database: DatabaseSync) {
  return {
    extent: database.prepare(`
      SELECT trimmed_number, trimmed_bytes_through, trimmed_at, number, bytes_through, at
      FROM journal LEFT JOIN
        (SELECT number, bytes_through, at FROM batch ORDER BY number DESC LIMIT 1) ON true`),
    mark: database.prepare(`
      SELECT number, bytes_through, at FROM batch WHERE number >= ? ORDER BY number LIMIT 1`),
    batch: database.prepare("SELECT * FROM batch WHERE number = ?"),
    insert: database.prepare("INSERT INTO batch VALUES (?, ?, ?, ?, ?, ?, ?)"),
    trim: database.prepare("DELETE FROM batch WHERE number <= ?"),
    putTrimmed: database.prepare(`
      UPDATE journal SET trimmed_number = ?, trimmed_bytes_through = ?, trimmed_at = ?`),
    claim: database.prepare("SELECT * FROM claim WHERE source = ?"),
    claims: database.prepare("SELECT * FROM claim ORDER BY source"),
    putClaim: database.prepare("INSERT OR REPLACE INTO claim VALUES (?, ?, ?, ?)"),
    reader: database.prepare("SELECT * FROM reader WHERE name = ?"),
    readers: database.prepare("SELECT * FROM reader ORDER BY name"),
    putReader: database.prepare("INSERT OR REPLACE INTO reader VALUES (?, ?, ?)"),
    deleteReader: database.prepare("DELETE FROM reader WHERE name = ?"),
    pages: database.prepare(`
      SELECT auto_vacuum AS mode, freelist_count AS free, page_count AS pages
      FROM pragma_auto_vacuum, pragma_freelist_count, pragma_page_count`),
  };
}

function toMark(row: Row): Mark {
  return {
    number: toNumber(row, "number"),
    bytesThrough: toNumber(row, "bytes_through"),
    at: toNumber(row, "at"),
  };
}

function toClaim(row: Row): Claim {
  return {
    source: toText(row, "source"),
    term: toNumber(row, "term"),
    seq: toNumber(row, "seq"),
    position: toOptionalBytes(row, "position"),
  };
}

function toReaderState(row: Row): ReaderState {
  return { cursor: toCursor(toText(row, "cursor")), state: toOptionalBytes(row, "state") };
}
