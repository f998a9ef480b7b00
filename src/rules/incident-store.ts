// The file of the rules: incidents, cursor and the state of every rule, committed together. The only SQL of the folder.
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { UserError } from "../core/errors.ts";
import type { Cursor } from "../journal/journal.ts";
import {
  type Row,
  toBytes,
  toIncident,
  toNumber,
  toOptionalKind,
  toOptionalNumber,
  toPending,
  toStoredCursor,
  toText,
} from "./_row.ts";
import type { Incident } from "./incident.ts";
import type { Pending } from "./instance.ts";
import { type JournalTime, noTime } from "./journal-time.ts";
import type { IncidentChange, TrackChanges, TrackMeta } from "./track.ts";
import type { WindowChanges, WindowName } from "./window.ts";

/** Older cleared incidents are deleted. */
export const clearedIncidentsMax = 10_000;

const schemaVersion = 2;
const schema = `
  CREATE TABLE progress (id INTEGER PRIMARY KEY CHECK (id = 1), cursor TEXT NOT NULL, tick_at REAL,
    watched_ms REAL NOT NULL) STRICT;
  CREATE TABLE rules (id TEXT PRIMARY KEY, hash TEXT NOT NULL, subject TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE sources (source TEXT PRIMARY KEY, last_to REAL, since REAL) STRICT, WITHOUT ROWID;
  CREATE TABLE tracks (rule TEXT, source TEXT, kind TEXT, service TEXT NOT NULL, since REAL NOT NULL,
    PRIMARY KEY (rule, source)) STRICT, WITHOUT ROWID;
  CREATE TABLE slots (rule TEXT, source TEXT, window TEXT, at REAL, body BLOB NOT NULL,
    PRIMARY KEY (rule, source, window, at)) STRICT;
  CREATE TABLE instances (rule TEXT, source TEXT, key TEXT, since REAL, heard_at_ms REAL, value REAL,
    is_unknown INTEGER, backfill INTEGER, PRIMARY KEY (rule, source, key)) STRICT, WITHOUT ROWID;
  CREATE TABLE incidents (id TEXT PRIMARY KEY, key TEXT NOT NULL, opened_at REAL NOT NULL, cleared_at REAL,
    body TEXT NOT NULL) STRICT;
  CREATE INDEX incidents_by_opening ON incidents (opened_at, id);
  CREATE INDEX incidents_by_clearing ON incidents (cleared_at, id);
  PRAGMA user_version = ${schemaVersion};
`;

/** Version 1 knew no baselines. */
const migration = `
  ALTER TABLE slots RENAME TO slots_1;
  CREATE TABLE slots (rule TEXT, source TEXT, window TEXT, at REAL, body BLOB NOT NULL,
    PRIMARY KEY (rule, source, window, at)) STRICT;
  INSERT INTO slots SELECT rule, source, 'window', at, body FROM slots_1;
  DROP TABLE slots_1;
  PRAGMA user_version = ${schemaVersion};
`;

/** What is known of one source, for all rules. */
export interface SourceProgress {
  /** The end of the last window that was evaluated. */
  readonly lastTo: number | undefined;
  /** Since when every batch was seen whole; undefined after a gap, until the next batch. */
  readonly since: number | undefined;
}

export interface StoredRule {
  readonly id: string;
  readonly hash: string;
  readonly subject: string;
}

interface Place {
  readonly rule: string;
  readonly source: string;
}

export interface StoredSlot extends Place {
  readonly window: WindowName;
  readonly at: number;
  readonly body: Uint8Array;
}

export interface StoredState {
  readonly cursor: Cursor | undefined;
  readonly time: JournalTime;
  readonly sources: ReadonlyMap<string, SourceProgress>;
  readonly tracks: readonly (Place & { readonly meta: TrackMeta })[];
  /** Ascending within a track. */
  readonly slots: readonly StoredSlot[];
  readonly instances: readonly (Place & {
    readonly key: string;
    readonly pending: Pending | undefined;
  })[];
  readonly openIncidents: readonly IncidentChange[];
}

export interface StateChanges {
  readonly time: JournalTime;
  readonly sources: readonly (readonly [source: string, SourceProgress])[];
  readonly tracks: readonly TrackChanges[];
  readonly incidents: readonly IncidentChange[];
}

