// The history with what a busy hub writes, beside one row per sample in SQLite with the same transactions and the same
// questions: `node bench/history.ts`. Takes about a minute; only the ratios travel.
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { decodeBatch, encodeBatch } from "../src/core/batch-codec.ts";
import type { Batch } from "../src/core/batch.ts";
import { Distribution } from "../src/core/distribution.ts";
import { count, gauge, type Labels, type Sample } from "../src/core/sample.ts";
import type { History } from "../src/history/history.ts";
import { openSqliteHistory } from "../src/history/sqlite.ts";

const stepMs = 10_000;
const day = 86_400_000;
const levels = [
  { stepMs, ageMs: 2 * day },
  { stepMs: 60_000, ageMs: 30 * day },
  { stepMs: 3_600_000, ageMs: 730 * day },
];
const start = Date.UTC(2026, 0, 1);

/** Five and a half hours, in which everything is committed and rolled up as often as in real life. */
const ticks = 1980;
const peerTicks = 100;
const wideSeries = 2000;
const seriesPerSource = 500;

const folder = mkdtempSync(path.join(tmpdir(), "watchpost-bench-"));
const random = createRandom(1);
const rows: (readonly string[])[] = [["", "history", "row per sample", "ratio", "asked for"]];
try {
  await measureWriting();
  await measureWeek();
  await measureOpenSeries();
  await measureYear();
  printTable();
} finally {
  rmSync(folder, { recursive: true });
}

/** Two thousand series of gauges and counts, written and asked. */
async function measureWriting(): Promise<void> {
  const sources = createSources(wideSeries / seriesPerSource);
  const peer = runPeer(sources);
  const file = path.join(folder, "history.db");
  let now = start;
  await using history = openSqliteHistory({ file, levels, now: () => now });
  let [spentMs, longestMs, cpuMs] = [0, 0, 0];
  for (let tick = 1; tick <= ticks; tick++) {
    now = start + tick * stepMs;
    const batches = sources.map((source) => source.nextBatch(tick));
    const cpuFrom = process.cpuUsage();
    const from = performance.now();
    await history.consume(toSlice(batches, tick));
    const tookMs = performance.now() - from;
    cpuMs += toMs(process.cpuUsage(cpuFrom));
    spentMs += tookMs;
    longestMs = Math.max(longestMs, tookMs);
  }
  const flushFrom = performance.now();
  const cpuFrom = process.cpuUsage();
  await history.flush();
  cpuMs += toMs(process.cpuUsage(cpuFrom));
  spentMs += performance.now() - flushFrom;
  const perSecond = (ticks * wideSeries * 1000) / spentMs;
  addRow("samples written a second", perSecond, peer.perSecond, "1 000 000");
  // On a machine that does other things too, this is the figure that stays.
  const perCpuSecond = (ticks * wideSeries * 1000) / cpuMs;
  addRow("samples a second of processor time", perCpuSecond, peer.perCpuSecond, "");
  const { sizeBytes } = await history.status();
  const perSample = sizeBytes / (ticks * wideSeries);
  addRow("bytes a sample, with roll-ups", perSample, peer.bytesPerSample, "4");
  const query = {
    metric: "http_requests_total",
    matchers: [{ label: "source", op: "=" as const, value: "source-1" }],
    from: now - 3_600_000,
    to: now,
    stepMs: 60_000,
    aggregate: "rate" as const,
    by: ["status"],
  };
  await history.query(query);
  const { tookMs } = await best(() => history.query(query));
  addRow("ms: 100 series over an hour", tookMs, peer.aggregateMs, "20");
  rows.push(["ms: longest slice, taken in turns", longestMs.toFixed(1), "", "", ""]);
  peer.close();
}

/** One series for seven days, as a chart asks for it. */
async function measureWeek(): Promise<void> {
  const file = path.join(folder, "week.db");
  let now = start;
  await using history = openSqliteHistory({ file, levels, now: () => now });
  const database = new DatabaseSync(path.join(folder, "week-rows.db"));
  database.exec(
    "CREATE TABLE sample (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID; BEGIN",
  );
  const insert = database.prepare("INSERT INTO sample VALUES (1, ?, ?)");
  const [source] = createSources(1, 1);
  for (let tick = 1; tick <= (7 * day) / stepMs; tick++) {
    now = start + tick * stepMs;
    const batch = source?.nextBatch(tick);
    if (batch !== undefined) {
      await history.consume(toSlice([batch], tick));
      insert.run(now, Number(batch.samples[0]?.value));
    }
  }
  database.exec("COMMIT");
  const metric = "http_requests_total";
  const range = { metric, from: start, to: now, aggregate: "rate" as const };
  const select = database.prepare(
    "SELECT at / 600000 AS step, sum(value) FROM sample WHERE series = 1 GROUP BY step",
  );
  const peer = await best(async () => select.all());
  const chart = await best(() => history.query({ ...range, stepMs: 600_000 }));
  addRow("ms: a series over 7 days by 10 min", chart.tookMs, peer.tookMs, "20");
  const finest = await best(() => history.query({ ...range, stepMs }));
  rows.push(["ms: the same in the finest steps", finest.tookMs.toFixed(2), "", "", "20"]);
  database.close();
}

