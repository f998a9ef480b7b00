/** Powers of two are bucket boundaries of every distribution, so that these counts are exact: 1/1024 s to 64 s. */
const secondsBounds = Array.from({ length: 17 }, (_, i) => 2 ** (i - 10));
/** For sizes and everything else: 1 to 2^30. */
const otherBounds = Array.from({ length: 16 }, (_, i) => 4 ** i);

/** The upper bounds of a classic histogram's buckets, all but the infinite one, by the unit that the name ends in. */
export function classicBounds(metric: string): readonly number[] {
  return metric.endsWith("_seconds") ? secondsBounds : otherBounds;
}
