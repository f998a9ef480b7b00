// What a cell of a heat map says, and how dark it is.
import type { HeatMapReply } from "./api.ts";
import { stepAt } from "./past-columns.ts";

export interface HeatCell {
  /** The start of its step. */
  readonly at: number;
  /** Values above `from` (0 in the lowest row) up to `to`. */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** Nothing is so rare that it could not be seen. */
const depthMin = 0.14;

/**
 * From faint to full, nearly by the logarithm: what is rare is what one looks for, and has to stand
 * out from the many.
 */
export function toDepth(count: number, countMax: number): number {
  const share = countMax <= 1 ? 1 : Math.log(count) / Math.log(countMax);
  return depthMin + (1 - depthMin) * Math.min(1, Math.max(0, share)) ** 1.5;
}

/** In seconds. What is faster is as fast: no log tells such durations apart. */
const floorSeconds = 0.000_01;

/**
 * With its lowest rows as one, as far as they are empty or below any duration that could be told
 * apart. The lowest row has the zeros, of which no scale of powers could show how low they are.
 */
export function trimRows(map: HeatMapReply): HeatMapReply {
  const { bounds, columns } = map;
  const lowest = bounds.findIndex(
    (bound, row) =>
      row > 0 && bound > floorSeconds && columns.some(([, counts]) => (counts[row] ?? 0) > 0),
  );
  const merged = Math.max(0, lowest - 1);
  return {
    ...map,
    bounds: bounds.slice(merged),
    columns: columns.map(([at, counts]) => {
      const least = counts.slice(0, merged + 1).reduce((sum, count) => sum + count, 0);
      return [at, [least, ...counts.slice(merged + 1)]] as const;
    }),
  };
}

/**
 * The cell at an instant and a row, which is counted from below and need not be whole; undefined
 * beside the map.
 */
export function cellAt(
  { bounds, columns, stepMs, spans = [] }: HeatMapReply,
  instant: number,
  height: number,
): HeatCell | undefined {
  const row = Math.floor(height);
  const to = bounds[row];
  if (to === undefined) {
    return undefined;
  }
  const [at, counts] =
    columns.find(
      ([start]) => start <= instant && instant < start + stepAt({ spans, stepMs }, start),
    ) ?? [];
  return at === undefined
    ? undefined
    : { at, from: bounds[row - 1] ?? 0, to, count: counts?.[row] ?? 0 };
}
