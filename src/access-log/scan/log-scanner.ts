// What a scan of access logs is asked for and what it gives: bytes in, aggregates out. The work is
// in create-log-scanner.ts; results are merged and written in scan-result.ts.

import type { Distinct } from "../../core/distinct.ts";
import { type Distribution, valuesMaxDefault } from "../../core/distribution.ts";
import type { Top } from "../../core/top.ts";
import type { FieldName } from "../format/fields.ts";
import type { FailureReason, LineFormat, LogHeader } from "../format/line-format.ts";
import type { Condition } from "./where.ts";

/** Everything that a scan needs to know. Plain data: structuredClone takes it to a worker. */
export interface ScanSpec {
  readonly format: LineFormat;
  /** Lines that are none of `format` may be of this one. Both positional. */
  readonly fallback?: LineFormat;
  readonly groups: GroupSpec;
  /** Lines for which it does not hold are `filtered`. Of parseWhere. */
  readonly where?: Condition;
  /** Requests that take as long or longer are slow; undefined when none is. */
  readonly slowSeconds?: number;
  /** Clients become their network: the last byte of IPv4, the last 80 bits of IPv6 are zeroed. */
  readonly anonymise?: boolean;
  /** IANA name of the zone of times that are written without one; default UTC. */
  readonly timeZone?: string;
  /**
   * Lines are placed by when their request ended (see format/event-time.ts), not by the time that
   * they say. For windows that have to close.
   */
  readonly placesByEnd?: boolean;
  /** Length of the windows of `series`; undefined: none are kept. */
  readonly windowMs?: number;
  /** Texts that occur in targets, such as user ids: how often, and how many different. */
  readonly patterns?: readonly PatternSpec[];
  /** Metrics of the user's own. */
  readonly metrics?: readonly MetricSpec[];
  readonly limits?: Partial<ScanLimits>;
}

/** Which name a request is counted under. All patterns are those of core/user-pattern.ts. */
export interface GroupSpec {
  /** In order; the first that matches and gives a name wins. */
  readonly rules: readonly GroupRuleSpec[];
  /** Asked in order for requests that a rule has named: the first that matches renames them. */
  readonly renames?: readonly RenameSpec[];
  /** Requests that no rule names, and one of these matches, are `skipped`: in no total. */
  readonly skip?: readonly string[];
  /** Every match is deleted from names. */
  readonly deleted?: string;
  /**
   * Requests that no rule names are counted under a template of their path: `/users/123` under
   * `/users/{id}`. False: under `(ungrouped)`.
   */
  readonly templates?: boolean;
}

export interface GroupRuleSpec {
  /** Searched in the target without its query; may name two parts, `group` and `method`. */
  readonly match: string;
  /** Used instead of the part `group`. */
  readonly group?: string;
}

export interface RenameSpec {
  readonly match: string;
  /** Both empty: the rule is passed over. */
  readonly group: string;
  readonly method?: string;
}

/** `pattern`: the group of that name, else the whole match, is the text that counts. */
export interface PatternSpec {
  readonly name: string;
  /** The first that matches counts, once a line. */
  readonly patterns: readonly string[];
}

export interface MetricSpec {
  readonly name: string;
  readonly kind: "count" | "distribution" | "distinct" | "top";
  /**
   * What is measured. Of a count: the number that is added up, or lines that have the field when
   * it is no number; undefined: lines. All others need one; of a distribution it is a number.
   */
  readonly field?: FieldName;
  readonly where?: Condition;
  /** Fields whose values become labels; a missing one is `""`. */
  readonly labels?: readonly FieldName[];
}

/** What bounds the memory of a scanner, whatever the log holds. */
export interface ScanLimits {
  /** Longer lines are `tooLong` and not looked at. */
  readonly lineBytesMax: number;
  /** Different names of groups; later ones are `(other)`. */
  readonly groupsMax: number;
  /** Different keys that each top tells apart while it scans; as long as they suffice, it is exact. */
  readonly keysMax: number;
  /** Keys in each top of a result. */
  readonly topEntriesMax: number;
  /** Windows of `series`; one more, and all become twice as long. */
  readonly windowsMax: number;
  /** Different termination states, cache states and versions of TLS each; later ones are `(other)`. */
  readonly statesMax: number;
  /** Label combinations of a metric of one's own; later ones are `(other)`. */
  readonly labelSetsMax: number;
  /** Different durations of a group that are kept as they are; with more, they go into buckets. */
  readonly durationValuesMax: number;
  /** Failing lines that are kept, the last ones. */
  readonly failuresMax: number;
  /** Each is cut to so many bytes. */
  readonly failureBytesMax: number;
}

export const scanLimits: ScanLimits = {
  lineBytesMax: 64 * 1024,
  groupsMax: 200,
  keysMax: 32_768,
  topEntriesMax: 500,
  windowsMax: 2000,
  statesMax: 200,
  labelSetsMax: 200,
  durationValuesMax: valuesMaxDefault,
  failuresMax: 20,
  failureBytesMax: 1024,
};

