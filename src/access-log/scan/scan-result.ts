// Results of scans: merging them, and their bytes, which travel between workers and into the resume
// position of a followed log.

import { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { Distinct } from "../../core/distinct.ts";
import { Distribution } from "../../core/distribution.ts";
import { Corrupt } from "../../core/errors.ts";
import { Top } from "../../core/top.ts";
import { failureReasons } from "../format/line-format.ts";
import { readMetrics, readPatterns, writeMetrics, writePatterns } from "./_metric-bytes.ts";
import { mergeMetrics, mergePatterns } from "./_merge-metrics.ts";
import { mergeSeries, readSeries, writeSeries } from "./_merge-series.ts";
import {
  type FailingLine,
  type GroupResult,
  type LineCounts,
  type ScanResult,
  topNames,
  type TopName,
} from "./log-scanner.ts";

const version = 1;
/** Of the failing lines of a merged result: as many as a scan keeps. */
const failuresMax = 20;

export function createLineCounts(): LineCounts {
  return {
    read: 0,
    parsed: 0,
    filtered: 0,
    skipped: 0,
    ungrouped: 0,
    comment: 0,
    tooLong: 0,
    unparsed: {
      empty_line: 0,
      wrong_layout: 0,
      bad_time: 0,
      bad_status: 0,
      bad_number: 0,
      bad_json: 0,
      no_header: 0,
    },
  };
}

/** What both saw; they stay as they are. The order matters for failing lines and ties alone. */
export function mergeScanResults(one: ScanResult, other: ScanResult): ScanResult {
  const clients = one.clients.clone();
  clients.merge(other.clients);
  return {
    lines: mergeLines(one.lines, other.lines),
    from: least(one.from, other.from),
    to: -least(-one.to, -other.to),
    groups: mergeGroups(one.groups, other.groups),
    tops: eachTop((name) => mergeTops(one.tops[name], other.tops[name])),
    clients,
    termination: mergeCounts(one.termination, other.termination),
    cache: mergeCounts(one.cache, other.cache),
    tlsVersions: mergeCounts(one.tlsVersions, other.tlsVersions),
    retries: one.retries + other.retries,
    patterns: mergePatterns(one.patterns, other.patterns),
    metrics: mergeMetrics(one.metrics, other.metrics),
    series: mergeSeries(one.series, other.series),
    failures: [...one.failures, ...other.failures].slice(-failuresMax),
  };
}

export function scanResultToBytes(result: ScanResult): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(16 * 1024);
  out.byte(version);
  for (const key of lineKeys) {
    out.varint(result.lines[key]);
  }
  for (const reason of failureReasons) {
    out.varint(result.lines.unparsed[reason]);
  }
  out.float64(result.from);
  out.float64(result.to);
  writeGroups(out, result.groups);
  for (const name of topNames) {
    out.bytes(result.tops[name].toBytes());
  }
  out.bytes(result.clients.toBytes());
  writeCounts(out, result.termination);
  writeCounts(out, result.cache);
  writeCounts(out, result.tlsVersions);
  out.float64(result.retries);
  writePatterns(out, result.patterns);
  writeMetrics(out, result.metrics);
  writeSeries(out, result.series);
  writeFailures(out, result.failures);
  return out.finish();
}

/** Throws Corrupt for anything that scanResultToBytes did not write. */
export function scanResultFromBytes(bytes: Uint8Array): ScanResult {
  const input = new ByteReader(bytes);
  const found = input.byte();
  if (found !== version) {
    throw new Corrupt(`a scan result of version ${found}`);
  }
  const result: ScanResult = {
    lines: readLines(input),
    from: input.float64(),
    to: input.float64(),
    groups: readGroups(input),
    tops: eachTop(() => Top.fromBytes(input.bytes())),
    clients: Distinct.fromBytes(input.bytes()),
    termination: readCounts(input),
    cache: readCounts(input),
    tlsVersions: readCounts(input),
    retries: input.float64(),
    patterns: readPatterns(input),
    metrics: readMetrics(input),
    series: readSeries(input),
    failures: readFailures(input),
  };
  if (input.left > 0) {
    throw new Corrupt(`a scan result with ${input.left} bytes after it`);
  }
  return result;
}

/** Asked in the order of topNames. */
function eachTop(create: (name: TopName) => Top): Record<TopName, Top> {
  return {
    targets: create("targets"),
    clients: create("clients"),
    users: create("users"),
    referrers: create("referrers"),
    agents: create("agents"),
    bots: create("bots"),
    hosts: create("hosts"),
  };
}