/** What 20 000 series take, with 15 minutes of samples of each in memory. */
async function measureOpenSeries(): Promise<void> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  const heap = (): number => {
    if (typeof collect === "function") {
      collect();
    }
    const { heapUsed, external } = process.memoryUsage();
    return (heapUsed + external) / 1024 / 1024;
  };
  const before = heap();
  const file = path.join(folder, "open.db");
  let now = start;
  await using history = openSqliteHistory({ file, levels, now: () => now, seriesMax: 20_000 });
  {
    const sources = createSources(20_000 / seriesPerSource);
    for (let tick = 1; tick <= 90; tick++) {
      now = start + tick * stepMs;
      await history.consume(
        toSlice(
          sources.map((source) => source.nextBatch(tick)),
          tick,
        ),
      );
    }
  }
  const { series } = await history.status();
  const megabytes = heap() - before;
  rows.push([`MB of heap: ${series} series open`, megabytes.toFixed(0), "", "", "200"]);
  const rss = process.memoryUsage.rss() / 1024 / 1024;
  rows.push(["MB: resident, the whole benchmark", rss.toFixed(0), "", "", ""]);
}

/**
 * 203 series of distributions of 29 sources for a year, of which the last month was measured by the hour: three
 * quantiles by source, as a chart asks for them, and a heat map.
 */
async function measureYear(): Promise<void> {
  const end = start + 365 * day;
  const file = path.join(folder, "year.db");
  // All of it is late: it is committed in as large pieces as there are.
  await using history = openSqliteHistory({ file, levels, now: () => end });
  let filled = start;
  const groups = Array.from({ length: 7 }, (_, group) => ({ group: `group-${group}` }));
  const fill = async (windowMs: number, windows: number, observations: number): Promise<void> => {
    const pool = Array.from({ length: 100 }, () => createDistribution(observations));
    for (let window = 1; window <= windows; window++) {
      const from = filled;
      filled += windowMs;
      const batches = Array.from({ length: 29 }, (_, source): Batch => {
        const samples = groups.map((labels, at): Sample => {
          const value = pool[(window * 31 + source * 7 + at) % pool.length] ?? new Distribution();
          return { kind: "distribution", name: "http_request_duration_seconds", labels, value };
        });
        const marks = { more: false, partial: false, backfill: false };
        const ids = { source: `source-${source}`, service: "shop", seq: filled / 1000 };
        return { ...ids, from, to: filled, samples, tops: [], events: [], ...marks };
      });
      await history.consume(toSlice(batches, filled));
    }
  };
  await fill(day, 335, 20_000);
  await fill(3_600_000, 30 * 24, 480);
  await history.flush();
  const quantiles = { aggregate: "quantile" as const, quantiles: [0.5, 0.9, 0.99], by: ["source"] };
  const ask = async (days: number, eachMs: number): Promise<readonly string[]> => {
    const range = { from: end - days * day, to: end, stepMs: eachMs };
    const metric = "http_request_duration_seconds";
    const query = { metric, ...range, ...quantiles };
    const { tookMs, cpuMs } = await best(() => history.query(query));
    return [tookMs.toFixed(0), `${cpuMs.toFixed(0)} of CPU`];
  };
  const month = await ask(30, 2 * 3_600_000);
  rows.push(["ms: quantiles of 203 series, 30 days by 2 h", ...month, "", "1000"]);
  const year = await ask(365, day);
  rows.push(["ms: quantiles of 203 series, a year by day", ...year, "", "3000"]);
}

function createDistribution(observations: number): Distribution {
  const distribution = new Distribution();
  const mean = 0.02 + random() * 0.1;
  for (let each = 0; each < observations; each++) {
    distribution.add(Math.round(1e6 * mean * Math.exp(random() * 3 - 1)) / 1e6);
  }
  return distribution;
}

interface Peer {
  readonly perSecond: number;
  readonly perCpuSecond: number;
  readonly bytesPerSample: number;
  readonly aggregateMs: number;
  readonly close: () => void;
}

