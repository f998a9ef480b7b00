// The last resort: a regular expression of the user's, whose named groups are fields.

import { parseUserPattern } from "../../core/user-pattern.ts";
import { isModelName, isNumberName, isTextName, toExtraName } from "./fields.ts";
import type { FormatResult } from "./format-result.ts";
import { unitDivisors } from "./format-result.ts";
import { remarksOn } from "./assemble-layout.ts";
import { type GroupBinding, type PatternFormat, boundFields } from "./line-format.ts";
import { anyTime } from "./time-layout.ts";

/**
 * Parses an expression. A group is named as a field is (`client`, `status`, `upstream_duration`);
 * `request` is a whole request line; durations may say their unit: `duration_ms`, `_us`, `_ns`.
 * Other names are variables. Not anchored. `(?P<name>…)` is taken for `(?<name>…)`.
 */
export function parsePatternFormat(text: string): FormatResult {
  const { pattern, problem } = parseUserPattern(text.replaceAll("(?P<", "(?<"));
  if (pattern === undefined) {
    return { problem: `the expression ${problem}` };
  }
  const names = [...text.matchAll(/\(\?P?<([A-Za-z_$][\w$]*)>/g)].map(([, name = ""]) => name);
  if (names.length === 0) {
    return { problem: "the expression has no named groups, such as (?<status>\\d+)" };
  }
  const format: PatternFormat = {
    layout: "pattern",
    pattern,
    groups: names.map(toBinding),
    timeIs: "end",
  };
  return { format, remarks: remarksOn(boundFields(format)) };
}

function toBinding(group: string): GroupBinding {
  if (group === "time") {
    return { group, value: { type: "time", layouts: anyTime } };
  }
  if (group === "request" || group === "status") {
    return { group, value: { type: group } };
  }
  if (group === "target") {
    return { group, value: { type: "target", hasAppendedQuery: false } };
  }
  const [, base = group, unit = "s"] = /^(.+)_(us|ms|ns|s)$/.exec(group) ?? [];
  if (isModelName(base) && isNumberName(base)) {
    const divisor = divisorOf(unit);
    return { group, value: { type: "number", field: base, divisor, mayHaveUnit: true } };
  }
  return isModelName(group) && isTextName(group)
    ? { group, value: { type: "text", field: group } }
    : { group, value: { type: "text", field: toExtraName("variable", group) } };
}

function divisorOf(unit: string): number {
  return unit === "us" || unit === "ms" || unit === "ns" ? unitDivisors[unit] : 1;
}
