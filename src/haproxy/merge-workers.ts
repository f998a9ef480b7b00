import { gaugeColumns, rowStride } from "./columns.ts";
import type { CountedDump } from "./count-since.ts";
import type { Row, Stats } from "./parse-stats.ts";
import { counterCount } from "./position.ts";

/** What all workers together have done and are doing. */
export interface Whole {
  readonly rows: readonly Row[];
  /** `rowStride` numbers a row. */
  readonly numbers: Stats["numbers"];
  /** `counterCount` numbers a row. */
  readonly counts: Float64Array;
}

/**
 * Adds what the workers that a reload has left behind still hold and have counted to what the current one, the first,
 * says. States and limits are the current one's.
 */
export function mergeWorkers(dumps: readonly CountedDump[]): Whole {
  const [current, ...old] = dumps;
  if (current === undefined) {
    return { rows: [], numbers: new Float64Array(), counts: new Float64Array() };
  }
  if (old.length === 0) {
    return { ...current.stats, counts: current.counts };
  }
  const rows = [...current.stats.rows];
  const numbers = [...current.stats.numbers];
  const counts = [...current.counts];
  const places = new Map(rows.map(({ key }, place) => [key, place]));
  for (const { stats, counts: ownCounts } of old) {
    for (const [row, one] of stats.rows.entries()) {
      const place = places.get(one.key) ?? rows.length;
      if (place === rows.length) {
        // The new configuration does without it, but its sessions go on.
        rows.push(one);
        places.set(one.key, place);
        numbers.push(...emptyRow);
        counts.push(...emptyCounts);
      }
      addShared(numbers, place * rowStride, stats.numbers, row * rowStride);
      addAll(counts, place * counterCount, ownCounts, row * counterCount);
    }
  }
  return { rows, numbers: Float64Array.from(numbers), counts: Float64Array.from(counts) };
}

const emptyRow = Array.from({ length: rowStride }, () => NaN);
const emptyCounts = Array.from({ length: counterCount }, () => NaN);

const shared = gaugeColumns.flatMap(({ isShared }, index) => (isShared ? [index] : []));

function addShared(into: number[], at: number, from: Float64Array, fromAt: number): void {
  for (const index of shared) {
    into[at + index] = add(into[at + index], from[fromAt + index]);
  }
}

function addAll(into: number[], at: number, from: Float64Array, fromAt: number): void {
  for (let i = 0; i < counterCount; i++) {
    into[at + i] = add(into[at + i], from[fromAt + i]);
  }
}

/** What is unknown adds nothing. */
function add(a = NaN, b = NaN): number {
  return Number.isNaN(a) ? b : Number.isNaN(b) ? a : a + b;
}
