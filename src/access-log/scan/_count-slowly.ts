// The obvious way to count a log: the reference parser, an entry at a time, into plain objects.

import assert from "node:assert/strict";
import type { Entry } from "../format/fields.ts";
import { boundFields, type LineFormat } from "../format/line-format.ts";
import { createSlowParser, type SlowParser } from "../format/parse-line-slowly.ts";
import { fromHeader } from "../format/w3c-format.ts";
import { anonymise } from "./anonymise.ts";
import { compileCondition } from "./_compile-condition.ts";
import { Grouping, skippedId, ungroupedId } from "./grouping.ts";
import { isBot } from "./is-bot.ts";
import { cutKey } from "./_cut-key.ts";
import {
  malformedTarget,
  noStatus,
  scanLimits,
  type ScanResult,
  type ScanSpec,
  topNames,
  type TopName,
} from "./log-scanner.ts";
import { createLineCounts } from "./scan-result.ts";

/** What is compared: of a scan, or of counting slowly. */
export interface Plain {
  readonly lines: ScanResult["lines"];
  from: number;
  to: number;
  readonly groups: Record<string, Record<string, number>>;
  readonly tops: Record<TopName, Record<string, number>>;
  readonly values: Record<string, number>;
  readonly failures: string[];
  readonly series: Record<string, number>;
}

export function countSlowly(spec: ScanSpec, bytes: Buffer): Plain {
  const parser = createSlowParser(spec.format);
  const isWanted = compileCondition(spec.where);
  const grouping = new Grouping(spec.groups, spec.limits?.groupsMax ?? scanLimits.groupsMax);
  const plain = createPlain();
  const { lines } = plain;
  for (let at = 0; at < bytes.length;) {
    const end = bytes.indexOf(10, at);
    const line = bytes.subarray(at, end);
    at = end + 1;
    lines.read++;
    if (line.length > (spec.limits?.lineBytesMax ?? 0)) {
      lines.tooLong++;
      continue;
    }
    const outcome = parser.parse(line);
    if (outcome.kind === "comment") {
      lines.comment++;
    } else if (outcome.kind === "unparsed") {
      lines.unparsed[outcome.reason]++;
      plain.failures.push(outcome.reason);
    } else if (!isWanted(outcome.entry)) {
      lines.filtered++;
    } else {
      const hasTarget = boundFields(formatOf(spec.format, parser)).has("target");
      const { entry } = outcome;
      const client =
        spec.anonymise === true && entry.client !== undefined
          ? { client: anonymise(entry.client) }
          : {};
      countEntry({ entry: { ...entry, ...client }, grouping, hasTarget }, plain);
    }
  }
  plain.failures.splice(0, plain.failures.length - scanLimits.failuresMax);
  return plain;
}

interface Counted {
  readonly entry: Entry;
  readonly grouping: Grouping;
  readonly hasTarget: boolean;
}

function countEntry({ entry, grouping, hasTarget }: Counted, plain: Plain): void {
  const { lines } = plain;
  const target = entry.target?.split("?")[0];
  const id = grouping.idOf(target);
  if (id === skippedId) {
    lines.skipped++;
    return;
  }
  lines[id === ungroupedId ? "ungrouped" : "parsed"]++;
  const time = entry.time ?? Number.NaN;
  if (!Number.isNaN(time)) {
    plain.from = Math.min(Number.isNaN(plain.from) ? time : plain.from, time);
    plain.to = Math.max(Number.isNaN(plain.to) ? time : plain.to, time);
  }
  const group = (plain.groups[grouping.nameOf(id)] ??= {});
  add(group, `status ${entry.status ?? noStatus}`, 1);
  add(group, "bytes", entry.bytes ?? 0);
  add(group, "slow", (entry.duration ?? 0) >= 0.2 ? 1 : 0);
  addDistribution(group, "duration", entry.duration);
  addDistribution(group, "upstream", entry.upstream_duration);
  if (hasTarget) {
    add(plain.tops.targets, cutKey(target ?? malformedTarget), 1);
  }
  addKey(plain.tops.clients, entry.client);
  addKey(plain.tops.users, entry.user);
  addKey(plain.tops.referrers, entry.referrer);
  addKey(plain.tops.hosts, entry.host);
  addKey(isBot(cutKey(entry.agent ?? "")) ? plain.tops.bots : plain.tops.agents, entry.agent);
  add(plain.values, "retries", entry.retries ?? 0);
  addKey(plain.values, entry.termination, "termination ");
  addKey(plain.values, entry.cache, "cache ");
  addKey(plain.values, entry.tls_version, "tls ");
  add(plain.values, `by_method ${JSON.stringify([entry.method?.slice(0, 120) ?? ""])}`, 1);
  addDistribution(plain.values, `sizes ["${entry.status ?? ""}"]`, entry.bytes);
  const pattern = /\/(\d+)/.exec(entry.target ?? "")?.[1];
  add(plain.values, "numbers", pattern === undefined ? 0 : 1);
  if (!Number.isNaN(time)) {
    add(plain.series, String(Math.floor(time / 1000) * 1000), 1);
  }
}

