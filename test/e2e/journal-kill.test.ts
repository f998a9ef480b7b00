// A process that writes the journal is killed at any moment, hundreds of times. After each kill the journal holds what
// was acknowledged, once, in order and unchanged; and the next process goes on where it stopped.
//
// WATCHPOST_KILLS sets how often (200), WATCHPOST_KILL_SEED repeats a run's delays.
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { encodeBatch } from "../../src/core/batch-codec.ts";
import type { Journal, Slice } from "../../src/journal/journal.ts";
import { openSqliteJournal } from "../../src/journal/sqlite.ts";
import { createTempFolder } from "./harness.ts";
import { batchOf, fromBytes, killedReader, positionOf } from "./programs/journal-batches.ts";

// oxlint-disable-next-line node/no-process-env -- for who looks for a rare failure, or repeats one
const environment = process.env;
const kills = Number(environment["WATCHPOST_KILLS"] ?? 200);
const seed = Number(environment["WATCHPOST_KILL_SEED"] ?? Date.now() % 1e9);
/** Journals that are written, killed and checked side by side. */
const lanes = 2;
const everything = { batchesMax: 1_000_000, bytesMax: 1e9 };
const program = path.join(import.meta.dirname, "programs/append-until-killed.ts");

test(`the journal survives ${kills} kills`, async (context) => {
  await using folder = await createTempFolder();
  const random = createRandom(seed);
  const files = Array.from({ length: lanes }, (_, lane) => folder.join(`journal-${lane}.db`));
  const runs = files.map(async (file) => {
    let known: Known = { seqs: new Map(), seen: 0 };
    for (let kill = 0; kill < kills / lanes; kill++) {
      const acknowledged = await runUntilKilled(file, `${file}.${kill}.log`, random);
      known = await check(file, known, acknowledged);
    }
    checkIntegrity(file);
    return known;
  });
  for (const { seqs, seen } of await Promise.all(runs)) {
    const appended = [...seqs].map(([source, seq]) => `${source} ${seq}`).join(", ");
    context.diagnostic(`seed ${seed}: appended ${appended}; read ${seen}`);
    assert.ok(seen > kills, "the processes lived too briefly to prove anything");
  }
});

/** What an earlier check has found committed. */
interface Known {
  readonly seqs: ReadonlyMap<string, number>;
  readonly seen: number;
}

/** The lines that the process wrote before it was killed: "append shop 17", "claim shop 14", "save 40". */
async function runUntilKilled(
  file: string,
  log: string,
  random: () => number,
): Promise<readonly string[]> {
  const output = openSync(log, "a");
  const child = spawn(process.execPath, [program, file], { stdio: ["ignore", output, "inherit"] });
  closeSync(output);
  const { promise: exited, resolve } = Promise.withResolvers<NodeJS.Signals | null>();
  child.once("exit", (_code, killedBy) => resolve(killedBy));
  // Now and then while it is starting, creating or recovering the file; mostly while it is at work.
  const isEarly = random() < 0.15;
  if (!isEarly) {
    await waitForOutput(child, log);
  }
  await sleep(random() * 200);
  child.kill("SIGKILL");
  assert.equal(await exited, "SIGKILL", "the process ended by itself");
  return readFileSync(log, "utf8").split("\n").slice(0, -1);
}

async function waitForOutput(child: ChildProcess, log: string): Promise<void> {
  while (statSync(log).size === 0 && child.exitCode === null) {
    await sleep(2);
  }
}

async function check(file: string, known: Known, lines: readonly string[]): Promise<Known> {
  await using journal = openSqliteJournal({ file, now: Date.now });
  const { sources } = await journal.status();
  const seqs = new Map(sources.map(({ source, seq }) => [source, seq]));
  checkAcknowledged(lines, known, seqs);
  checkBatches(await journal.read(journal.start(), everything), seqs);
  await checkPositions(journal, seqs);
  return { seqs, seen: await checkReader(journal, lines, known, seqs) };
}

function checkAcknowledged(
  lines: readonly string[],
  known: Known,
  seqs: ReadonlyMap<string, number>,
): void {
  for (const line of lines) {
    const [what, source = "", number] = line.split(" ");
    if (what === "append") {
      assert.ok((seqs.get(source) ?? 0) >= Number(number), `${line} was lost`);
    } else if (what === "claim") {
      assert.equal(Number(number), known.seqs.get(source) ?? 0, `${line} does not go on`);
    }
  }
  for (const [source, seq] of known.seqs) {
    assert.ok((seqs.get(source) ?? 0) >= seq, `${source} ${seq} was there before`);
  }
}

/** What retention left of each source: up to its last sequence number, without holes, unchanged. */
function checkBatches({ entries, gaps }: Slice, seqs: ReadonlyMap<string, number>): void {
  assert.deepEqual(gaps, []);
  const lastSeqs = new Map<string, number>();
  for (const { batch } of entries) {
    const { source, seq } = batch;
    assert.equal(seq, (lastSeqs.get(source) ?? seq - 1) + 1, `a hole or a repetition at ${source}`);
    lastSeqs.set(source, seq);
    const isSame = Buffer.compare(encodeBatch(batch), encodeBatch(batchOf(source, seq))) === 0;
    assert.ok(isSame, `${source} ${seq} has changed`);
  }
  for (const [source, seq] of lastSeqs) {
    assert.equal(seq, seqs.get(source), `the last batch of ${source}`);
  }
}

async function checkPositions(journal: Journal, seqs: ReadonlyMap<string, number>): Promise<void> {
  for (const [source, seq] of seqs) {
    const claim = await journal.claim(source);
    assert.equal(claim.seq, seq);
    const expected = seq === 0 ? undefined : positionOf(source, seq);
    assert.deepEqual(
      claim.position && Buffer.from(claim.position),
      expected && Buffer.from(expected),
    );
  }
}

/** The reader's count, cursor and state belong together: what it has seen, missed and not yet read is all there is. */
async function checkReader(
  journal: Journal,
  lines: readonly string[],
  known: Known,
  seqs: ReadonlyMap<string, number>,
): Promise<number> {
  const saved = await journal.loadReader(killedReader);
  const { seen, missed, lastSeqs } = fromBytes(saved?.state);
  const acknowledged = lines
    .filter((line) => line.startsWith("save "))
    .at(-1)
    ?.slice(5);
  assert.ok(
    seen >= Math.max(known.seen, Number(acknowledged ?? 0)),
    `save ${acknowledged} was lost`,
  );
  const { entries, gaps } = await journal.read(saved?.cursor ?? journal.start(), everything);
  const gone = gaps.reduce((sum, gap) => sum + (gap.batches ?? Number.NaN), 0);
  if (saved !== undefined) {
    const appended = [...seqs.values()].reduce((sum, seq) => sum + seq, 0);
    assert.equal(seen + missed + gone + entries.length, appended, "read, missed and left to read");
  }
  const next = new Map(entries.toReversed().map(({ batch }) => [batch.source, batch.seq]));
  for (const [source, seq] of gone > 0 ? [] : next) {
    const last = lastSeqs[source];
    assert.ok(last === undefined || last + 1 === seq, `${source} goes on at ${seq} after ${last}`);
  }
  return seen;
}

function checkIntegrity(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true });
  const [row] = database.prepare("PRAGMA integrity_check").all();
  database.close();
  assert.equal(row?.["integrity_check"], "ok");
}

/** Mulberry32: enough for delays, and repeatable. */
function createRandom(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
