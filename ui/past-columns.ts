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
  /** Steps that end later are not over yet, and are left out. */
  readonly until: number;
}

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
  const complete = [...instants, ...watchedAt].filter((at) => at + stepAt(first, at) <= until);
  const rows = toRows(complete, (at) => Math.max(stepAt(first, at), everyMs));
  return {
    x: rows,
    y: [
      ...known.map((values) => rows.map((at) => values.get(at) ?? (watchedAt.has(at) ? 0 : null))),
      ...linesBefore.map((line) => spread(line, rows)),
    ],
  };
}

/**
 * Once each, rising, with an instant between any two that are further apart than a step, which is
 * at least `stepMs`.
 */
function toRows(instants: readonly number[], stepMs: (at: number) => number): number[] {
  const rows: number[] = [];
  let previous: number | undefined;
  for (const at of [...new Set(instants)].toSorted((a, b) => a - b)) {
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

/** How much there was in all, of what came per second. */
export function totalOf(line: Line): number {
  return line.points.reduce((sum, [at, rate]) => sum + (rate * stepAt(line, at)) / 1000, 0);
}
