// What the history says of a HAProxy over a range: for each row, averages of what its polls said.
import { type Answers, type LabelledLine, linesOf } from "./answers.ts";
import { type BalancerRow, rowKey, takeRow } from "./balancer.ts";
import { cells } from "./balancer-cells.ts";
import { stepAt, totalOf } from "./past-columns.ts";
import type { Window } from "./series.ts";

export interface PastBalancer {
  /** By rowKey. Their state is empty: a range has many. */
  readonly rows: ReadonlyMap<string, BalancerRow>;
  /** The share of the time that it served, by rowKey; of what can be down. */
  readonly upRatios: ReadonlyMap<string, number>;
  /** Open sessions by rowKey, step by step. */
  readonly sessions: ReadonlyMap<string, readonly number[]>;
  /** As long as polls were answered: what counts per second are made of. */
  readonly window: Window;
}

export function toPastBalancer(answers: Answers, source: string): PastBalancer {
  const rows = new Map<string, BalancerRow>();
  for (const { name, isCount, limit } of cells) {
    for (const line of linesOf(answers, `cell-${name}`, source)) {
      const amount = isCount ? totalOf(line) : averageOf(line);
      takeRow(rows, line.labels)?.amounts.set(name, amount);
    }
    for (const line of limit === undefined ? [] : linesOf(answers, `limit-${name}`, source)) {
      takeRow(rows, line.labels)?.limits.set(name, averageOf(line));
    }
  }
  const open = linesOf(answers, "cell-sessions", source);
  const serving = linesOf(answers, "serving", source);
  return {
    rows,
    upRatios: new Map(serving.map((line) => [rowKey(line.labels), averageOf(line)])),
    sessions: new Map(open.map((line) => [rowKey(line.labels), line.points.map(([, one]) => one)])),
    window: toWatched(answers, open),
  };
}

function averageOf(line: LabelledLine): number {
  return totalOf(line) / Math.max(1, line.points.length);
}

/** The steps in which any row was seen, the last of them as far as it has come. */
function toWatched(answers: Answers, lines: readonly LabelledLine[]): Window {
  const [first] = lines;
  const instants = new Set(lines.flatMap(({ points }) => points.map(([at]) => at)));
  let lengthMs = 0;
  for (const at of first === undefined ? [] : instants) {
    lengthMs += Math.min(stepAt(first ?? { spans: [], stepMs: 0 }, at), answers.askedAt - at);
  }
  return { from: 0, to: lengthMs };
}
