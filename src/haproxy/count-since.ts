// From running totals of processes to counts of a window. HAProxy's counters begin at zero with each process, can be
// cleared, and die with the worker that a reload has left behind; none of it may look like traffic.
import { counterOffset, lastChangeColumn, numberIndexOf, rowStride } from "./columns.ts";
import type { Stats } from "./parse-stats.ts";
import { counterCount, type Position, readCounters, type WorkerBases } from "./position.ts";
import { isSameProcess, type ProcessInfo } from "./process-info.ts";

/** What one worker answered. */
export interface Dump {
  /** Undefined when the answer does not tell. */
  readonly process: ProcessInfo | undefined;
  readonly stats: Stats;
}

export interface CountedDump extends Dump {
  /** What this worker had answered before; undefined when it is new. */
  readonly before: WorkerBases | undefined;
  /** `counterCount` numbers a row; NaN where the window's count cannot be known. */
  readonly counts: Float64Array;
  /** Some of its rows began again at zero. */
  readonly hasReset: boolean;
  /**
   * It was there before the window and we had not seen it: what it has counted belongs to other times. So it is when
   * an address leads to several processes in turn.
   */
  readonly isStranger: boolean;
}

export interface CountedPoll {
  /** In the order of the dumps. */
  readonly dumps: readonly CountedDump[];
  /** A worker that answered last time is gone, with what it has served since. */
  readonly hasLostWorker: boolean;
}

/** A worker begins to count while it still reads its configuration, before it takes over. */
const startUpS = 30;

/** `at` is the time of the dumps, in milliseconds since the epoch. */
export function countSince(
  before: Position | undefined,
  dumps: readonly Dump[],
  at: number,
): CountedPoll {
  const workers = before?.workers ?? [];
  const unclaimed = new Set(workers);
  const windowS = before === undefined ? 0 : (at - before.answeredAt) / 1000;
  const counted = dumps.map((dump) => {
    const known = findWorker(dump, workers);
    if (known !== undefined) {
      unclaimed.delete(known);
      const since = countFrom(dump.stats, known);
      // Without a process to name, what began again is another process.
      const isSame = known.process !== undefined && dump.process !== undefined;
      if (isSame || !since.hasReset) {
        return { ...dump, before: known, ...since, isStranger: false };
      }
    }
    const isNew = before !== undefined && isYounger(dump, windowS);
    const counts = isNew ? countFromZero(dump.stats) : countNothing(dump.stats);
    const isReplaced = known !== undefined;
    const isStranger = before !== undefined && !isNew;
    return { ...dump, before: undefined, counts, hasReset: isReplaced, isStranger };
  });
  return { dumps: counted, hasLostWorker: unclaimed.size > 0 };
}

/** True when the dump goes on where the same process stopped. */
export function isContinuation(before: Position | undefined, dump: Dump): boolean {
  const known = findWorker(dump, before?.workers ?? []);
  return known !== undefined && !countFrom(dump.stats, known).hasReset;
}

function findWorker({ process }: Dump, workers: readonly WorkerBases[]): WorkerBases | undefined {
  return workers.find(
    (worker) =>
      worker.process === undefined ||
      process === undefined ||
      isSameProcess(worker.process, process),
  );
}

const lastChange = numberIndexOf(lastChangeColumn);

/** By its own words, else by the time since anything about it has changed. */
function isYounger({ process, stats }: Dump, windowS: number): boolean {
  if (process !== undefined) {
    return process.uptimeS <= windowS + startUpS;
  }
  let ageS = NaN;
  for (let at = lastChange; at < stats.numbers.length; at += rowStride) {
    const seconds = stats.numbers[at] ?? NaN;
    ageS = Number.isNaN(ageS) || seconds > ageS ? seconds : ageS;
  }
  return ageS <= windowS + startUpS;
}

function countFrom(
  { rows, numbers }: Stats,
  known: WorkerBases,
): Pick<CountedDump, "counts" | "hasReset"> {
  const bases = readCounters(known);
  const placeOf = createFinder(known.keys);
  const counts = new Float64Array(rows.length * counterCount);
  let hasReset = false;
  for (let row = 0; row < rows.length; row++) {
    const now = row * rowStride + counterOffset;
    const place = placeOf(rows[row]?.key ?? "", row);
    counts.set(numbers.subarray(now, now + counterCount), row * counterCount);
    // A server that was added since began in this window.
    if (place === undefined) {
      continue;
    }
    const base = place * counterCount;
    if (hasBegunAgain(numbers, now, bases, base)) {
      hasReset = true;
      continue;
    }
    for (let i = 0; i < counterCount; i++) {
      const more = (numbers[now + i] ?? NaN) - (bases[base + i] ?? NaN);
      counts[row * counterCount + i] = more < 0 ? 0 : more;
    }
  }
  return { counts, hasReset };
}

/** One counter alone may be a slip of HAProxy's; then it counts nothing, and goes on from there. */
function hasBegunAgain(
  numbers: Float64Array,
  now: number,
  bases: Float64Array,
  base: number,
): boolean {
  let smaller = 0;
  for (let i = 0; i < counterCount; i++) {
    if ((numbers[now + i] ?? NaN) < (bases[base + i] ?? NaN)) {
      smaller++;
    }
  }
  return smaller >= 2;
}

function countFromZero({ rows, numbers }: Stats): Float64Array {
  const counts = new Float64Array(rows.length * counterCount);
  for (let row = 0; row < rows.length; row++) {
    const now = row * rowStride + counterOffset;
    counts.set(numbers.subarray(now, now + counterCount), row * counterCount);
  }
  return counts;
}

function countNothing({ rows }: Stats): Float64Array {
  return new Float64Array(rows.length * counterCount).fill(NaN);
}

/** The place of a key: where it is in the new dump, nearly always. */
function createFinder(keys: readonly string[]): (key: string, guess: number) => number | undefined {
  let places: Map<string, number> | undefined;
  return (key, guess) => {
    if (keys[guess] === key) {
      return guess;
    }
    places ??= new Map(keys.map((known, place) => [known, place]));
    return places.get(key);
  };
}