/** A W3C log says in its lines which fields it has. */
function formatOf(format: LineFormat, parser: SlowParser): LineFormat {
  const header = parser.header();
  const columns =
    format.layout === "header" && header !== undefined
      ? fromHeader(header, format.durationUnit)
      : undefined;
  return columns ?? format;
}

function createPlain(): Plain {
  return {
    lines: createLineCounts(),
    from: Number.NaN,
    to: Number.NaN,
    groups: {},
    tops: {
      targets: {},
      clients: {},
      users: {},
      referrers: {},
      agents: {},
      bots: {},
      hosts: {},
    },
    values: { retries: 0, numbers: 0 },
    failures: [],
    series: {},
  };
}

function add(to: Record<string, number>, key: string, value: number): void {
  to[key] = (to[key] ?? 0) + value;
}

function addKey(to: Record<string, number>, key: string | undefined, prefix = ""): void {
  if (key !== undefined) {
    add(to, `${prefix}${cutKey(key)}`, 1);
  }
}

/** Sums in whole microseconds: the distribution's is exact, that of additions is not. */
function addDistribution(
  to: Record<string, number>,
  name: string,
  value: number | undefined,
): void {
  if (value !== undefined) {
    add(to, `${name} count`, 1);
    to[`${name} max`] = Math.max(to[`${name} max`] ?? 0, value);
  }
}

export function toPlain(result: ScanResult): Plain {
  const plain = createPlain();
  for (const [name, group] of result.groups) {
    const to: Record<string, number> = { bytes: group.bytes, slow: group.slow };
    for (const [status, requests] of group.statuses) {
      to[`status ${status}`] = requests;
    }
    for (const [key, { count, max }] of [
      ["duration", group.durations],
      ["upstream", group.upstreamDurations],
    ] as const) {
      if (count > 0) {
        to[`${key} count`] = count;
        to[`${key} max`] = max;
      }
    }
    plain.groups[name] = to;
  }
  for (const name of topNames) {
    for (const { key, count, error } of result.tops[name].entries(10_000)) {
      assert.equal(error, 0);
      plain.tops[name][key] = count;
    }
  }
  plain.values["retries"] = result.retries;
  plain.values["numbers"] = result.patterns.get("numbers")?.total ?? 0;
  const counts = { termination: result.termination, cache: result.cache, tls: result.tlsVersions };
  for (const [name, map] of Object.entries(counts)) {
    for (const [key, count] of map) {
      plain.values[`${name} ${key}`] = count;
    }
  }
  for (const [labels, count] of result.metrics.get("by_method")?.rows ?? []) {
    plain.values[`by_method ${labels}`] = Number(count);
  }
  for (const [labels, value] of result.metrics.get("sizes")?.rows ?? []) {
    if (typeof value === "object" && "max" in value) {
      plain.values[`sizes ${labels} count`] = value.count;
      plain.values[`sizes ${labels} max`] = value.max;
    }
  }
  for (const [start, { requests }] of result.series?.windows ?? []) {
    plain.series[String(start)] = requests;
  }
  const { lines, failures } = result;
  const { from, to } = result;
  return { ...plain, from, to, lines, failures: failures.map(({ reason }) => reason) };
}
