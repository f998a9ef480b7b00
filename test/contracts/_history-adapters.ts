// The adapters that the contract is checked against, and small slices to check it with.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Batch } from "../../src/core/batch.ts";
import type { Sample, TopSample } from "../../src/core/sample.ts";
import type { History, HistorySlice, QueryResult } from "../../src/history/history.ts";
import { createMemoryHistory } from "../../src/history/memory.ts";
import { openSqliteHistory } from "../../src/history/sqlite.ts";

export const second = 1000;
export const minute = 60 * second;
export const hour = 60 * minute;
export const day = 24 * hour;

export const levels = [
  { stepMs: 10 * second, ageMs: 2 * day },
  { stepMs: minute, ageMs: 30 * day },
  { stepMs: hour, ageMs: 730 * day },
];

export interface AdapterOptions {
  readonly now: () => number;
  readonly place?: string;
  readonly seriesMax?: number;
}

export interface HistoryAdapter {
  readonly name: string;
  /** A new history; or, for the adapters that can, the one that `place` names, as its last owner left it. */
  readonly open: (options: AdapterOptions) => History;
  readonly isDurable: boolean;
}

const folder = mkdtempSync(path.join(tmpdir(), "watchpost-history-"));
process.on("exit", () => rmSync(folder, { recursive: true }));
let places = 0;

export function nextPlace(): string {
  return path.join(folder, `${places++}.db`);
}

export const historyAdapters: readonly HistoryAdapter[] = [
  {
    name: "memory",
    open: ({ now, seriesMax }) =>
      createMemoryHistory({ now, levels, ...(seriesMax === undefined ? {} : { seriesMax }) }),
    isDurable: false,
  },
  {
    name: "sqlite",
    open: ({ now, place = nextPlace(), seriesMax }) => {
      const limit = seriesMax === undefined ? {} : { seriesMax };
      return openSqliteHistory({ file: place, now, levels, ...limit });
    },
    isDurable: true,
  },
];

interface Window {
  readonly source?: string;
  readonly seq: number;
  /** When the window of ten seconds ends. */
  readonly to: number;
  readonly tops?: readonly TopSample[];
}

export function batch(
  { source = "shop", seq, to, tops = [] }: Window,
  ...samples: Sample[]
): Batch {
  const marks = { more: false, partial: false, backfill: false };
  const from = to - 10 * second;
  return { source, service: "web", seq, from, to, samples, tops, events: [], ...marks };
}

let slices = 0;

export function slice(...batches: Batch[]): HistorySlice<string> {
  return {
    entries: batches.map((one) => ({ batch: one })),
    next: `place ${String(slices++)}`,
    gaps: [],
  };
}

/** The values of the only series of an answer. */
export function values({ series }: QueryResult): readonly (readonly [number, number])[] {
  if (series.length > 1) {
    throw new Error(`${series.length} series where one was expected`);
  }
  return series[0]?.points ?? [];
}
