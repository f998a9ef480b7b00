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

const caddyLines = [
  '{"level":"info","ts":1795194180.4981234,"logger":"http.log.access","msg":"handled request","request":{"remote_ip":"192.0.2.7","remote_port":"4021","client_ip":"192.0.2.7","proto":"HTTP/2.0","method":"GET","host":"shop.example","uri":"/api/cart/add?id=7","headers":{"User-Agent":["Mozilla/5.0 (X11)"],"Accept":["*/*","text/html"],"Referer":["https://a.example/\\u0026x"]},"tls":{"version":772,"cipher_suite":4865}},"bytes_read":0,"user_id":"","duration":0.012345678,"size":512,"status":200,"resp_headers":{"Server":["Caddy"]}}',
  '{"level":"info","ts":1795194180.4991235,"request":{"remote_ip":"::1","remote_port":"1","proto":"HTTP/1.1","method":"POST","uri":"/users/123","headers":{"User-Agent":["curl/8 \\"q\\""]}},"duration":1.5,"size":0,"status":500}',
  '{"level":"error","ts":1795194181,"msg":"no request","deep":[[{"a":{"b":[]}}],true,null,-1.5e3]}',
  ' { "ts" : "2026-11-20T17:03:02.5Z" , "status" : 304 , "request" : { "uri" : "/é\u00ff" } , "duration" : 2e-7 } ',
];
const traefikLines = [
  '{"ClientAddr":"192.0.2.7:40218","ClientHost":"192.0.2.7","ClientPort":"40218","ClientUsername":"-","DownstreamContentSize":512,"DownstreamStatus":200,"Duration":12345678,"OriginDuration":1000000,"OriginStatus":200,"RequestHost":"shop.example","RequestMethod":"GET","RequestPath":"/users/9?a=1\\u0026b=2","RequestProtocol":"HTTP/1.1","RetryAttempts":1,"RouterName":"shop@docker","StartLocal":"2026-11-20T17:03:02.123456789+01:00","StartUTC":"2026-11-20T16:03:02.123456789Z","entryPointName":"web","level":"info","time":"2026-11-20T17:03:02+01:00","request_User-Agent":"Googlebot/2.1"}',
  '{"ClientAddr":"[::1]:1","ClientHost":"::1","DownstreamStatus":404,"Duration":900,"RequestMethod":"GET","RequestPath":"/skip/x","StartUTC":"2026-11-20T16:03:02.12345Z","time":"2026-11-20T17:03:02+01:00"}',
];
const flatLines = [
  '{"time":"2026-11-20T17:03:00+00:00","remote_addr":"192.0.2.7","request":"GET /api/cart/add HTTP/1.1","status":"200","body_bytes_sent":"512","request_time":"0.250","http_user_agent":"Mozilla/5.0 \\x22x\\x22","upstream_response_time":"0.001, 0.002","upstream_cache_status":"HIT"}',
  '{"timestamp":1795194180498,"client_ip":"192.0.2.8","method":"GET","path":"http://h.example/abs","status":404,"bytes":0,"duration_ms":1.50,"user":12,"host":true}',
  '{"timestamp":"17951941804981","ip":"192.0.2.8","request":"\\u0016\\u0003","method":"GET","path":"-","status":400,"bytes":-1,"took":"1.5ms"}',
  '{"@timestamp":"20/Nov/2026:17:03:01 +0000","request_method":"GET","request_uri":"/users/17","status":200,"response_time":0.000,"scheme":"https"}',
];
const mappedLines = [
  '{"code":200,"took":512,"req":"GET /users/1 HTTP/1.1","uri":"/other"}',
  '{"uri":"/users/2","took":13.5,"code":"404"}',
  '{"req":"-","uri":"/users/3","took":1,"code":-1}',
];
const ltsvLines = [
  "time:20/Nov/2026:17:03:01 +0000\thost:192.0.2.7\treq:GET /api/cart/add?x HTTP/1.1\tstatus:200\tsize:512\treferer:-\tua:Mozilla/5.0\treqtime:0.250\tvhost:shop.example",
  "time:2026-11-20T17:03:02.25Z\thost:::1\tuser:ann\tmethod:POST\turi:/users/123\tstatus:500\tsize:0\tua:Googlebot\treqtime_microsec:1500\tapptime:0.1\tcache:HIT",
];
const logfmtLines = [
  'time=2026-11-20T17:03:02Z level=info msg="handled it" client_ip=192.0.2.7 method=GET path=/api/cart/add?x=1 status=200 bytes=512 duration=12.5ms user_agent="Mozilla \\"x\\"" referer="https://a.example/"',
  "ts=1795194180.5 method=GET path=/users/5 status=404 bytes=0 duration=0.25 debug user_agent=curl/8 user=é",
];
const ownPattern =
  '^(?<client>\\S+) - (?<user>[^\\[]+) \\[(?<time>[^\\]]+)\\] "(?<request>(?:[^"\\\\]|\\\\.)*)" (?<status>\\d+) (?<bytes>\\d+|-) "(?<referrer>[^"]*)" "(?<agent>.*)" (?<duration>[\\d.]+|-)$';

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

