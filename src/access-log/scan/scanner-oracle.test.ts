// The compiled scanner against the reference parser and the most obvious counting, over generated
// and mutated lines. SCAN_LINES and SCAN_SEED make it as long, and as different, as one likes:
// the default is a quick run for every day.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { suite, test } from "node:test";
import type { Entry } from "../format/fields.ts";
import { boundFields, type LineFormat } from "../format/line-format.ts";
import { createSlowParser, type SlowParser } from "../format/parse-line-slowly.ts";
import { parseFormat } from "../format/parse-format.ts";
import { fromHeader } from "../format/w3c-format.ts";
import { createLogScanner } from "./create-log-scanner.ts";
import { Grouping, skippedId, ungroupedId } from "./grouping.ts";
import { isBot } from "./is-bot.ts";
import { cutKey } from "./_key-table.ts";
import {
  type GroupSpec,
  malformedTarget,
  noStatus,
  scanLimits,
  type ScanResult,
  type ScanSpec,
  topNames,
  type TopName,
} from "./log-scanner.ts";
import { compileCondition } from "./_compile-condition.ts";
import { createLineCounts, scanResultFromBytes, scanResultToBytes } from "./scan-result.ts";
import { parseWhere } from "./where.ts";

const timed =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ' +
  '"$http_referer" "$http_user_agent" $request_time';
const timedLines = [
  '192.0.2.7 - ann [10/Oct/2026:13:55:36 +0000] "GET /api/cart/add?id=7 HTTP/1.1" 200 512 "https://shop.example/" "Mozilla/5.0 (X11; Linux x86_64)" 0.250',
  '2001:db8::9 - - [10/Oct/2026:13:55:36 +0000] "POST /users/123 HTTP/2.0" 500 0 "-" "curl/8.14.1" 1.5',
  '192.0.2.8 - - [10/Oct/2026:13:55:38 +0200] "-" 408 0 "-" "-" 0.000',
  '192.0.2.9 - Ann [the boss] [10/Oct/2026:13:55:38 +0200] "GET /skip/me HTTP/1.1" 304 - "http://a/\\x22b" "Googlebot/2.1 \\"x\\" \\\\" -',
  '192.0.2.9 - - [10/Oct/2026:13:56:00 +0000] "\\x16\\x03\\x01" 400 157 "-" "-" 12',
];

/** A format as users write it, and where lines of it are. */
const logs: readonly (readonly [format: string, lines: string | readonly string[]])[] = [
  ["combined", "nginx-combined"],
  [timed, timedLines],
  ["common", "apache-common"],
  ["apache: combined", "apache-combined"],
  ["vhost_combined", "apache-vhost-combined"],
  ["varnish", "varnish-default"],
  ["haproxy-http", "haproxy-http"],
  ["haproxy-http", "haproxy-http-rfc3164"],
  ["haproxy-http", "haproxy-http-rfc5424"],
  ["haproxy-https", "haproxy-https"],
  ["haproxy-clf", "haproxy-clf"],
  ["haproxy-tcp", "haproxy-tcp"],
  ["tomcat", "tomcat-default"],
  ["w3c", "tomcat-ext"],
  ["json", "nginx-json"],
  ["json", "tomcat-json"],
  [
    'nginx: $time_iso8601 $request_method $uri$is_args$args $status "$upstream_addr" ' +
      "$upstream_response_time $upstream_status $request_time $msec",
    [
      '2026-11-20T17:03:00+00:00 GET /a?b=c 200 "127.0.0.1:80, 127.0.0.1:81" 0.001, 0.002 502, 200 0.003 1795194180.498',
      '2026-11-20T17:03:00+00:00 GET /users/17 200 "127.0.0.1:80 : unix:/tmp/s" 0.001 : - 200 0.003 1795194180.499',
      '2026-11-20T17:03:01+00:00 GET /index.html 404 "-" - - 0.000 1795194181.000',
    ],
  ],
  [
    "nginx: $host:$server_port $remote_addr $msec $request_method $request_uri $status $ssl_protocol $upstream_cache_status",
    [
      "shop.example:443 10.0.0.1 1795194180.498 GET /x?y 200 TLSv1.3 HIT",
      "shop.example:443 10.0.0.2 1795194180.499 GET /x 200 TLSv1.2 MISS",
      "shop.example:80 ::1 1795194180.499 GET http://other.example/abs 404 - -",
    ],
  ],
];

const groups: GroupSpec = {
  rules: [
    { match: "^/api/(?P<group>\\w+)/(?<method>\\w+)" },
    { match: "\\.(?:css|js|html)$", group: "static" },
  ],
  renames: [{ match: "^/api/old", group: "old" }],
  skip: ["^/skip", "^/deny"],
  deleted: "[.]",
  templates: true,
};
const conditions = [
  undefined,
  'status >= 400 or agent ~ "mozilla"',
  "not (bytes > 200 and client = 127.0.0.1) and method != HEAD",
  "duration < 100ms or not duration or host ~ shop or target ~ index or user",
];

const seed = Number(process.env["SCAN_SEED"] ?? 1);
const linesMax = Number(process.env["SCAN_LINES"] ?? 600);

suite("scanning is what reading slowly and counting obviously is", () => {
  for (const [index, [text, source]] of logs.entries()) {
    test(`${text.slice(0, 40)} (${typeof source === "string" ? source : "own lines"})`, () => {
      const { format, problem } = parseFormat(text);
      assert.ok(format !== undefined, problem);
      const samples = typeof source === "string" ? readGolden(source) : source;
      const random = createRandom(seed * 1000 + index);
      for (const where of conditions) {
        const spec = toSpec(format, where);
        checkLog(spec, createLines(samples, random), random);
      }
    });
  }
});

