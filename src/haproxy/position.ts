// Where counting goes on at the next poll, also after a restart of ours: what each worker had counted when it last
// answered. Kept in bytes: most counters of most rows are small or empty.
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { counterOffset, rowStride, counterColumns } from "./columns.ts";
import type { Stats } from "./parse-stats.ts";
import type { ProcessInfo } from "./process-info.ts";

export interface Position {
  readonly version: 1;
  /** What was asked, and for what. Bases of another question mean nothing. */
  readonly question: string;
  /** Milliseconds since the epoch at the last answer. */
  readonly answeredAt: number;
  readonly isUp: boolean;
  /** The current one first, then those that a reload has left behind. */
  readonly workers: readonly WorkerBases[];
}

export interface WorkerBases {
  /** Undefined when the answers do not tell. */
  readonly process: StoredProcess | undefined;
  /** Of the rows, in the order of the dump. */
  readonly keys: readonly string[];
  /** What each row's `status` was. */
  readonly statuses: readonly string[];
  readonly counters: Uint8Array;
}

export type StoredProcess = Pick<
  ProcessInfo,
  "pid" | "uptimeS" | "startedAtS" | "version" | "isStopping"
>;

/** Counters a row in a table of bases. */
export const counterCount = counterColumns.length;

/** A worker's counters as they are now, with those rows of `before` that this dump could not tell us about. */
export function toWorkerBases(
  { rows, numbers, refused }: Stats,
  process: ProcessInfo | undefined,
  before: WorkerBases | undefined,
): WorkerBases {
  const keys = rows.map(({ key }) => key);
  const statuses = rows.map(({ status }) => status);
  const out = new ByteWriter(rows.length * counterCount * 2 + 64);
  for (let row = 0; row < rows.length; row++) {
    const offset = row * rowStride + counterOffset;
    writeRow(out, numbers, offset);
  }
  // A row that was refused today must not look new tomorrow: all that it ever counted would come at once.
  if (refused > 0 && before !== undefined) {
    carryOver(before, { keys, statuses, out });
  }
  return { process: process && toStoredProcess(process), keys, statuses, counters: out.finish() };
}

function carryOver(
  before: WorkerBases,
  into: { readonly keys: string[]; readonly statuses: string[]; readonly out: ByteWriter },
): void {
  const known = new Set(into.keys);
  const table = readCounters(before);
  for (const [row, key] of before.keys.entries()) {
    if (!known.has(key)) {
      into.keys.push(key);
      into.statuses.push(before.statuses[row] ?? "");
      writeRow(into.out, table, row * counterCount);
    }
  }
}

/** An empty cell is 0, a number one more than it is. */
function writeRow(out: ByteWriter, numbers: Float64Array, offset: number): void {
  for (let i = 0; i < counterCount; i++) {
    const value = numbers[offset + i] ?? NaN;
    out.varint(Number.isNaN(value) ? 0 : value + 1);
  }
}

/** `counterCount` numbers a key, NaN where the cell was empty. Throws Corrupt. */
export function readCounters({ keys, counters }: WorkerBases): Float64Array {
  const table = new Float64Array(keys.length * counterCount);
  const input = new ByteReader(counters);
  for (let i = 0; i < table.length; i++) {
    const value = input.varint();
    table[i] = value === 0 ? NaN : value - 1;
  }
  return table;
}

function toStoredProcess(process: ProcessInfo): StoredProcess {
  const { pid, uptimeS, startedAtS, version, isStopping } = process;
  return {
    pid,
    uptimeS,
    isStopping,
    ...(startedAtS === undefined ? {} : { startedAtS }),
    ...(version === undefined ? {} : { version }),
  };
}

/** What the engine hands back, if it is ours and answers the same question. */
export function toPosition(value: unknown, question: string): Position | undefined {
  return isPosition(value) && value.question === question ? value : undefined;
}

function isPosition(value: unknown): value is Position {
  return (
    typeof value === "object" &&
    value !== null &&
    "version" in value &&
    value.version === 1 &&
    "workers" in value &&
    Array.isArray(value.workers)
  );
}
