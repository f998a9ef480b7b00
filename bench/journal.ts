// Samples appended to the journal in batches, by several sources, while three readers go over every sample and save
// their cursors. The peer keeps one row per sample in SQLite, with the same transactions, durability and readers.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Batch } from "../src/core/batch.ts";
import { count, gauge, type Labels, type Sample } from "../src/core/sample.ts";
import type { Journal } from "../src/journal/journal.ts";
import { openSqliteJournal } from "../src/journal/sqlite.ts";

const sources = ["shop", "api", "lb", "static", "search", "mail"];
const readers = ["history", "rules", "graylog"];
const journalSamples = 2_400_000;
const peerSamples = 180_000;
/** Made once, so that making batches is not what is measured: 50 to 500 samples, 200 on average. */
const templates = new Map<string, Batch>();

const folder = mkdtempSync(join(tmpdir(), "watchpost-bench-"));
try {
  const journal = await measure("journal", journalSamples, runJournal);
  const peer = await measure("row per sample", peerSamples, runPeer);
  console.log(`the journal is ${(journal / peer).toFixed(1)} times as fast`);
} finally {
  rmSync(folder, { recursive: true });
}

/** Samples a second, each appended once and read three times. */
async function measure(
  name: string,
  samples: number,
  run: (samples: number) => Promise<void>,
): Promise<number> {
  const startedAt = performance.now();
  await run(samples);
  const perSecond = (samples * 1000) / (performance.now() - startedAt);
  console.log(`${name}: ${Math.round(perSecond).toLocaleString("en")} samples/s`);
  return perSecond;
}

async function runJournal(samples: number): Promise<void> {
  await using journal = openSqliteJournal({ file: join(folder, "journal.db"), now: Date.now });
  const perSource = samples / sources.length;
  const appends = sources.map((source) => appendAll(journal, source, perSource));
  const reads = readers.map((reader) => readAll(journal, reader, samples));
  await Promise.all([...appends, ...reads]);
}

async function appendAll(journal: Journal, source: string, samples: number): Promise<void> {
  const claim = await journal.claim(source);
  const position = new Uint8Array(64);
  for (let appended = 0, seq = 1; appended < samples; seq++) {
    const batch = { ...templateOf(source, seq), seq };
    await journal.append({ claim, batches: [batch], position });
    appended += batch.samples.length;
  }
}

async function readAll(journal: Journal, reader: string, samples: number): Promise<void> {
  const { signal } = new AbortController();
  let cursor = journal.start();
  let sum = 0;
  for (let seen = 0; seen < samples;) {
    await journal.changed(cursor, signal);
    const slice = await journal.read(cursor, { batchesMax: 200, bytesMax: 1024 * 1024 });
    for (const { batch } of slice.entries) {
      seen += batch.samples.length;
      for (const sample of batch.samples) {
        sum += typeof sample.value === "number" ? sample.value : 0;
      }
    }
    cursor = slice.next;
    await journal.saveReader(reader, { cursor, state: undefined });
  }
  requireSum(sum);
}

async function runPeer(samples: number): Promise<void> {
  const database = new DatabaseSync(join(folder, "rows.db"));
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE sample (id INTEGER PRIMARY KEY, source TEXT, seq INTEGER, at INTEGER,
      kind TEXT, name TEXT, labels TEXT, value REAL);
    CREATE TABLE reader (name TEXT PRIMARY KEY, cursor INTEGER);`);
  const insert = database.prepare("INSERT INTO sample VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)");
  const select = database.prepare("SELECT * FROM sample WHERE id > ? ORDER BY id LIMIT 40000");
  const save = database.prepare("INSERT OR REPLACE INTO reader VALUES (?, ?)");
  const cursors = readers.map(() => 0);
  let [appended, sum] = [0, 0];
  for (let seq = 1; appended < samples; seq++) {
    // As many batches a transaction as the group commit of the journal brings together here.
    database.exec("BEGIN IMMEDIATE");
    for (const source of sources) {
      const batch = templateOf(source, seq);
      for (const { kind, name, labels, value } of batch.samples) {
        insert.run(source, seq, batch.from, kind, name, JSON.stringify(labels), Number(value));
      }
      appended += batch.samples.length;
    }
    for (const [index, reader] of readers.entries()) {
      for (const row of select.all(cursors[index] ?? 0)) {
        sum += Number(row["value"]);
        parseLabels(row["labels"]);
        cursors[index] = Number(row["id"]);
      }
      save.run(reader, cursors[index] ?? 0);
    }
    database.exec("COMMIT");
    await nextTurn();
  }
  requireSum(sum);
  database.close();
}

function parseLabels(text: unknown): unknown {
  return JSON.parse(String(text));
}

/** Keeps what was read from being optimised away. */
function requireSum(sum: number): void {
  if (!(sum > 0)) {
    throw new Error("nothing was read");
  }
}

function templateOf(source: string, seq: number): Batch {
  const length = [50, 100, 100, 150, 300, 500][seq % 6] ?? 0;
  const key = `${source} ${length}`;
  let template = templates.get(key);
  if (template === undefined) {
    template = createBatch(source, length);
    templates.set(key, template);
  }
  return template;
}

function createBatch(source: string, length: number): Batch {
  const samples = Array.from({ length }, (_, index) => createSample(index));
  const [from, to] = [Date.now() - 10_000, Date.now()];
  const marks = { more: false, partial: false, backfill: false };
  return { source, service: "shop", seq: 0, from, to, samples, tops: [], events: [], ...marks };
}

function createSample(index: number): Sample {
  const labels: Labels = {
    group: `group-${Math.floor(index / 8)}`,
    method: ["GET", "POST"][index % 2] ?? "",
    ...(index % 3 === 0 ? { status: String(200 + (index % 5) * 100) } : {}),
  };
  return index % 2 === 0
    ? count("http_requests_total", 17 + index * 31, labels)
    : gauge("http_request_rate", index / 7, labels);
}