/** Requests that no rule names, and those whose request line has no target. */
export const ungrouped = "(ungrouped)";
/** Whatever would be one too many. */
export const otherName = "(other)";
/** In `targets`: requests whose request line has no target. */
export const malformedTarget = "(malformed)";
/** The status of requests that have none. */
export const noStatus = -1;

/**
 * Reads lines and keeps aggregates. Knows no files, no clock and no network; one worker owns it.
 * Lines of one file go in in their order; a scanner may be given several files, or a part of one.
 */
export interface LogScanner {
  /**
   * Counts the whole lines in bytes[start, end) and returns the index behind the last of them,
   * where the next call has to go on. The bytes are not kept. Never throws for what they hold.
   */
  scan(bytes: Uint8Array, start: number, end: number): number;
  /**
   * Counts a last line that has no line end: what the last `scan` left over at the end of a file.
   * Nothing happens when it is empty. A file then may follow.
   */
  scanRest(bytes: Uint8Array, start: number, end: number): void;
  /** A line whose beginning was thrown away because it is longer than `lineBytesMax`. */
  addTooLong(): void;
  /** What the directives of a W3C log have said so far; undefined for other formats. */
  readonly header: LogHeader | undefined;
  /** Everything so far. The scanner may go on. */
  result(): ScanResult;
}

/** How many lines became what: all but `read` add up to `read`. */
export interface LineCounts {
  read: number;
  /** Counted, and named by a rule or template where there are any. */
  parsed: number;
  /** The condition `where` does not hold. */
  filtered: number;
  /** By a skip rule. */
  skipped: number;
  /** Counted as well, under `(ungrouped)`; only where there are rules. */
  ungrouped: number;
  /** Directives of a W3C log. */
  comment: number;
  tooLong: number;
  readonly unparsed: Record<FailureReason, number>;
}

/** What a scan saw. Mergeable in any order; scan-result.ts merges it and makes bytes of it. */
export interface ScanResult {
  readonly lines: LineCounts;
  /** The first and last instant of the counted requests, in ms since the epoch; NaN when none. */
  readonly from: number;
  readonly to: number;
  /**
   * By name, in the order they were first seen, then `(ungrouped)` and `(other)`. Every counted
   * request is in exactly one.
   */
  readonly groups: ReadonlyMap<string, GroupResult>;
  readonly tops: Readonly<Record<TopName, Top>>;
  readonly clients: Distinct;
  /** HAProxy's termination states, cache states, versions of TLS: requests by value. */
  readonly termination: ReadonlyMap<string, number>;
  readonly cache: ReadonlyMap<string, number>;
  readonly tlsVersions: ReadonlyMap<string, number>;
  /** Connection attempts that HAProxy repeated, over all requests. */
  readonly retries: number;
  readonly patterns: ReadonlyMap<string, PatternResult>;
  readonly metrics: ReadonlyMap<string, MetricResult>;
  readonly series: Series | undefined;
  /** The last lines that are none of this format, oldest first. */
  readonly failures: readonly FailingLine[];
}

export interface GroupResult {
  /** By status, or `noStatus`. They add up to the requests. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly bytes: number;
  /** In seconds, of the requests that have one. */
  readonly durations: Distribution;
  readonly upstreamDurations: Distribution;
  readonly slow: number;
}

/**
 * Requests by key. `targets` are without their query; `bots` are the agents that say they are one,
 * `agents` the others.
 */
export const topNames = [
  "targets",
  "clients",
  "users",
  "referrers",
  "agents",
  "bots",
  "hosts",
] as const;
export type TopName = (typeof topNames)[number];

export interface PatternResult {
  readonly total: number;
  readonly distinct: Distinct;
}

export interface MetricResult {
  readonly kind: MetricSpec["kind"];
  /** By the JSON array of the label values; `(other)` is the row of those beyond the limit. */
  readonly rows: ReadonlyMap<string, number | Distribution | Distinct | Top>;
}

/** The course of the requests over time, all groups together. */
export interface Series {
  /** The spec's, doubled as often as it took to keep within `windowsMax`. */
  readonly windowMs: number;
  /** By start, in ms since the epoch, a multiple of `windowMs`; those without requests are absent. */
  readonly windows: ReadonlyMap<number, SeriesWindow>;
}

export interface SeriesWindow {
  readonly requests: number;
  /** By the first digit of the status; 0 holds those without one. */
  readonly classes: readonly number[];
  readonly bytes: number;
  readonly durations: Distribution;
}

export interface FailingLine {
  readonly reason: FailureReason;
  /** As UTF-8, with U+FFFD for what is none; without its line end. */
  readonly text: string;
}

/** How many requests were counted. */
export function requestsOf({ lines }: ScanResult): number {
  return lines.parsed + lines.ungrouped;
}