/** Fewer ticks than the history gets, which flatters it: the tree only grows slower from here. */
function runPeer(sources: readonly Source[]): Peer {
  const file = path.join(folder, "rows.db");
  const database = new DatabaseSync(file);
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
    CREATE TABLE series (id INTEGER PRIMARY KEY, source TEXT, name TEXT, labels TEXT, status TEXT);
    CREATE TABLE sample (series INTEGER, at INTEGER, value REAL, PRIMARY KEY (series, at)) WITHOUT ROWID;`);
  const insertSeries = database.prepare("INSERT INTO series VALUES (?, ?, ?, ?, ?)");
  const insert = database.prepare("INSERT INTO sample VALUES (?, ?, ?)");
  const ids = new Map<string, number>();
  let [spentMs, cpuMs] = [0, 0];
  for (let tick = 1; tick <= peerTicks; tick++) {
    const batches = sources.map((source) => source.nextBatch(tick));
    const cpuFrom = process.cpuUsage();
    const from = performance.now();
    database.exec("BEGIN");
    for (const { source, samples, to } of batches) {
      for (const { name, labels, value } of samples) {
        const key = `${source} ${name} ${JSON.stringify(labels)}`;
        let id = ids.get(key);
        if (id === undefined) {
          id = ids.size + 1;
          ids.set(key, id);
          insertSeries.run(id, source, name, JSON.stringify(labels), labels["status"] ?? "");
        }
        insert.run(id, to, Number(value));
      }
    }
    database.exec("COMMIT");
    spentMs += performance.now() - from;
    cpuMs += toMs(process.cpuUsage(cpuFrom));
  }
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  const select = database.prepare(`
    SELECT status, at / 60000 AS step, sum(value) FROM sample JOIN series ON series.id = series
    WHERE name = 'http_requests_total' AND source = 'source-1' GROUP BY status, step`);
  const from = performance.now();
  select.all();
  // As much as an hour's rows would take.
  const aggregateMs = ((performance.now() - from) * Math.min(ticks, 360)) / peerTicks;
  const samples = peerTicks * wideSeries;
  return {
    perSecond: (samples * 1000) / spentMs,
    perCpuSecond: (samples * 1000) / cpuMs,
    bytesPerSample: statSync(file).size / samples,
    aggregateMs,
    close: () => database.close(),
  };
}

interface Source {
  readonly nextBatch: (tick: number) => Batch;
}

/** As the journal hands batches out: 40 % slow gauges, 40 % counts of requests, 20 % nearly constant gauges. */
function createSources(length: number, perSource = seriesPerSource): Source[] {
  return Array.from({ length }, (_, index) => {
    const series = Array.from({ length: perSource }, (__, at) => createSeries(at));
    return {
      nextBatch: (tick) => {
        const [from, to] = [start + (tick - 1) * stepMs, start + tick * stepMs];
        const marks = { more: false, partial: false, backfill: false };
        const samples = series.map((next) => next());
        const source = `source-${index}`;
        return decodeBatch(
          encodeBatch({
            source,
            service: "shop",
            seq: tick,
            from,
            to,
            samples,
            tops: [],
            events: [],
            ...marks,
          }),
        );
      },
    };
  });
}

function createSeries(at: number): () => Sample {
  const labels: Labels = {
    group: `group-${Math.floor(at / 10)}`,
    method: at % 2 === 0 ? "GET" : "POST",
    status: String(200 + (at % 5) * 100),
  };
  if (at % 5 < 2) {
    const mean = 20 + random() * 200;
    return () => count("http_requests_total", Math.round(mean * (0.7 + 0.6 * random())), labels);
  }
  if (at % 5 < 4) {
    let level = random() * 100;
    return () => {
      level += (random() - 0.5) * 0.4;
      return gauge("host_load_ratio", Math.round(level * 100) / 100, labels);
    };
  }
  let size = Math.round(random() * 1e6);
  return () => {
    size += random() < 0.05 ? 4096 : 0;
    return gauge("process_resident_bytes", size, labels);
  };
}

function toSlice(batches: readonly Batch[], tick: number): Parameters<History["consume"]>[0] {
  return { entries: batches.map((batch) => ({ batch })), next: String(tick), gaps: [] };
}

function toMs({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

async function best(
  work: () => Promise<unknown>,
): Promise<{ readonly tookMs: number; readonly cpuMs: number }> {
  let [tookMs, cpuMs] = [Infinity, Infinity];
  for (let round = 0; round < 5; round++) {
    const cpuFrom = process.cpuUsage();
    const from = performance.now();
    await work();
    tookMs = Math.min(tookMs, performance.now() - from);
    cpuMs = Math.min(cpuMs, toMs(process.cpuUsage(cpuFrom)));
  }
  return { tookMs, cpuMs };
}

function addRow(name: string, ours: number, theirs: number, goal: string): void {
  const ratio = ours > theirs ? ours / theirs : theirs / ours;
  const better = ours > theirs === (name.includes("second") || false) ? "better" : "worse";
  rows.push([name, toText(ours), toText(theirs), `${ratio.toFixed(1)} × ${better}`, goal]);
}

function toText(value: number): string {
  return value > 1000 ? Math.round(value).toLocaleString("en") : value.toFixed(2);
}

function printTable(): void {
  const widths = [44, 14, 16, 16, 12];
  for (const row of rows) {
    console.log(
      row
        .map((cell, at) =>
          at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
        )
        .join(""),
    );
  }
}

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