/** Formats in which it is not easy to see where a value ends. */
const crampedLogs: readonly (readonly [format: string, lines: readonly string[]])[] = [
  [
    "nginx: $request_time.$status-$body_bytes_sent-$request_method $request_uri",
    ["0.200-512-GET /api/cart/add?x=1", "12.404--HEAD /users/5", "0.500-0-POST *"],
  ],
  [
    'nginx: $http_x_forwarded_for [$upstream_addr] $upstream_response_time,$status "$http_user_agent" $request',
    [
      '192.0.2.1, 10.0.0.1 [10.0.0.1:80, 10.0.0.2:80] 0.001, 0.002,200 "a\\x22b" GET /users/1?q HTTP/1.1',
      '- [-] -,499 "-" GET /x HTTP/1.1',
      '192.0.2.1 [10.0.0.1:80 : unix:/s] 0.001 : 0.5,502 "c" \\x16\\x03',
    ],
  ],
  [
    "w3c: #Fields: date time c-ip cs(User-Agent) sc-status time-taken cs-uri-stem",
    [
      "2026-11-20 17:03:00 192.0.2.1 Mozilla/5.0+(X11;+Linux) 200 0.250 /users/1",
      '2026-11-20 17:03:00 192.0.2.1 "a ""b"" c" 404 1 -',
    ],
  ],
];

/** Formats whose values have names; keys of the format, not of its lines, are in no order. */
const namedLogs: readonly (readonly [format: string, lines: string | readonly string[]])[] = [
  ["json", caddyLines],
  ["caddy", caddyLines],
  ["json", traefikLines],
  ["json", flatLines],
  ["tomcat-json", "tomcat-json"],
  ["json: status=code, duration=took(ms), bytes=took, request=req, target=uri", mappedLines],
  ["ltsv", ltsvLines],
  ["logfmt", logfmtLines],
  [`regex: ${ownPattern}`, timedLines],
  ['regex: "(?<request>.*?)" (?<status>.*) (?<bytes>\\d+)', timedLines],
  ["regex: (?<variable_x>[a-z]+)?\\s+(?<time>\\S+)|(?<status>\\d{3})$", flatLines],
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
  "protocol ~ 1 and agent != - or method = GET and target !~ cart",
  "duration < 100ms or not duration or host ~ shop or target ~ index or user",
];

// oxlint-disable no-process-env -- how a longer run is asked for
const seed = Number(process.env["SCAN_SEED"] ?? 1);
const linesMax = Number(process.env["SCAN_LINES"] ?? 250);
// oxlint-enable no-process-env

suite("scanning is what reading slowly and counting obviously is", () => {
  for (const [index, [text, source]] of [...logs, ...crampedLogs, ...namedLogs].entries()) {
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
    anonymise: where === conditions[2],
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
