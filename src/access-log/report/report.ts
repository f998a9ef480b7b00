// What a report says: plain JSON, from which every form of it is made.

import { topNames, type TopName } from "../scan/log-scanner.ts";
import type { FailureReason } from "../format/line-format.ts";
import type { FileProblemCode } from "./scan-request.ts";

/** `report --json` prints one of these. Instants are ISO 8601, durations seconds. */
export interface Report {
  /** All but `read` add up to `read`. */
  readonly lines: ReportedLines;
  /** Why lines are unparsed; they add up to `lines.unparsed`. */
  readonly unparsed: Readonly<Partial<Record<FailureReason, number>>>;
  /** The first and last request; null when there is none. */
  readonly from: string | null;
  readonly to: string | null;
  readonly requests: number;
  readonly bytes: number;
  /** Requests by status; `none` are those without one. */
  readonly status: Readonly<Record<string, number>>;
  readonly duration: ReportedDurations;
  readonly upstreamDuration: ReportedDurations;
  /** Null when nobody said what is slow. */
  readonly slow: { readonly threshold: number; readonly requests: number } | null;
  /** Different clients; exact up to 1024, then within about 1 %. */
  readonly clients: number;
  /** By requests, the most first. */
  readonly groups: readonly ReportedGroup[];
  readonly top: Readonly<Record<TopName, readonly ReportedKey[]>>;
  /** HAProxy's termination states, cache states, versions of TLS, where they are logged. */
  readonly termination: Readonly<Record<string, number>>;
  readonly cache: Readonly<Record<string, number>>;
  readonly tlsVersions: Readonly<Record<string, number>>;
  readonly retries: number;
  /** The course of the requests; null when none has a time. */
  readonly series: ReportedSeries | null;
  readonly files: readonly ReportedFile[];
  /** The last lines that could not be read, oldest first; only when they are asked for. */
  readonly failures?: readonly ReportedFailure[];
}

export interface ReportedLines {
  readonly read: number;
  readonly parsed: number;
  readonly filtered: number;
  readonly skipped: number;
  readonly ungrouped: number;
  readonly comment: number;
  readonly unparsed: number;
  readonly tooLong: number;
}

/** In seconds, of the requests that have one; all null when `count` is 0. */
export interface ReportedDurations {
  readonly count: number;
  readonly sum: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly max: number | null;
  /** Others that were asked for: `p99.9`. */
  readonly [quantile: `p${number}`]: number | null;
}

export interface ReportedGroup {
  readonly group: string;
  readonly requests: number;
  readonly status: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly duration: ReportedDurations;
  readonly upstreamDuration: ReportedDurations;
  readonly slow: number;
}

/** The true count lies in [count - error, count]. */
export interface ReportedKey {
  readonly key: string;
  readonly count: number;
  readonly error: number;
}

export interface ReportedSeries {
  readonly windowSeconds: number;
  /** In the order of time; windows without requests are absent. */
  readonly windows: readonly ReportedWindow[];
}

export interface ReportedWindow {
  readonly at: string;
  readonly requests: number;
  readonly bytes: number;
  /** Requests by class of status: `2xx`, and `none`. */
  readonly status: Readonly<Record<string, number>>;
  readonly p50: number | null;
  readonly p99: number | null;
}

export interface ReportedFile {
  readonly file: string;
  /** As it is on the disk; null for pipes. */
  readonly sizeBytes: number | null;
  readonly format: string | null;
  readonly lines: number;
  readonly unparsed: number;
  readonly problem: { readonly code: FileProblemCode; readonly message: string } | null;
}

export interface ReportedFailure {
  readonly file: string;
  readonly reason: FailureReason;
  readonly text: string;
}

/** In the order in which people want to see them. */
export const topTitles: Readonly<Record<TopName, string>> = {
  targets: "Paths",
  clients: "Clients",
  users: "Users",
  hosts: "Hosts",
  referrers: "Referrers",
  agents: "Agents",
  bots: "Bots and tools",
};

/** In the order of topTitles. */
export const shownTops: readonly TopName[] = topNames.toSorted(
  (a, b) => Object.keys(topTitles).indexOf(a) - Object.keys(topTitles).indexOf(b),
);

/** `p99.9` of 0.999. */
export function toQuantileName(share: number): `p${number}` {
  return `p${Number((share * 100).toPrecision(12))}`;
}