const lineKeys = [
  "read",
  "parsed",
  "filtered",
  "skipped",
  "ungrouped",
  "comment",
  "tooLong",
] as const;

/** NaN stands for nothing. */
function least(one: number, other: number): number {
  if (Number.isNaN(one)) {
    return other;
  }
  return Number.isNaN(other) ? one : Math.min(one, other);
}

function mergeLines(one: LineCounts, other: LineCounts): LineCounts {
  const merged = createLineCounts();
  for (const key of lineKeys) {
    merged[key] = one[key] + other[key];
  }
  for (const reason of failureReasons) {
    merged.unparsed[reason] = one.unparsed[reason] + other.unparsed[reason];
  }
  return merged;
}

function mergeTops(one: Top, other: Top): Top {
  const merged = one.clone();
  merged.merge(other);
  return merged;
}

function mergeCounts<Key>(
  one: ReadonlyMap<Key, number>,
  other: ReadonlyMap<Key, number>,
): Map<Key, number> {
  const merged = new Map(one);
  for (const [key, count] of other) {
    merged.set(key, (merged.get(key) ?? 0) + count);
  }
  return merged;
}

function mergeGroups(
  one: ReadonlyMap<string, GroupResult>,
  other: ReadonlyMap<string, GroupResult>,
): Map<string, GroupResult> {
  const merged = new Map(one);
  for (const [name, group] of other) {
    const known = merged.get(name);
    merged.set(name, known === undefined ? group : mergeGroup(known, group));
  }
  return merged;
}

function mergeGroup(one: GroupResult, other: GroupResult): GroupResult {
  const durations = one.durations.clone();
  durations.merge(other.durations);
  const upstreamDurations = one.upstreamDurations.clone();
  upstreamDurations.merge(other.upstreamDurations);
  return {
    statuses: mergeCounts(one.statuses, other.statuses),
    bytes: one.bytes + other.bytes,
    durations,
    upstreamDurations,
    slow: one.slow + other.slow,
  };
}

function readLines(input: ByteReader): LineCounts {
  const lines = createLineCounts();
  for (const key of lineKeys) {
    lines[key] = input.varint();
  }
  for (const reason of failureReasons) {
    lines.unparsed[reason] = input.varint();
  }
  return lines;
}

function writeGroups(out: ByteWriter, groups: ReadonlyMap<string, GroupResult>): void {
  out.varint(groups.size);
  for (const [name, { statuses, bytes, durations, upstreamDurations, slow }] of groups) {
    out.text(name);
    out.varint(statuses.size);
    for (const [status, requests] of statuses) {
      out.varint(status + 1);
      out.varint(requests);
    }
    out.float64(bytes);
    out.varint(slow);
    out.bytes(durations.toBytes());
    out.bytes(upstreamDurations.toBytes());
  }
}

function readGroups(input: ByteReader): Map<string, GroupResult> {
  const groups = new Map<string, GroupResult>();
  for (let rest = input.varint(); rest > 0; rest--) {
    const name = input.text();
    const statuses = new Map<number, number>();
    for (let left = input.varint(); left > 0; left--) {
      statuses.set(input.varint() - 1, input.varint());
    }
    const bytes = input.float64();
    const slow = input.varint();
    const durations = Distribution.fromBytes(input.bytes());
    const upstreamDurations = Distribution.fromBytes(input.bytes());
    groups.set(name, { statuses, bytes, durations, upstreamDurations, slow });
  }
  return groups;
}

function writeCounts(out: ByteWriter, counts: ReadonlyMap<string, number>): void {
  out.varint(counts.size);
  for (const [key, count] of counts) {
    out.text(key);
    out.varint(count);
  }
}

function readCounts(input: ByteReader): Map<string, number> {
  const counts = new Map<string, number>();
  for (let rest = input.varint(); rest > 0; rest--) {
    counts.set(input.text(), input.varint());
  }
  return counts;
}

function writeFailures(out: ByteWriter, failures: readonly FailingLine[]): void {
  out.varint(failures.length);
  for (const { reason, text } of failures) {
    out.varint(failureReasons.indexOf(reason));
    out.text(text);
  }
}

function readFailures(input: ByteReader): FailingLine[] {
  const failures: FailingLine[] = [];
  for (let rest = input.varint(); rest > 0; rest--) {
    const reason = failureReasons[input.varint()];
    if (reason === undefined) {
      throw new Corrupt("a failing line without a reason");
    }
    failures.push({ reason, text: input.text() });
  }
  return failures;
}
