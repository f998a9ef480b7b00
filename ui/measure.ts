// What a value of a metric looks like, by the unit in the metric's name.
import type { Incident } from "./api.ts";
import { formatBytes, formatNumber, formatRatio, formatSeconds } from "./format.ts";

export type Format = (value: number | null) => string;

/** "_seconds", "_bytes" and "_ratio" end a name, before "_total". */
export function formatOf(metric: string): Format {
  const [, unit] = /_(seconds|bytes|ratio)(?:_total)?$/.exec(metric) ?? [];
  switch (unit) {
    case "seconds":
      return formatSeconds;
    case "bytes":
      return formatBytes;
    case "ratio":
      return formatRatio;
    case undefined:
    default:
      return formatNumber;
  }
}

/** One of the incident's values: "79.9/s", "1.25 s", "down". */
export function formatMeasured(
  { metric, condition }: Pick<Incident, "metric" | "condition">,
  value: number,
): string {
  if (metric.endsWith("_up") && (value === 0 || value === 1)) {
    return value === 1 ? "up" : "down";
  }
  if (condition.endsWith("%")) {
    return formatRatio(value);
  }
  // A number alone is a factor, or of a metric that has no unit either.
  if (/ -?[\d.e+]+$/.test(condition)) {
    return formatNumber(value);
  }
  return `${formatOf(metric)(value)}${condition.endsWith("/s") ? "/s" : ""}`;
}
