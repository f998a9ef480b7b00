import { Distinct } from "../../core/distinct.ts";
import { Distribution } from "../../core/distribution.ts";
import { Top } from "../../core/top.ts";
import type { MetricResult, PatternResult } from "./log-scanner.ts";

export function mergePatterns(
  one: ReadonlyMap<string, PatternResult>,
  other: ReadonlyMap<string, PatternResult>,
): Map<string, PatternResult> {
  const merged = new Map(one);
  for (const [name, theirs] of other) {
    const mine = merged.get(name);
    const distinct = theirs.distinct.clone();
    if (mine !== undefined) {
      distinct.merge(mine.distinct);
    }
    merged.set(name, { total: theirs.total + (mine?.total ?? 0), distinct });
  }
  return merged;
}

export function mergeMetrics(
  one: ReadonlyMap<string, MetricResult>,
  other: ReadonlyMap<string, MetricResult>,
): Map<string, MetricResult> {
  const merged = new Map(one);
  for (const [name, theirs] of other) {
    const rows = new Map(merged.get(name)?.rows);
    for (const [labels, value] of theirs.rows) {
      const mine = rows.get(labels);
      rows.set(labels, mine === undefined ? value : mergeValues(mine, value));
    }
    merged.set(name, { kind: theirs.kind, rows });
  }
  return merged;
}

type Value = number | Distribution | Distinct | Top;

/** Two of a kind: results of one specification are merged. */
function mergeValues(one: Value, other: Value): Value {
  if (typeof one === "number" && typeof other === "number") {
    return one + other;
  }
  if (one instanceof Distribution && other instanceof Distribution) {
    const merged = one.clone();
    merged.merge(other);
    return merged;
  }
  if (one instanceof Distinct && other instanceof Distinct) {
    const merged = one.clone();
    merged.merge(other);
    return merged;
  }
  if (one instanceof Top && other instanceof Top) {
    const merged = one.clone();
    merged.merge(other);
    return merged;
  }
  throw new RangeError("results of different metrics cannot be merged");
}
