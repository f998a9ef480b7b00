// Appends to the journal from several sources, reads it and trims it, as fast as it can, until it is killed. Tells what
// was acknowledged by lines on its standard output, which is a file: a line that was written survives the kill.
import { writeSync } from "node:fs";
import type { Cursor, Journal } from "../../../src/journal/journal.ts";
import { openSqliteJournal } from "../../../src/journal/sqlite.ts";
import {
  batchOf,
  fromBytes,
  killedReader,
  killedSources,
  positionOf,
  toBytes,
} from "./journal-batches.ts";

const [file = ""] = process.argv.slice(2);
const signal = new AbortController().signal;

const journal = openSqliteJournal({ file, now: Date.now });
writeSync(1, "open\n");
await Promise.all([
  ...killedSources.map((source) => appendForever(journal, source)),
  readForever(journal),
  trimForever(journal),
]);

async function appendForever(into: Journal, source: string): Promise<void> {
  const claim = await into.claim(source);
  writeSync(1, `claim ${source} ${claim.seq}\n`);
  for (let seq = claim.seq; ;) {
    const batches = Array.from({ length: 1 + (seq % 3) }, () => batchOf(source, ++seq));
    await into.append({ claim, batches, position: positionOf(source, seq) });
    writeSync(1, `append ${source} ${seq}\n`);
  }
}

async function readForever(from: Journal): Promise<void> {
  const saved = await from.loadReader(killedReader);
  let cursor: Cursor = saved?.cursor ?? from.start();
  let state = fromBytes(saved?.state);
  for (;;) {
    await from.changed(cursor, signal);
    const slice = await from.read(cursor, { batchesMax: 20, bytesMax: 1024 * 1024 });
    const missed = slice.gaps.reduce((sum, gap) => sum + (gap.batches ?? Number.NaN), 0);
    const lastSeqs = { ...state.lastSeqs };
    for (const { batch } of slice.entries) {
      lastSeqs[batch.source] = batch.seq;
    }
    const seen = state.seen + slice.entries.length;
    state = { lastSeqs, seen, missed: state.missed + missed };
    cursor = slice.next;
    await from.saveReader(killedReader, { cursor, state: toBytes(state) });
    writeSync(1, `save ${seen}\n`);
  }
}

async function trimForever(of: Journal): Promise<void> {
  for (let changes = 1; ; changes++) {
    await of.changed(of.head(), signal);
    if (changes % 15 === 0) {
      await of.trim({ ageMs: Number.MAX_SAFE_INTEGER, sizeBytes: 500_000 });
    }
  }
}
