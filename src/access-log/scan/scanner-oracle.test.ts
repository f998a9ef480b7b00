// The compiled scanner against the reference parser and the most obvious counting, over generated
// and mutated lines. SCAN_LINES and SCAN_SEED make it as long, and as different, as one likes:
// the default is a quick run for every day.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { suite, test } from "node:test";
import type { LineFormat } from "../format/line-format.ts";
import { parseFormat } from "../format/parse-format.ts";
import { countSlowly, toPlain } from "./_count-slowly.ts";
import { createLogScanner } from "./create-log-scanner.ts";
import type { GroupSpec, ScanSpec } from "./log-scanner.ts";
import { createLines, createRandom, pick, type Random } from "./_mutated-lines.ts";
import { scanResultFromBytes, scanResultToBytes } from "./scan-result.ts";
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

// oxlint-disable no-process-env -- how a longer run is asked for
const seed = Number(process.env["SCAN_SEED"] ?? 1);
const linesMax = Number(process.env["SCAN_LINES"] ?? 600);
// oxlint-enable no-process-env

suite("scanning is what reading slowly and counting obviously is", () => {
  for (const [index, [text, source]] of logs.entries()) {
    test(`${text.slice(0, 40)} (${typeof source === "string" ? source : "own lines"})`, () => {
      const { format, problem } = parseFormat(text);
      assert.ok(format !== undefined, problem);
      const samples = typeof source === "string" ? readGolden(source) : source;
      const random = createRandom(seed * 1000 + index);
      for (const where of conditions) {
        const spec = toSpec(format, where);
        checkLog(spec, createLines(samples, linesMax, random), random);
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
