// A metric's name ends in its base unit; a threshold of another sort compares seconds with bytes.
import type { Threshold, UnitSort } from "../core/units.ts";
import { quoteKey } from "./_findings.ts";

type Sort = Exclude<UnitSort, "none">;

const endings: readonly (readonly [RegExp, Sort])[] = [
  [/_seconds(?:_total)?$/, "time"],
  [/_bytes(?:_total)?$/, "size"],
  [/_ratio$/, "ratio"],
];

const words: Readonly<Record<UnitSort, string>> = {
  none: "a number",
  time: "a duration",
  size: "a size",
  ratio: "a percentage",
};

const measures: Readonly<Record<UnitSort, string>> = {
  none: "has no unit; write a number alone",
  time: "is in seconds; write a duration, such as 800ms",
  size: "is in bytes; write a size, such as 10 MiB",
  ratio: "is a ratio; write a percentage, such as 5%",
};

/**
 * What is wrong with the unit of a threshold for this metric; undefined when nothing is. `isPattern`: the name is one
 * that only the observed program knows, so that a name without an ending may have any unit.
 */
export function describeThresholdFault(
  metric: string,
  threshold: Threshold,
  isPattern: boolean,
): string | undefined {
  const sort = endings.find(([ending]) => ending.test(metric))?.[1] ?? "none";
  if (threshold.unit === "none") {
    return describeMissing(metric, threshold);
  }
  const mayHaveAny = isPattern && sort === "none" && threshold.unit !== "ratio";
  return mayHaveAny || threshold.unit === sort
    ? undefined
    : `is ${words[threshold.unit]}, but ${quoteKey(metric)} ${measures[sort]}`;
}

/**
 * The same for a share or a factor, which has no unit but %; `judged`: "a share". Rates are refused where `isTop`; of the
 * others, the rule itself refuses them.
 */
export function describeShareFault(
  judged: string,
  { unit, perSecond }: Threshold,
  isTop: boolean,
): string | undefined {
  if (perSecond && isTop) {
    return `is a rate, but what is judged is ${judged}; write it without /s`;
  }
  return unit === "none" || unit === "ratio"
    ? undefined
    : `is ${words[unit]}, but what is judged is ${judged}; write a number or a percentage`;
}

/** Nothing is more than all of itself: 5 is meant as 5%. */
export function describePartFault(judged: string, { value, unit }: Threshold): string | undefined {
  if (value <= 1) {
    return undefined;
  }
  const advice = unit === "none" && value <= 100 ? `write ${value}%` : "write at most 100%";
  return `is more than all, which ${judged} never is; ${advice}`;
}

/** Only durations are mistaken so easily: 800 is meant as milliseconds and read as a quarter of an hour. */
function describeMissing(metric: string, { value, perSecond }: Threshold): string | undefined {
  if (value === 0 || perSecond || !metric.endsWith("_seconds")) {
    return undefined;
  }
  const advice = Number.isInteger(value) ? `${value}ms or ${value}s` : `${value}s`;
  return `${value} has no unit; write ${advice}`;
}
