import type { Distribution } from "../../core/distribution.ts";

/**
 * How a duration was logged: seconds with a fraction lose what a float cannot hold when elfstatsd makes milliseconds of
 * them (1.001 s becomes 1000 ms); whole units are rounded, half away from zero.
 */
export type Unit = "whole" | "seconds";

/** A cell is cut into so many at a time. */
const cutsMax = 256;
/** Nothing takes longer: 11 days. */
const msMax = 1e9;
/** Just below the half, so that 1.5 ms is 2 and not 1; nothing is logged finer than 0.1 µs. */
const belowHalf = 0.4999;

/**
 * How many observations there are by whole milliseconds, each rounded on its own: exact while the distribution is.
 * Narrows down to where there are any, since a distribution tells how many are below a bound and not which they are.
 */
export function toWholeMilliseconds(seconds: Distribution, unit: Unit): Map<number, number> {
  if (seconds.count === 0) {
    return new Map();
  }
  const first = toNearest(seconds.min);
  const last = toNearest(seconds.max);
  let width = 1;
  while (width * cutsMax <= last - first) {
    width *= cutsMax;
  }
  let counts = countCells(seconds, [first], Math.ceil((last - first + 1) / width), width);
  for (width /= cutsMax; width >= 1; width /= cutsMax) {
    counts = countCells(seconds, [...counts.keys()], cutsMax, width);
  }
  const found = counts.values().reduce((sum, times) => sum + times, 0);
  if (found < seconds.count) {
    counts.set(last, (counts.get(last) ?? 0) + seconds.count - found);
  }
  return unit === "whole" ? counts : toTruncated(counts);
}

/** Observations by the first millisecond of their cell; cells that hold none are left out. */
function countCells(
  seconds: Distribution,
  starts: readonly number[],
  cuts: number,
  width: number,
): Map<number, number> {
  const cells = starts.flatMap((start) =>
    Array.from({ length: cuts }, (_, cut) => start + cut * width),
  );
  const bounds = cells.map((cell) => (cell + width - 1 + belowHalf) / 1000);
  const counts = new Map<number, number>();
  let before = 0;
  for (const [at, below] of seconds.cumulative(bounds).entries()) {
    if (below > before) {
      counts.set(cells[at] ?? 0, below - before);
      before = below;
    }
  }
  return counts;
}

function toNearest(seconds: number): number {
  return Math.min(Math.max(0, Math.floor(seconds * 1000 + (1 - belowHalf))), msMax);
}

function toTruncated(counts: ReadonlyMap<number, number>): Map<number, number> {
  const truncated = new Map<number, number>();
  for (const [ms, times] of counts) {
    const cut = Math.trunc((ms / 1000) * 1000);
    truncated.set(cut, (truncated.get(cut) ?? 0) + times);
  }
  return truncated;
}
