import { createLocalTime } from "../../core/local-time.ts";
import { parseUserPattern } from "../../core/user-pattern.ts";
import type { ElfstatsStyle } from "./elfstats-text.ts";
import type { ElfstatsNaming } from "./elfstats-window.ts";

/** What the options of the output elfstats-report say about a report, wherever it is written. */
export interface ElfstatsOptions {
  /** Milliseconds. */
  readonly stalled: number;
  readonly percentiles: readonly number[];
  readonly codes: readonly number[];
  readonly deleted: string;
  readonly durations: "whole" | "seconds";
  readonly filtered: "left_out" | "error";
  readonly zeros: "U" | "0";
  readonly version: string;
  readonly timezone: string;
}

export function toElfstatsNaming({
  durations: unit,
  deleted,
  filtered,
}: ElfstatsOptions): ElfstatsNaming {
  const errors = new Set(["unparsed", "too_long", ...(filtered === "error" ? ["filtered"] : [])]);
  const { pattern } = parseUserPattern(deleted);
  if (deleted === "" || pattern === undefined) {
    return { unit, errors, deleted: undefined };
  }
  // oxlint-disable-next-line no-invalid-regexp -- `l` is V8's flag for the linear-time engine
  return { unit, errors, deleted: new RegExp(pattern.source, "gl") };
}

export function toElfstatsStyle(given: ElfstatsOptions): ElfstatsStyle {
  const { stalled, percentiles, codes, zeros, version, timezone } = given;
  return {
    stalledMs: stalled,
    percentiles: [...new Set(percentiles)].toSorted((a, b) => a - b),
    codes,
    zero: zeros,
    version,
    toLocalTime: createLocalTime(timezone),
  };
}
