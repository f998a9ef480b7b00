import type { Distribution } from "../core/distribution.ts";
import type { Block } from "./_block.ts";
import { Fold, stepsOf } from "./_evaluate.ts";
import type { Plan, Segment } from "./_plan.ts";
import { QueryInvalid, type HeatMap } from "./history.ts";

const rowsMaxLargest = 200;

/** The points of distributions, which come in any parts, become counts by rows. */
export class HeatMapRows {
  readonly #plan: Plan;
  readonly #rowsMax: number;
  readonly #fold: Fold;

  /** Throws QueryInvalid for a number of rows that there cannot be. */
  constructor(plan: Plan, rowsMax: number) {
    if (!(Number.isInteger(rowsMax) && rowsMax >= 2 && rowsMax <= rowsMaxLargest)) {
      throw new QueryInvalid(`a heat map has from 2 to ${rowsMaxLargest} rows`);
    }
    this.#plan = plan;
    this.#rowsMax = rowsMax;
    this.#fold = new Fold(plan.steps);
  }

  add(segment: Segment, block: Block): void {
    this.#fold.addSummaries(segment, block, "quantile");
  }

  finish(): Omit<HeatMap, "spans"> {
    const found = [...stepsOf(this.#plan)].flatMap(({ step, at }) => {
      const distribution = this.#fold.distribution(step);
      return distribution === undefined || distribution.count === 0 ? [] : [{ at, distribution }];
    });
    const all = found.map(({ distribution }) => distribution);
    const bounds = toBounds(all, this.#rowsMax);
    const columns = found.map(
      ({ at, distribution }) => [at, toRows(distribution, bounds)] as const,
    );
    return { bounds, columns };
  }
}

/**
 * From the smallest observation above zero, or a millionth of the largest, to the largest. The first row also takes all
 * that is smaller: zeros, of which a log has some that took no time at all, do not stretch the others.
 */
export function toBounds(distributions: readonly Distribution[], rowsMax: number): number[] {
  const max = distributions.reduce((most, each) => Math.max(most, each.max), -Infinity);
  const min = distributions.reduce((least, each) => Math.min(least, minAboveZero(each)), Infinity);
  if (!(max > 0) || min >= max) {
    return Number.isFinite(max) ? [max] : [];
  }
  const least = Math.max(min, max / 1e6);
  const ratio = (max / least) ** (1 / (rowsMax - 1));
  const bounds = Array.from({ length: rowsMax - 1 }, (_, row) => least * ratio ** row);
  return [...bounds, max];
}

/** At most 0.54 % off where there are smaller ones in buckets; Infinity when there is none. */
function minAboveZero(distribution: Distribution): number {
  const { min, max, count } = distribution;
  if (min > 0 || max <= 0) {
    return min > 0 ? min : Infinity;
  }
  const [smaller = 0] = distribution.cumulative([0]);
  return distribution.quantile((smaller + 0.5) / count);
}

/** How many observations fall into each row. */
export function toRows(distribution: Distribution, bounds: readonly number[]): number[] {
  const below = distribution.cumulative(bounds);
  return below.map((count, row) => count - (below[row - 1] ?? 0));
}
