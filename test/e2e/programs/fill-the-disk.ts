// Fills the small file system that it is given with a journal, makes room, goes on, and prints what it saw as JSON.
// The test that starts it judges.
import { rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describeError } from "../../../src/core/errors.ts";
import type { Claim, Journal } from "../../../src/journal/journal.ts";
import { openSqliteJournal } from "../../../src/journal/sqlite.ts";

const [folder = ""] = process.argv.slice(2);
const ballasts = [join(folder, "ballast-1"), join(folder, "ballast-2")] as const;
const file = join(folder, "journal.db");
const everything = { batchesMax: 1_000_000, bytesMax: 1e9 };

export interface DiskReport {
  /** What the appends on the full disk were told. */
  readonly refusals: readonly {
    readonly name: string;
    readonly code: string;
    readonly text: string;
  }[];
  /** Sequence numbers: what was acknowledged, and what could be read, at each step. */
  readonly whenFull: Step;
  readonly withRoom: Step;
  readonly fullAgain: Step;
  readonly afterTrim: Step;
  readonly reopened: Step;
  readonly trimmed: number;
  readonly position: string;
  readonly integrity: string;
}

interface Step {
  readonly acknowledged: number;
  readonly readable: readonly number[];
  readonly freeBytes: number;
}

let acknowledged = 0;
const refusals: { name: string; code: string; text: string }[] = [];

for (const ballast of ballasts) {
  writeFileSync(ballast, Buffer.alloc(1024 * 1024));
}
const journal = openSqliteJournal({ file, now: Date.now });
const claim = await journal.claim("shop");

await appendUntilFull(journal, claim);
for (let attempt = 0; attempt < 3; attempt++) {
  await append(journal, claim, 3);
}
const whenFull = await look(journal);

rmSync(ballasts[0]);
for (let times = 0; times < 5; times++) {
  await append(journal, claim, 2);
}
const withRoom = await look(journal);

await appendUntilFull(journal, claim);
const fullAgain = await look(journal);

rmSync(ballasts[1]);
const trimmed = await journal.trim({ ageMs: Number.MAX_SAFE_INTEGER, sizeBytes: 1024 * 1024 });
for (let times = 0; times < 5; times++) {
  await append(journal, claim, 2);
}
const afterTrim = await look(journal);
await journal[Symbol.asyncDispose]();

const again = openSqliteJournal({ file, now: Date.now });
const reopened = await look(again);
const { position } = await again.claim("shop");
await again[Symbol.asyncDispose]();

const report: DiskReport = {
  refusals,
  whenFull,
  withRoom,
  fullAgain,
  afterTrim,
  reopened,
  trimmed,
  position: new TextDecoder().decode(position),
  integrity: checkIntegrity(),
};
process.stdout.write(JSON.stringify(report));

async function appendUntilFull(into: Journal, by: Claim): Promise<void> {
  while (await append(into, by, 1)) {
    // The file system ends this.
  }
}

/** The next batches of the source, as a source does it: what was refused is tried again, with the same numbers. */
async function append(into: Journal, by: Claim, length: number): Promise<boolean> {
  const batches = Array.from({ length }, (_, index) => createBatch(acknowledged + 1 + index));
  const last = acknowledged + length;
  try {
    await into.append({ claim: by, batches, position: new TextEncoder().encode(`at ${last}`) });
    acknowledged = last;
    return true;
  } catch (error) {
    const { name = "", code = "" } = Object(error);
    refusals.push({ name, code, text: describeError(error) });
    return false;
  }
}

async function look(at: Journal): Promise<Step> {
  const { entries } = await at.read(at.start(), everything);
  const { bavail, bsize } = statfsSync(folder);
  const readable = entries.map(({ batch }) => batch.seq);
  return { acknowledged, readable, freeBytes: bavail * bsize };
}

function checkIntegrity(): string {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare("PRAGMA integrity_check").get();
  database.close();
  return String(row?.["integrity_check"]);
}

function createBatch(seq: number): Parameters<Journal["append"]>[0]["batches"][number] {
  const events = [{ at: seq, name: "note", labels: {}, text: `${seq} `.repeat(2000) }];
  const marks = { more: false, partial: false, backfill: false };
  return {
    source: "shop",
    service: "",
    seq,
    from: 0,
    to: 1,
    samples: [],
    tops: [],
    events,
    ...marks,
  };
}
