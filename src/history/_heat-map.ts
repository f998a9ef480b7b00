import type { Distribution } from "../core/distribution.ts";
import type { Block } from "./_block.ts";
import { Fold, stepsOf } from "./_evaluate.ts";
import type { Plan, Segment } from "./_plan.ts";
import { QueryInvalid, type HeatMap } from "./history.ts";

const rowsMaxLargest = 200;

/** The points of distributions become counts by rows. `blocks` may hold several parts of a point. */
export function toHeatMap(
  plan: Plan,
  blocks: Iterable<readonly [Segment, Block]>,
  rowsMax: number,
): Omit<HeatMap, "spans"> {
  const fold = new Fold(plan.steps);
  for (const [segment, block] of blocks) {
    fold.addSummaries(segment, block, "quantile");
  }
  const found = [...stepsOf(plan)].flatMap(({ step, at }) => {
    const distribution = fold.distribution(step);
    return distribution === undefined || distribution.count === 0 ? [] : [{ at, distribution }];
  });
  const bounds = toBounds(
    found.map(({ distribution }) => distribution),
    rowsMax,
  );
  const columns = found.map(({ at, distribution }) => [at, toRows(distribution, bounds)] as const);
  return { bounds, columns };
}

/** The first row takes everything up to a millionth of the largest value, zero and below included. */
export function toBounds(distributions: readonly Distribution[], rowsMax: number): number[] {
  if (!(Number.isInteger(rowsMax) && rowsMax >= 2 && rowsMax <= rowsMaxLargest)) {
    throw new QueryInvalid(`a heat map has from 2 to ${rowsMaxLargest} rows`);
  }
  const min = distributions.reduce((least, each) => Math.min(least, each.min), Infinity);
  const max = distributions.reduce((most, each) => Math.max(most, each.max), -Infinity);
  if (!(max > 0) || min === max) {
    return Number.isFinite(max) ? [max] : [];
  }
  const least = Math.max(min, max / 1e6);
  const ratio = (max / least) ** (1 / (rowsMax - 1));
  const bounds = Array.from({ length: rowsMax - 1 }, (_, row) => least * ratio ** row);
  return [...bounds, max];
}

/** How many observations fall into each row. */
export function toRows(distribution: Distribution, bounds: readonly number[]): number[] {
  const below = distribution.cumulative(bounds);
  return below.map((count, row) => count - (below[row - 1] ?? 0));
}