export interface IncidentQuery {
  readonly state: "open" | "all";
  readonly limit: number;
  /** The last incident of the page before. */
  readonly before?: Pick<Incident, "openedAt" | "id">;
}

export class IncidentStore implements Disposable {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Creates the file when there is none. Throws UserError for a file of a newer version; else what SQLite throws. */
  constructor(file: string) {
    this.#db = new DatabaseSync(file, { timeout: 2_000 });
    try {
      this.#db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
      const version = this.#db.prepare("PRAGMA user_version").get()?.["user_version"];
      if (version === 0) {
        this.#transact(() => this.#db.exec(schema));
      } else if (version === 1) {
        this.#transact(() => this.#db.exec(migration));
      } else if (version !== schemaVersion) {
        throw new UserError(
          "JOURNAL_UNAVAILABLE",
          `${file}: was written by another version of Watchpost (format ${String(version)}; this one reads ` +
            `format ${schemaVersion}); start that version, or move the file away to begin anew`,
        );
      }
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  loadRules(): StoredRule[] {
    return this.#all("SELECT id, hash, subject FROM rules").map((row) => ({
      id: toText(row, "id"),
      hash: toText(row, "hash"),
      subject: toText(row, "subject"),
    }));
  }

  /** Throws Corrupt. */
  load(): StoredState {
    const progress = this.#all("SELECT * FROM progress")[0];
    return {
      cursor: progress === undefined ? undefined : toStoredCursor(progress, "cursor"),
      time: progress === undefined ? noTime : toJournalTime(progress),
      sources: new Map(this.#all("SELECT * FROM sources").map(toSourceProgress)),
      tracks: this.#all("SELECT * FROM tracks").map((row) => ({
        ...toPlace(row),
        meta: {
          kind: toOptionalKind(row, "kind"),
          service: toText(row, "service"),
          since: toNumber(row, "since"),
        },
      })),
      slots: this.#all("SELECT * FROM slots ORDER BY rule, source, window, at").map((row) => ({
        ...toPlace(row),
        window: toText(row, "window") === "baseline" ? "baseline" : "window",
        at: toNumber(row, "at"),
        body: toBytes(row, "body"),
      })),
      instances: this.#all("SELECT * FROM instances").map((row) => ({
        ...toPlace(row),
        key: toText(row, "key"),
        pending: toPending(row),
      })),
      openIncidents: this.#all("SELECT key, body FROM incidents WHERE cleared_at IS NULL").map(
        (row) => ({ key: toText(row, "key"), incident: toIncident(row) }),
      ),
    };
  }

  /** All or nothing. */
  commit(changes: StateChanges, cursor: Cursor): void {
    this.#transact(() => {
      const { tickAt = null, watchedMs } = changes.time;
      this.#run("INSERT OR REPLACE INTO progress VALUES (1, ?, ?, ?)", cursor, tickAt, watchedMs);
      for (const [source, { lastTo = null, since = null }] of changes.sources) {
        this.#run("INSERT OR REPLACE INTO sources VALUES (?, ?, ?)", source, lastTo, since);
      }
      for (const track of changes.tracks) {
        this.#putTrack(track);
      }
      this.#putIncidents(changes.incidents);
    });
  }

  /** Drops the state of these rules and sources, clears incidents and notes the rules that hold from now on. */
  settle(settlement: {
    readonly rules: readonly StoredRule[];
    readonly droppedRules: readonly string[];
    readonly droppedSources: readonly string[];
    readonly cleared: readonly IncidentChange[];
  }): void {
    this.#transact(() => {
      for (const table of ["tracks", "slots", "instances"]) {
        for (const rule of settlement.droppedRules) {
          this.#run(`DELETE FROM ${table} WHERE rule = ?`, rule);
        }
      }
      for (const table of ["tracks", "slots", "instances", "sources"]) {
        for (const source of settlement.droppedSources) {
          this.#run(`DELETE FROM ${table} WHERE source = ?`, source);
        }
      }
      this.#putIncidents(settlement.cleared);
      this.#run("DELETE FROM rules");
      for (const { id, hash, subject } of settlement.rules) {
        this.#run("INSERT INTO rules VALUES (?, ?, ?)", id, hash, subject);
      }
    });
  }

  /** Newest first. */
  incidents({ state, limit, before }: IncidentQuery): Incident[] {
    const isOpen = state === "open" ? "cleared_at IS NULL" : "TRUE";
    const isOlder = before === undefined ? "TRUE" : "(opened_at, id) < (?, ?)";
    const order = "ORDER BY opened_at DESC, id DESC LIMIT ?";
    const place = before === undefined ? [] : [before.openedAt, before.id];
    const sql = `SELECT body FROM incidents WHERE ${isOpen} AND ${isOlder} ${order}`;
    return this.#all(sql, ...place, limit).map(toIncident);
  }

  incident(id: string): Incident | undefined {
    return this.#all("SELECT body FROM incidents WHERE id = ?", id).map(toIncident)[0];
  }

  #putTrack({ rule, source, meta, window, baseline, instances }: TrackChanges): void {
    if (meta !== undefined) {
      const { kind = null, service, since } = meta;
      const sql = "INSERT OR REPLACE INTO tracks VALUES (?, ?, ?, ?, ?)";
      this.#run(sql, rule, source, kind, service, since);
    }
    this.#putSlots({ rule, source }, "window", window);
    this.#putSlots({ rule, source }, "baseline", baseline);
    for (const [key, pending] of instances) {
      if (pending === undefined) {
        const sql = "DELETE FROM instances WHERE rule = ? AND source = ? AND key = ?";
        this.#run(sql, rule, source, key);
      } else {
        const sql = "INSERT OR REPLACE INTO instances VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
        this.#run(sql, rule, source, key, ...pendingColumns(pending));
      }
    }
  }

  #putSlots({ rule, source }: Place, name: WindowName, changes: WindowChanges | undefined): void {
    if (changes?.deleteUpTo !== undefined) {
      const sql = "DELETE FROM slots WHERE rule = ? AND source = ? AND window = ? AND at <= ?";
      this.#run(sql, rule, source, name, changes.deleteUpTo);
    }
    for (const { at, body } of changes?.put ?? []) {
      this.#run(
        "INSERT OR REPLACE INTO slots VALUES (?, ?, ?, ?, ?)",
        rule,
        source,
        name,
        at,
        body,
      );
    }
  }

  #putIncidents(changes: readonly IncidentChange[]): void {
    for (const { key, incident } of changes) {
      const { id, openedAt, clearedAt = null } = incident;
      const sql = "INSERT OR REPLACE INTO incidents VALUES (?, ?, ?, ?, ?)";
      this.#run(sql, id, key, openedAt, clearedAt, JSON.stringify(incident));
    }
    if (changes.some(({ incident }) => incident.clearedAt !== undefined)) {
      this.#run(
        `DELETE FROM incidents WHERE id IN (SELECT id FROM incidents WHERE cleared_at IS NOT NULL
           ORDER BY cleared_at DESC, id DESC LIMIT -1 OFFSET ?)`,
        clearedIncidentsMax,
      );
    }
  }

  #transact(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      // SQLite has rolled back by itself after some failures (a full disk).
      if (this.#db.isTransaction) {
        this.#db.exec("ROLLBACK");
      }
      throw error;
    }
  }

  #run(sql: string, ...values: (string | number | Uint8Array | null)[]): void {
    this.#prepared(sql).run(...values);
  }

  #all(sql: string, ...values: (string | number)[]): Row[] {
    return this.#prepared(sql).all(...values);
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function toPlace(row: Row): Place {
  return { rule: toText(row, "rule"), source: toText(row, "source") };
}

function toJournalTime(row: Row): JournalTime {
  return { tickAt: toOptionalNumber(row, "tick_at"), watchedMs: toNumber(row, "watched_ms") };
}

function toSourceProgress(row: Row): readonly [string, SourceProgress] {
  const progress = {
    lastTo: toOptionalNumber(row, "last_to"),
    since: toOptionalNumber(row, "since"),
  };
  return [toText(row, "source"), progress];
}

function pendingColumns(pending: Pending | null): (number | null)[] {
  if (pending === null) {
    return [null, null, null, null, null];
  }
  const { since, heardAtMs, value, isUnknown, backfill } = pending;
  return [since, heardAtMs, value, isUnknown ? 1 : 0, backfill ? 1 : 0];
}
