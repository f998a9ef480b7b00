// Points of the history as columns of a chart. A step in which nothing was measured is a gap, never
// a zero.
import type { Columns, Window } from "./series.ts";

export type Points = readonly (readonly [at: number, value: number])[];

/** Part of a range whose points have one spacing: older parts may be kept in coarser steps only. */
export interface StepSpan extends Window {
  readonly stepMs: number;
}

/** A line of a chart: each point lasts for a step. */
export interface Line {
  readonly points: Points;
  readonly stepMs: number;
  /** Where the step is another one. */
  readonly spans: readonly StepSpan[];
}

/** How long a point lasts that is at `at`. */
export function stepAt({ spans, stepMs }: Pick<Line, "spans" | "stepMs">, at: number): number {
  return spans.find(({ from, to }) => from <= at && at < to)?.stepMs ?? stepMs;
}

export interface PastColumnsOptions {
  readonly lines: readonly Line[];
  /** Drawn after them, without an influence on where there are gaps. */
  readonly linesBefore?: readonly Line[];
  /**
   * For counts: at the instants of these points the source was watched, so that what was not
   * counted there is zero. Without them it is a gap.
   */
  readonly watched?: Points;
  /**
   * The source's interval: points that far from each other follow each other, however short the
   * steps.
   */
  readonly everyMs: number;
  /**
   * Steps that end later are not over yet. Until ten intervals of the source are in one it says
   * little, and is left out unless there is nothing else.
   */
  readonly until: number;
}

/** Windows come a little late: of ten, less than a tenth of a rate is missing. */
const settledIntervals = 10;

/** One row per instant of any line, and a row of nulls wherever steps are missing. */
export function toPastColumns(options: PastColumnsOptions): Columns {
  const { lines, linesBefore = [], watched, everyMs, until } = options;
  const [first = { spans: [], stepMs: 0 }] = lines;
  const known = lines.map(({ points }) => new Map(points));
  const watchedAt = new Set(watched?.map(([at]) => at));
  if (watched !== undefined) {
    for (const at of known.flatMap((values) => [...values.keys()])) {
      watchedAt.add(at);
    }
  }
  const instants = [...lines, ...linesBefore].flatMap(({ points }) => points.map(([at]) => at));
  const all = [...new Set([...instants, ...watchedAt])].toSorted((a, b) => a - b);
  const settled = all.filter(
    (at) => until - at >= Math.min(stepAt(first, at), settledIntervals * everyMs),
  );
  const shown = settled.length === 0 ? all.slice(0, 1) : settled;
  const rows = toRows(shown, (at) => Math.max(stepAt(first, at), everyMs));
  return {
    x: rows,
    y: [
      ...known.map((values) => rows.map((at) => values.get(at) ?? (watchedAt.has(at) ? 0 : null))),
      ...linesBefore.map((line) => spread(line, rows)),
    ],
  };
}

/**
 * The instants, which rise, with another between any two that are further apart than a step, which
 * is at least `stepMs`.
 */
function toRows(instants: readonly number[], stepMs: (at: number) => number): number[] {
  const rows: number[] = [];
  let previous: number | undefined;
  for (const at of instants) {
    if (previous !== undefined && at - previous > 1.75 * stepMs(previous)) {
      rows.push((previous + at) / 2);
    }
    rows.push(at);
    previous = at;
  }
  return rows;
}

/** At each row the value of the point that lasts then: steps of older times may be longer. */
function spread(line: Line, rows: readonly number[]): (number | null)[] {
  const { points } = line;
  let next = 0;
  return rows.map((at) => {
    while (next < points.length && (points[next]?.[0] ?? 0) <= at) {
      next++;
    }
    const [start, value] = points[next - 1] ?? [];
    return start !== undefined && value !== undefined && at < start + stepAt(line, start)
      ? value
      : null;
  });
}

/** The sum of several at each instant at which there is one. */
export function sumPoints(list: readonly Points[]): Points {
  if (list.length <= 1) {
    return list[0] ?? [];
  }
  const sums = new Map<number, number>();
  for (const [at, value] of list.flat()) {
    sums.set(at, (sums.get(at) ?? 0) + value);
  }
  return [...sums].toSorted(([a], [b]) => a - b);
}

/** A line of a time before, as much later. */
export function shiftLine<L extends Line>(line: L, ms: number): L {
  return {
    ...line,
    points: line.points.map(([at, value]) => [at + ms, value]),
    spans: line.spans.map(({ from, to, stepMs }) => ({ from: from + ms, to: to + ms, stepMs })),
  };
}

/** How much there was in all, of what was counted step by step. */
export function totalOf({ points }: Line): number {
  return points.reduce((sum, [, count]) => sum + count, 0);
}

/** No rate is made of less: clocks may differ. */
const elapsedMinMs = 1_000;

/**
 * Counts of steps as what came per second. Of a step that is not over at `until` only the time that
 * has passed counts.
 */
export function toRates<L extends Line>(line: L, until: number): L {
  const points = line.points.map(([at, count]) => {
    const elapsedMs = Math.min(stepAt(line, at), Math.max(elapsedMinMs, until - at));
    return [at, (count * 1000) / elapsedMs] as const;
  });
  return { ...line, points };
}
