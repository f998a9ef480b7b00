// What the flags of `watchpost report` ask for.

import { createZoneClock } from "../access-log/format/zone-clock.ts";
import { parseSourceFormat } from "../access-log/parse-source-format.ts";
import { fromPythonPattern } from "../access-log/scan/compile-pattern.ts";
import type { GroupSpec, ScanSpec } from "../access-log/scan/log-scanner.ts";
import { type Condition, parseWhere } from "../access-log/scan/where.ts";
import type { ScanRequest } from "../access-log/report/scan-request.ts";
import { UserError } from "../core/errors.ts";
import { parseDuration } from "../core/units.ts";
import { parseUserPattern } from "../core/user-pattern.ts";
import { parseInstant } from "./_parse-instant.ts";
import type { ReportSource } from "./_report-source.ts";
import { type Given, listFlag, textFlag } from "./command.ts";

export interface ReportWish {
  readonly paths: readonly string[];
  readonly request: ScanRequest;
  /** As parseSourceFormat takes it; undefined: to be told from the lines. */
  readonly format: string | undefined;
  readonly output: "text" | "json" | "csv";
  readonly htmlFile: string | undefined;
  readonly topMax: number;
  readonly quantiles: readonly number[];
  readonly hasFailures: boolean;
  /** IANA name: of times that are logged without a zone, and of those that are shown. */
  readonly timeZone: string;
}

const topMaxDefault = 10;
const topMaxLargest = 10_000;
const quantilesDefault = [0.5, 0.9, 0.99];
/** Of the windows of the series, until there are too many. */
const windowMs = 1000;

/** `source`: what the configuration says; flags go before it. Throws UserError. */
export function readReportFlags(
  given: Given,
  { source, now }: { readonly source: ReportSource | undefined; readonly now: number },
): ReportWish {
  const groupPatterns = listFlag(given, "group");
  const paths = given.args.length > 0 ? given.args : (source?.paths ?? []);
  if (paths.length === 0) {
    throw new UserError("USAGE", "name at least one file, or - for standard input");
  }
  const timeZone = readTimeZone(given) ?? source?.spec.timeZone ?? "UTC";
  const format = readFormat(given, source);
  const [since, until] = readRange(given, { now, timeZone });
  const where = bothOf(source?.spec.where, readWhere(given));
  const slowSeconds = readSlow(given) ?? source?.spec.slowSeconds;
  const topMax = readTopMax(given);
  const spec: ScanRequest["spec"] = {
    ...source?.spec,
    groups: readGroups(given, groupPatterns, source?.spec.groups),
    anonymise: given.flags["anonymise"] === true || source?.spec.anonymise === true,
    timeZone,
    windowMs,
    ...(where !== undefined && { where }),
    ...(slowSeconds !== undefined && { slowSeconds }),
  };
  return {
    paths,
    request: {
      spec,
      formatOptions: source?.formatOptions ?? {},
      isFormatGiven: format !== undefined,
      since,
      until,
    },
    format,
    output: readOutput(given),
    htmlFile: textFlag(given, "html"),
    topMax: topMax ?? topMaxDefault,
    quantiles: readQuantiles(given),
    hasFailures: given.flags["unparsed"] === true,
    timeZone,
  };
}

function readOutput({ flags }: Given): "text" | "json" | "csv" {
  if (flags["json"] === true && flags["csv"] === true) {
    throw new UserError("USAGE", "choose one of --json and --csv");
  }
  return flags["json"] === true ? "json" : flags["csv"] === true ? "csv" : "text";
}

export function readTimeZone(given: Given): string | undefined {
  const zone = textFlag(given, "timeZone");
  if (zone !== undefined && createZoneClock(zone) === undefined) {
    throw new UserError("USAGE", `--time-zone: there is no zone ${zone}; write Europe/Berlin`);
  }
  return zone;
}

export function readFormat(given: Given, source: ReportSource | undefined): string | undefined {
  const text = textFlag(given, "format");
  const chosen = text ?? source?.format;
  if (chosen === undefined || chosen === "auto") {
    return undefined;
  }
  const { problem } = parseSourceFormat(chosen, source?.formatOptions);
  if (problem !== undefined) {
    throw new UserError("USAGE", `--format: ${problem}`);
  }
  return chosen;
}