function toSpec(format: LineFormat, where: string | undefined): ScanSpec {
  const condition = where === undefined ? undefined : parseWhere(where).condition;
  return {
    format,
    groups,
    slowSeconds: 0.2,
    windowMs: 1000,
    ...(condition !== undefined && { where: condition }),
    patterns: [{ name: "numbers", patterns: ["/(?<pattern>\\d+)"] }],
    metrics: [
      { name: "by_method", kind: "count", labels: ["method"] },
      { name: "sizes", kind: "distribution", field: "bytes", labels: ["status"] },
      { name: "agents", kind: "top", field: "agent" },
    ],
    limits: {
      topEntriesMax: 10_000,
      lineBytesMax: 2000,
      labelSetsMax: 100_000,
      keysMax: 100_000,
      statesMax: 100_000,
      groupsMax: 5000,
    },
  };
}

function readGolden(name: string): readonly string[] {
  const folder = path.resolve(import.meta.dirname, "../../../test/golden/access-logs");
  const text = readFileSync(path.join(folder, `${name}.log`), "latin1");
  return text.split("\n").filter((line) => line !== "");
}

type Random = () => number;

/** Latin1; in the order of the samples at first, then mixed. */
function createLines(samples: readonly string[], random: Random): readonly string[] {
  const lines = [...samples];
  while (lines.length < linesMax) {
    const line = pick(samples, random);
    const isMutated = random() < 0.7;
    lines.push(isMutated ? mutate(line, samples, random) : line);
  }
  return lines;
}

const pieces = [
  ...'"\\ -[]{}/?:,.+#%0123456789aZ\r\t\0\x7fé\xff',
  ", ",
  " : ",
  '\\"',
  "\\x22",
  "\\",
  ' "',
  '" ',
  "-1",
  "1e3",
  "HTTP/1.1",
  "GET ",
  " /",
  "123456789",
  "https://x.example",
  "x".repeat(300),
  "y".repeat(2100),
];

function mutate(line: string, samples: readonly string[], random: Random): string {
  let mutated = line;
  for (let rest = 1 + Math.floor(random() * 3); rest > 0; rest--) {
    const at = Math.floor(random() * (mutated.length + 1));
    const removed = random() < 0.5 ? 0 : Math.floor(random() ** 3 * 30);
    const dice = random();
    const other = pick(samples, random);
    const from = Math.floor(random() * other.length);
    const added =
      dice < 0.6 ? pick(pieces, random) : dice < 0.7 ? other.slice(from, from + 20) : "";
    mutated = mutated.slice(0, at) + added + mutated.slice(at + removed);
  }
  return mutated.replaceAll("\n", "");
}

function checkLog(spec: ScanSpec, lines: readonly string[], random: Random): void {
  const bytes = Buffer.from(
    lines.map((line) => `${line}${pick(["\n", "\n", "\r\n"], random)}`).join(""),
    "latin1",
  );
  const wanted = countSlowly(spec, bytes);
  const scanner = createLogScanner(spec);
  for (let at = 0; at < bytes.length;) {
    const end = Math.min(bytes.length, at + 1 + Math.floor(random() ** 2 * 5000));
    // A buffer that ends with the chunk now and then: words may be read behind its last line.
    const chunk = random() < 0.5 ? bytes : Uint8Array.from(bytes.subarray(0, end));
    const next = scanner.scan(chunk, at, end);
    at =
      next === at && end === bytes.length
        ? end
        : next === at
          ? scanLonger(scanner, bytes, at)
          : next;
  }
  assert.deepEqual(toPlain(scanner.result()), wanted);
  assert.deepEqual(toPlain(scanResultFromBytes(scanResultToBytes(scanner.result()))), wanted);
}

function scanLonger(
  scanner: ReturnType<typeof createLogScanner>,
  bytes: Buffer,
  at: number,
): number {
  return scanner.scan(bytes, at, bytes.indexOf(10, at) + 1);
}

interface Plain {
  readonly lines: ScanResult["lines"];
  from: number;
  to: number;
  readonly groups: Record<string, Record<string, number>>;
  readonly tops: Record<TopName, Record<string, number>>;
  readonly values: Record<string, number>;
  readonly failures: string[];
  readonly series: Record<string, number>;
}

function countSlowly(spec: ScanSpec, bytes: Buffer): Plain {
  const parser = createSlowParser(spec.format);
  const isWanted = compileCondition(spec.where);
  const grouping = new Grouping(spec.groups, 5000);
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
      countEntry({ entry: outcome.entry, grouping, hasTarget }, plain);
    }
  }
  plain.failures.splice(0, plain.failures.length - scanLimits.failuresMax);
  return JSON.parse(JSON.stringify(plain)) as Plain;
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
    plain.from = Math.min(plain.from, time);
    plain.to = Math.max(plain.to, time);
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
  const tops = Object.fromEntries(topNames.map((name) => [name, {}])) as Plain["tops"];
  return {
    lines: createLineCounts(),
    from: Infinity,
    to: -Infinity,
    groups: {},
    tops,
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

function toPlain(result: ScanResult): Plain {
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
  const found = { ...plain, lines, failures: failures.map(({ reason }) => reason) };
  return JSON.parse(JSON.stringify({ ...found, from: result.from, to: result.to })) as Plain;
}

function pick<Item>(items: readonly Item[], random: Random): Item {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) {
    throw new RangeError("nothing to pick from");
  }
  return item;
}

/** Mulberry32. */
function createRandom(start: number): Random {
  let state = start | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
