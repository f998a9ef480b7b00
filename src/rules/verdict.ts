import type { MeasuredKind } from "./contribution.ts";
import type { Rule } from "./rule.ts";

/** What the window says about one instance. */
export interface Reading {
  readonly value: number;
  /** How many observations the value rests on. */
  readonly observations: number;
  /** The newest batch contributed to it. */
  readonly isFresh: boolean;
  /** Of a top: whose value it is. */
  readonly heaviest?: string;
}

/**
 * `fires`: the condition holds. `clears`: it does not, and a firing instance clears. `between`: it does not, but a
 * firing instance goes on. `unknown`: the data do not tell, and nothing changes.
 */
export type Verdict = "fires" | "clears" | "between" | "unknown";

/** Absent from a window, such a metric is zero: nothing was counted. The others are then simply not known. */
export function isZeroWhenAbsent(kind: MeasuredKind): boolean {
  return kind === "count" || kind === "distinct";
}

/**
 * `above: x` fires at ≥ x and clears below `clear`; `below: x` fires at ≤ x and clears above `clear`.
 *
 * `isWhole` is false when part of the window was not seen (the source is new, a batch was partial, the journal had a
 * gap). What was counted is then at least the truth: enough to say "above", not enough to say "no longer above" or "below".
 */
export function judge(rule: Rule, reading: Reading | undefined, isWhole: boolean): Verdict {
  if (reading === undefined || !reading.isFresh || reading.observations < rule.minimum) {
    return "unknown";
  }
  // Mirrored, so that one set of comparisons serves both sides.
  const sign = rule.side === "above" ? 1 : -1;
  const value = reading.value * sign;
  const mayBeMore = !isWhole;
  if (value >= rule.threshold * sign) {
    return mayBeMore && rule.side === "below" ? "unknown" : "fires";
  }
  if (mayBeMore && rule.side === "above") {
    return "unknown";
  }
  return value < rule.clear * sign ? "clears" : "between";
}
