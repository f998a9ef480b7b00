// The report of elfstatsd: INI as Python 2 wrote it, keys in lower case, a blank line behind each section.
import type { Calls, ElfstatsWindow } from "./elfstats-window.ts";
import type { ToLocalTime } from "../../core/local-time.ts";

export interface ElfstatsStyle {
  /** Slower calls are stalled. */
  readonly stalledMs: number;
  /** Rising. */
  readonly percentiles: readonly number[];
  /** Always in the report. */
  readonly codes: readonly number[];
  /** What stands for zero. */
  readonly zero: "U" | "0";
  readonly version: string;
  readonly toLocalTime: ToLocalTime;
}

/** What is in the report for good once it was seen. */
export interface Seen {
  /** Codes by group. */
  readonly groups: Map<string, Set<number>>;
  readonly codes: Set<number>;
  /** In the order of the source's configuration. */
  readonly patterns: Set<string>;
}

export interface Round {
  /** When it began: the end of what it looked at, in milliseconds since the epoch. */
  readonly startedAt: number;
  readonly workedMs: number;
}

type Pair = readonly [key: string, value: string | number];

export function toElfstatsText(
  window: ElfstatsWindow,
  seen: Seen,
  round: Round,
  style: ElfstatsStyle,
): string {
  const methods = [...seen.groups].toSorted(([a], [b]) => compare(a, b));
  const sections: (readonly [string, readonly Pair[]])[] = [
    ...methods.map(([id, codes]) => {
      const calls = window.groups.get(id) ?? { byCode: new Map(), byMs: new Map() };
      return [`method_${id}`, toMethodPairs(calls, codes, style)] as const;
    }),
    ["metadata", toMetadata(window, round, style)],
    ["patterns", toPatternPairs(window, seen)],
    ["records", toRecords(window)],
    ["response_codes", toCodePairs(countCodes(window), new Set([...seen.codes, ...style.codes]))],
  ];
  return sections
    .map(([name, pairs]) => {
      const lines = pairs.map(
        ([key, value]) => `${key.toLowerCase()} = ${value === 0 ? style.zero : value}\n`,
      );
      return `[${name}]\n${lines.join("")}\n`;
    })
    .join("");
}

/** Adds what the window holds to what is known for good. */
export function remember(seen: Seen, window: ElfstatsWindow): void {
  for (const [id, { byCode }] of window.groups) {
    const codes = seen.groups.get(id) ?? new Set();
    seen.groups.set(id, codes);
    for (const code of byCode.keys()) {
      codes.add(code);
      seen.codes.add(code);
    }
  }
  for (const name of window.patterns.keys()) {
    seen.patterns.add(name);
  }
}

function toMethodPairs(
  { byCode, byMs }: Calls,
  codes: ReadonlySet<number>,
  { stalledMs, percentiles }: ElfstatsStyle,
): readonly Pair[] {
  const sorted = [...byMs].toSorted(([a], [b]) => a - b);
  let [count, sum, stalled] = [0, 0, 0];
  for (const [ms, times] of sorted) {
    count += times;
    sum += ms * times;
    stalled += ms > stalledMs ? times : 0;
  }
  return [
    ["calls", byCode.values().reduce((all, calls) => all + calls, 0)],
    ["stalled_calls", stalled],
    ["shortest", sorted.at(0)?.[0] ?? 0],
    ["longest", sorted.at(-1)?.[0] ?? 0],
    ["average", count === 0 ? 0 : Math.floor(sum / count)],
    ...percentiles.map((percent): Pair => [`p${percent}`, toPercentile(sorted, count, percent)]),
    ...toCodePairs(byCode, codes),
  ];
}

/** Between two ranks on a straight line, rounded half up; in whole numbers, so that halves are halves. */
function toPercentile(
  sorted: readonly (readonly [ms: number, times: number])[],
  count: number,
  percent: number,
): number {
  if (count === 0) {
    return 0;
  }
  const hundredths = (count - 1) * percent;
  const rank = Math.floor(hundredths / 100);
  const rest = hundredths % 100;
  const [from, to] = [atRank(sorted, rank), rest === 0 ? 0 : atRank(sorted, rank + 1)];
  return Math.floor((from * (100 - rest) + to * rest + 50) / 100);
}

/** The first is rank 0. */
function atRank(sorted: readonly (readonly [number, number])[], rank: number): number {
  let rest = rank;
  for (const [ms, times] of sorted) {
    if (rest < times) {
      return ms;
    }
    rest -= times;
  }
  return sorted.at(-1)?.[0] ?? 0;
}

function toMetadata(
  { firstAt, lastAt }: ElfstatsWindow,
  { startedAt, workedMs }: Round,
  { version, toLocalTime }: ElfstatsStyle,
): readonly Pair[] {
  const toText = (ms: number): string => toLocalTime(ms).replace("T", " ");
  const hundredths = Math.floor(workedMs / 10);
  return [
    ["daemon_invoked", toText(startedAt)],
    ["daemon_version", version],
    ["daemon_worked", `${Math.floor(hundredths / 100)}.${hundredths % 100} sec`],
    ...(firstAt === undefined ? [] : [["first_record", toText(firstAt)] as const]),
    ...(lastAt === undefined ? [] : [["last_record", toText(lastAt)] as const]),
  ];
}

/** Those that matched by name, then the others in the order of the configuration. */
function toPatternPairs({ patterns }: ElfstatsWindow, seen: Seen): readonly Pair[] {
  const matched = [...patterns].filter(([, { total }]) => total > 0).map(([name]) => name);
  const others = [...seen.patterns].filter((name) => !matched.includes(name));
  return [...matched.toSorted(compare), ...others].flatMap((name): Pair[] => {
    const { total = 0, distinct } = patterns.get(name) ?? {};
    return [
      [`${name}.total`, total],
      [`${name}.distinct`, distinct?.count ?? 0],
    ];
  });
}

function toRecords(window: ElfstatsWindow): readonly Pair[] {
  const { error, skipped } = window;
  const parsed = countCodes(window)
    .values()
    .reduce((all, calls) => all + calls, 0);
  return [
    ["error", error],
    ["parsed", parsed],
    ["skipped", skipped],
    ["total", error + parsed + skipped],
  ];
}

function countCodes({ groups }: ElfstatsWindow): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { byCode } of groups.values()) {
    for (const [code, calls] of byCode) {
      counts.set(code, (counts.get(code) ?? 0) + calls);
    }
  }
  return counts;
}

function toCodePairs(
  counts: ReadonlyMap<number, number>,
  codes: ReadonlySet<number>,
): readonly Pair[] {
  const sorted = [...codes].toSorted((a, b) => a - b);
  return sorted.map((code) => [`rc${code}`, counts.get(code) ?? 0]);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
