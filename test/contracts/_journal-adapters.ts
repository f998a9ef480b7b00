// The adapters that the contract is checked against, and small batches to check it with.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBatch } from "../../src/core/batch-codec.ts";
import type { Batch } from "../../src/core/batch.ts";
import { gauge } from "../../src/core/sample.ts";
import { type Cursor, type Journal, type Slice, toCursor } from "../../src/journal/journal.ts";
import { createMemoryJournal } from "../../src/journal/memory.ts";
import { openSqliteJournal } from "../../src/journal/sqlite.ts";

export interface JournalAdapter {
  readonly name: string;
  /** A new journal; or, for the adapters that can, the one that `place` names, as its last owner left it. */
  readonly open: (now: () => number, place?: string) => Journal;
  readonly isDurable: boolean;
}

export const everything = { batchesMax: 10_000, bytesMax: 1e9 };

const folder = mkdtempSync(join(tmpdir(), "watchpost-journal-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
let places = 0;

export function nextPlace(): string {
  return join(folder, `${places++}.db`);
}

export const journalAdapters: readonly JournalAdapter[] = [
  { name: "memory", open: (now) => createMemoryJournal({ now }), isDurable: false },
  {
    name: "sqlite",
    open: (now, place = nextPlace()) => openSqliteJournal({ file: place, now }),
    isDurable: true,
  },
];

export async function appendMany(journal: Journal, source: string, times: number): Promise<void> {
  const claim = await journal.claim(source);
  for (let seq = claim.seq + 1; seq <= claim.seq + times; seq++) {
    await journal.append({ claim, batches: [batch(source, seq)], position: bytes(seq) });
  }
}

export async function readSequence(journal: Journal): Promise<readonly string[]> {
  return sequence(await journal.read(journal.start(), everything));
}

export function sequence({ entries }: Slice): readonly string[] {
  return entries.map(({ batch: { source, seq } }) => `${source}${seq}`);
}

export function batch(source: string, seq: number): Batch {
  const samples = [gauge("load", 0.5, { core: "1" })];
  const marks = { more: false, partial: false, backfill: false };
  return { source, service: "shop", seq, from: 0, to: 10, samples, tops: [], events: [], ...marks };
}

/** A batch whose encoded form has exactly this size. */
export function batchOfSize(source: string, seq: number, sizeBytes: number): Batch {
  const withText = (length: number): Batch => {
    const event = { at: 0, name: "e", labels: {}, text: "x".repeat(length) };
    return { ...batch(source, seq), events: [event] };
  };
  const overhead = encodeBatch(withText(sizeBytes)).length - sizeBytes;
  return withText(sizeBytes - overhead);
}

export function bytes(...values: number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function foreign(text: string): Cursor {
  return toCursor(text);
}
