import { Distribution } from "../../core/distribution.ts";
import type { Top } from "../../core/top.ts";
import {
  type GroupResult,
  type LineCounts,
  noStatus,
  requestsOf,
  type ScanResult,
  type Series,
  type SeriesWindow,
  type TopName,
} from "../scan/log-scanner.ts";
import type { FailureReason } from "../format/line-format.ts";
import {
  type Report,
  type ReportedDurations,
  type ReportedFile,
  type ReportedGroup,
  type ReportedKey,
  type ReportedLines,
  type ReportedSeries,
  type ReportedWindow,
  toQuantileName,
} from "./report.ts";
import type { ScannedFile, ScannedLogs } from "./scan-logs.ts";

export interface ReportOptions {
  /** Keys in each top. */
  readonly topMax: number;
  /** Shares from 0 to 1, besides those that are always there. */
  readonly quantiles: readonly number[];
  /** What was scanned for. */
  readonly slowSeconds: number | undefined;
  readonly hasFailures: boolean;
}

const standardQuantiles = [0.5, 0.9, 0.99];

/** Equal counts are in the order of their names, so that the same logs give the same report. */
export function toReport(
  { result, files, failures }: ScannedLogs,
  { topMax, quantiles, slowSeconds, hasFailures }: ReportOptions,
): Report {
  const groups = [...result.groups.values()];
  const slow = groups.reduce((sum, group) => sum + group.slow, 0);
  return {
    lines: toLines(result.lines),
    unparsed: toReasons(result.lines),
    from: toInstantText(result.from),
    to: toInstantText(result.to),
    requests: requestsOf(result),
    bytes: groups.reduce((sum, { bytes }) => sum + bytes, 0),
    status: toStatuses(groups),
    duration: toDurations(merged(groups.map(({ durations }) => durations)), quantiles),
    upstreamDuration: toDurations(
      merged(groups.map(({ upstreamDurations }) => upstreamDurations)),
      quantiles,
    ),
    slow: slowSeconds === undefined ? null : { threshold: slowSeconds, requests: slow },
    clients: result.clients.count,
    groups: toGroups(result, quantiles),
    top: toTops(result, topMax),
    termination: byCount(result.termination),
    cache: byCount(result.cache),
    tlsVersions: byCount(result.tlsVersions),
    retries: result.retries,
    series: toSeries(result.series),
    files: files.map(toFile),
    ...(hasFailures && {
      failures: failures.map(({ path, reason, text }) => ({ file: path, reason, text })),
    }),
  };
}

function toLines({ unparsed, ...counts }: LineCounts): ReportedLines {
  return { ...counts, unparsed: sumOf(Object.values(unparsed)) };
}

function toReasons({ unparsed }: LineCounts): Partial<Record<FailureReason, number>> {
  return Object.fromEntries(
    Object.entries(unparsed)
      .filter(([, lines]) => lines > 0)
      .toSorted(([, a], [, b]) => b - a),
  );
}

function toInstantText(ms: number): string | null {
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

function toStatuses(groups: readonly GroupResult[]): Record<string, number> {
  const sums = new Map<number, number>();
  for (const { statuses } of groups) {
    for (const [status, requests] of statuses) {
      sums.set(status, (sums.get(status) ?? 0) + requests);
    }
  }
  const sorted = [...sums].toSorted(([a], [b]) => a - b);
  return Object.fromEntries(
    sorted.map(([status, requests]) => [status === noStatus ? "none" : String(status), requests]),
  );
}

function merged(distributions: readonly Distribution[]): Distribution {
  const sum = new Distribution();
  for (const distribution of distributions) {
    sum.merge(distribution);
  }
  return sum;
}

function toDurations(distribution: Distribution, quantiles: readonly number[]): ReportedDurations {
  const { count, sum, max } = distribution;
  const at = (share: number): number | null =>
    count === 0 ? null : toSeconds(distribution.quantile(share));
  const [p50, p90, p99] = [at(0.5), at(0.9), at(0.99)];
  const more = quantiles
    .filter((share) => !standardQuantiles.includes(share))
    .map((share) => [toQuantileName(share), at(share)]);
  return {
    count,
    sum: toSeconds(sum),
    p50,
    p90,
    p99,
    ...Object.fromEntries(more),
    max: count === 0 ? null : toSeconds(max),
  };
}

/** Without the dust of binary fractions. */
function toSeconds(value: number): number {
  return Number(value.toPrecision(9));
}

function toGroups({ groups }: ScanResult, quantiles: readonly number[]): readonly ReportedGroup[] {
  return [...groups]
    .map(([group, found]) => ({
      group,
      requests: sumOf(found.statuses.values()),
      status: toStatuses([found]),
      bytes: found.bytes,
      duration: toDurations(found.durations, quantiles),
      upstreamDuration: toDurations(found.upstreamDurations, quantiles),
      slow: found.slow,
    }))
    .toSorted((a, b) => b.requests - a.requests || compareTexts(a.group, b.group));
}

function toTops({ tops }: ScanResult, max: number): Record<TopName, readonly ReportedKey[]> {
  return {
    targets: toKeys(tops.targets, max),
    clients: toKeys(tops.clients, max),
    users: toKeys(tops.users, max),
    referrers: toKeys(tops.referrers, max),
    agents: toKeys(tops.agents, max),
    bots: toKeys(tops.bots, max),
    hosts: toKeys(tops.hosts, max),
  };
}

function toKeys(top: Top, max: number): readonly ReportedKey[] {
  return top
    .entries(Infinity)
    .toSorted((a, b) => b.count - a.count || compareTexts(a.key, b.key))
    .slice(0, max);
}

function byCount(counts: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries(
    [...counts].toSorted(([a, one], [b, other]) => other - one || compareTexts(a, b)),
  );
}

function toSeries(series: Series | undefined): ReportedSeries | null {
  return series === undefined || series.windows.size === 0
    ? null
    : {
        windowSeconds: series.windowMs / 1000,
        windows: [...series.windows].toSorted(([a], [b]) => a - b).map(toWindow),
      };
}

function toWindow([at, { requests, bytes, classes, durations }]: readonly [
  number,
  SeriesWindow,
]): ReportedWindow {
  const status = classes.flatMap((count, place) =>
    count === 0 ? [] : [[place === 0 ? "none" : `${place}xx`, count] as const],
  );
  const at50 = durations.count === 0 ? null : toSeconds(durations.quantile(0.5));
  const at99 = durations.count === 0 ? null : toSeconds(durations.quantile(0.99));
  return {
    at: new Date(at).toISOString(),
    requests,
    bytes,
    status: Object.fromEntries(status),
    p50: at50,
    p99: at99,
  };
}

function toFile({ path, sizeBytes, format, lines, problem }: ScannedFile): ReportedFile {
  return {
    file: path,
    sizeBytes: sizeBytes ?? null,
    format: format ?? null,
    lines: lines.read,
    unparsed: sumOf(Object.values(lines.unparsed)) + lines.tooLong,
    problem: problem ?? null,
  };
}

function sumOf(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) {
    sum += number;
  }
  return sum;
}

/** By code units: the same on every machine. */
function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