function readRange(
  given: Given,
  place: { readonly now: number; readonly timeZone: string },
): readonly [number | undefined, number | undefined] {
  const [since, until] = ["since", "until"].map((name) => {
    const text = textFlag(given, name);
    const instant = text === undefined ? undefined : parseInstant(text, place);
    if (text !== undefined && instant === undefined) {
      throw new UserError(
        "USAGE",
        `--${name}: ${text} is no instant; write 2026-10-10, 2026-10-10T13:55:36Z or 2h (ago)`,
      );
    }
    return instant;
  });
  if (since !== undefined && until !== undefined && since >= until) {
    throw new UserError("USAGE", "--until has to be later than --since");
  }
  return [since, until];
}

export function readWhere(given: Given): Condition | undefined {
  const text = textFlag(given, "where");
  if (text === undefined) {
    return undefined;
  }
  const { condition, problem, column } = { column: 0, ...parseWhere(text) };
  if (condition === undefined) {
    throw new UserError("USAGE", `--where, column ${column}: ${problem}`);
  }
  return condition;
}

export function bothOf(
  one: Condition | undefined,
  other: Condition | undefined,
): Condition | undefined {
  return one === undefined || other === undefined
    ? (one ?? other)
    : { kind: "and", all: [one, other] };
}

export function readSlow(given: Given): number | undefined {
  const text = textFlag(given, "slow");
  const ms = text === undefined ? undefined : parseDuration(text);
  if (text !== undefined && ms === undefined) {
    throw new UserError("USAGE", `--slow: ${text} is no duration; write 500ms or 2s`);
  }
  return ms === undefined ? undefined : ms / 1000;
}

function readTopMax(given: Given): number | undefined {
  const text = textFlag(given, "top");
  const max = text === undefined ? undefined : Number(text);
  if (max !== undefined && !(Number.isInteger(max) && max >= 1 && max <= topMaxLargest)) {
    throw new UserError("USAGE", `--top: write a whole number from 1 to ${topMaxLargest}`);
  }
  return max;
}

export function readQuantiles(given: Given): readonly number[] {
  const text = textFlag(given, "quantiles");
  if (text === undefined) {
    return quantilesDefault;
  }
  const shares = text.split(",").map((word) => toShare(word.trim()));
  const known = shares.filter((share) => share !== undefined);
  if (known.length < shares.length) {
    throw new UserError("USAGE", `--quantiles: ${text} is no list such as 0.5,0.95 or p50,p95`);
  }
  return [...new Set(known)].toSorted((a, b) => a - b);
}

/** 0.95 of `0.95`, `p95` and `95%`. */
function toShare(word: string): number | undefined {
  const [, isPercent, digits] = /^(p)?(\d+(?:\.\d+)?)%?$/.exec(word) ?? [];
  if (digits === undefined) {
    return undefined;
  }
  const number = Number(digits);
  const isHundredth = isPercent !== undefined || word.endsWith("%");
  const share = isHundredth ? Number((number / 100).toPrecision(12)) : number;
  return share > 0 && share < 1 ? share : undefined;
}

export function readGroups(
  given: Given,
  patterns: readonly string[],
  configured: GroupSpec | undefined,
): ScanSpec["groups"] {
  const by = textFlag(given, "groupBy");
  if (by !== undefined && by !== "path" && by !== "none") {
    throw new UserError("USAGE", "--group-by: write path or none, or give rules by --group");
  }
  if (patterns.length > 0) {
    if (by === "none") {
      throw new UserError("USAGE", "choose one of --group and --group-by none");
    }
    return { rules: patterns.map(toGroupRule), templates: by === "path" };
  }
  if (by !== undefined || configured === undefined) {
    return { rules: [], templates: by !== "none" };
  }
  return configured;
}

function toGroupRule(text: string): { readonly match: string; readonly group?: string } {
  const { problem } = parseUserPattern(fromPythonPattern(text));
  if (problem !== undefined) {
    throw new UserError("USAGE", `--group: ${text} ${problem}`);
  }
  // A pattern that names no part is its own name.
  return /\(\?P?<(?:group|method)>/.test(text) ? { match: text } : { match: text, group: text };
}
