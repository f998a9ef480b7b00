// How much of a step its values stand for: all of it, unless it is not over yet.
import type { HistoryLevel } from "./history.ts";

/** How far the series of an answer have been measured. All in milliseconds. */
export interface Observed {
  readonly now: number;
  /** The end of the last point of any of them. */
  readonly until: number;
  /** Of the longest window; no shorter than the finest step. */
  readonly windowMs: number;
}

interface Step {
  readonly at: number;
  readonly stepMs: number;
}

export function observe(
  series: Iterable<{ readonly lastAt: number; readonly windowMs: number }>,
  levels: readonly HistoryLevel[],
  now: number,
): Observed {
  const finestMs = levels[0]?.stepMs ?? 1;
  let until = -Infinity;
  let longestMs = finestMs;
  for (const { lastAt, windowMs } of series) {
    until = Math.max(until, lastAt + finestMs);
    longestMs = Math.max(longestMs, windowMs);
  }
  return { now, until, windowMs: longestMs };
}

/**
 * The time by which a rate is divided: to the end of the last point, or to a window ago when nothing has come for
 * longer, which then is silence. A step holds a window at least.
 */
export function observedMs({ at, stepMs }: Step, { now, until, windowMs }: Observed): number {
  const known = Math.max(until, now - windowMs, at + windowMs);
  return Math.min(at + stepMs, known) - at;
}
