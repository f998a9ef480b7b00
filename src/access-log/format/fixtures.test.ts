// Lines that real servers of Debian 12 wrote for odd requests (bad bytes, TLS on a plain port,
// quotes, no request at all), read with the directives that they were configured with.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";
import { detectFormat } from "./detect-format.ts";
import { parseFormat } from "./parse-format.ts";
import { createSlowParser, type LineOutcome } from "./parse-line-slowly.ts";

const folder = path.resolve(import.meta.dirname, "../../../test/golden/access-logs");

interface Fixture {
  readonly format: string;
  /** Finds the status in a line, without any of the code under test. */
  readonly status?: RegExp;
  readonly comments?: number;
  readonly unparsed?: number;
  /** What detectFormat says first. */
  readonly detected?: string;
}

const quotedRequest = /"(?:[^"\\]|\\.)*" (\d{3}|-) /;
const haproxyStatus = / -?\d+\/-?\d+\/-?\d+\/-?\d+\/\+?\d+ (\d{3}) /;
const apacheCombined = String.raw`LogFormat "%h %l %u %t \"%r\" %>s %O \"%{Referer}i\" \"%{User-Agent}i\"" combined`;

const fixtures: Readonly<Record<string, Fixture>> = {
  "nginx-combined": { format: "combined", status: quotedRequest, detected: "combined" },
  "nginx-timed": {
    format:
      `log_format timed '$remote_addr:$remote_port - $remote_user [$time_local] "$request" '\n` +
      `   '$status $body_bytes_sent "$http_referer" "$http_user_agent" '\n` +
      `   'rt=$request_time uct="$upstream_connect_time" urt=$upstream_response_time ` +
      `ua=$upstream_addr us=$upstream_status $host';`,
    status: quotedRequest,
    detected:
      '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ' +
      '"$http_referer" "$http_user_agent" rt=$request_time uct="$upstream_connect_time" ' +
      "urt=$upstream_response_time ua=$upstream_addr us=$upstream_status $tail_6",
  },
  "nginx-lists": {
    format:
      "$time_iso8601 $request_method $uri$is_args$args $status $upstream_response_time " +
      "$request_time $upstream_addr $upstream_status $ssl_protocol $ssl_cipher",
    status: / (\d{3}) \S/,
  },
  "nginx-json": {
    format:
      `log_format js escape=json '{"time":"$time_iso8601","msec":"$msec",` +
      `"remote_addr":"$remote_addr","request":"$request","status":"$status",` +
      `"body_bytes_sent":"$body_bytes_sent","request_time":"$request_time",` +
      `"http_user_agent":"$http_user_agent","http_referer":"$http_referer"}';`,
    status: /"status":"(\d+)"/,
    detected: "json",
  },
  "nginx-none": {
    format:
      `log_format raw escape=none '$remote_addr $remote_user [$time_local] "$request" ` +
      `$status "$http_user_agent"';`,
    status: / (\d{3}) "[^"]*(?:"quoted".*)?"$/,
  },
  "apache-common": { format: "common", status: quotedRequest, detected: "common" },
  "apache-combined": { format: apacheCombined, status: quotedRequest, detected: "combined" },
  "apache-vhost-combined": {
    format: "vhost_combined",
    status: quotedRequest,
    detected: "vhost_combined",
  },
  "apache-elfstatsd": {
    format: String.raw`%h %l %u %t \"%r\" %>s %B \"%{Referer}i\" \"%{User-Agent}i\" %{JK_LB_FIRST_NAME}n %{JK_LB_LAST_NAME}n %{JK_LB_LAST_STATE}n %I %O %D`,
    status: quotedRequest,
  },
  "apache-odd": {
    format: String.raw`[%{%Y-%m-%d %H:%M:%S}t.%{msec_frac}t %{%z}t] %a\t%m\t%U%q\t%H\t%>s\t%b\t%{ms}T\t%X\t%k\t%{UNIQUE_ID}e\t%400,404{Referer}i`,
    status: /\tHTTP\/\d\.\d\t(\d+)\t/,
  },
  "haproxy-http": {
    format: "haproxy-http",
    status: haproxyStatus,
    detected: "haproxy-http",
  },
  "haproxy-http-rfc3164": {
    format: "option httplog",
    status: haproxyStatus,
    detected: "haproxy-http",
  },
  "haproxy-http-rfc5424": {
    format: "httplog",
    status: haproxyStatus,
    detected: "haproxy-http",
  },
  // A failed handshake is another kind of line: it tells no request.
  "haproxy-https": {
    format: "haproxy-https",
    status: haproxyStatus,
    unparsed: 1,
    detected: "haproxy-https",
  },
  "haproxy-clf": {
    format: "option httplog clf",
    status: quotedRequest,
    detected: "haproxy-clf",
  },
  "haproxy-tcp": { format: "option tcplog", detected: "haproxy-tcp" },
  // A line of 1024 bytes is cut before its last values.
  "haproxy-custom": {
    format: String.raw`log-format "%ci:%cp [%t] %ft %b/%s %Tq/%Tw/%Tc/%Tr/%Tt %ST %B %U %ts %rc %sq/%bq %HM %[capture.req.uri] %HV %ID %T"`,
    status: haproxyStatus,
    unparsed: 1,
  },
  "tomcat-default": { format: "tomcat: common", status: quotedRequest, detected: "common" },
  "tomcat-odd": {
    format:
      "%{yyyy-MM-dd'T'HH:mm:ss.SSSXXX}t %{remote}a %m %U%q %H %s %B %D %F %T %{ms}T %I %S " +
      "&quot;%{User-Agent}i&quot; %v:%p %X",
    status: / (\d{3}) \d+ \d+ (?:\d+|-) /,
  },
  "tomcat-ext": { format: "w3c", status: / (\d{3}) (?:\d+|-) \d /, comments: 3, detected: "w3c" },
  "tomcat-json": { format: "json", status: /"statusCode":"(\d+)"/, detected: "tomcat-json" },
  "varnish-default": { format: "varnish", status: quotedRequest, detected: "combined" },
  "varnish-odd": {
    format:
      `-F '%h %t "%r" %s %b %D %T %{Varnish:time_firstbyte}x %{Varnish:hitmiss}x ` +
      `%{Varnish:handling}x "%{User-Agent}i" %{VSL:Timestamp:Resp[2]}x %{%Y-%m-%dT%H:%M:%S}t ` +
      "%m %U%q %I %O'",
    status: quotedRequest,
  },
};

for (const [name, fixture] of Object.entries(fixtures)) {
  test(`every line of ${name} is accounted for`, () => {
    const { lines, outcomes } = readFixture(name, fixture);
    const count = (kind: LineOutcome["kind"]): number =>
      outcomes.filter((outcome) => outcome.kind === kind).length;
    const { comments = 0, unparsed = 0 } = fixture;
    assert.deepEqual(
      [count("comment"), count("unparsed"), count("entry")],
      [comments, unparsed, lines.length - comments - unparsed],
      JSON.stringify(outcomes.find(({ kind }) => kind === "unparsed")),
    );
    for (const [index, outcome] of outcomes.entries()) {
      if (outcome.kind === "entry") {
        const found = fixture.status?.exec(lines[index] ?? "")?.[1];
        const expected = found === undefined || found === "-" ? undefined : Number(found);
        assert.equal(outcome.entry.status, expected, lines[index]);
        assert.ok(outcome.entry.time !== undefined && outcome.entry.time > 1_795_194_000_000);
      }
    }
  });

  if (fixture.detected !== undefined) {
    test(`${name} is detected`, () => {
      const { lines } = readFixture(name, fixture);
      const [first] = detectFormat(lines.map((line) => Buffer.from(line, "latin1")));
      assert.equal(first?.format, fixture.detected);
      assert.equal(first?.share, fixture.unparsed === undefined ? 1 : 0.5);
      assert.ok(first?.sample.includes("    format: "));
    });
  }
}

test("single lines say what the client sent", () => {
  assert.deepEqual(entryAt("nginx-combined", 31), {
    time: Date.UTC(2026, 10, 20, 17, 3, 8),
    client: "127.0.0.1",
    user: 'Ann [the boss] "Lee"\\',
    method: "GET",
    target: "/",
    protocol: "HTTP/1.1",
    status: 200,
    bytes: 6,
  });
  assert.deepEqual(entryAt("nginx-lists", 11), {
    time: Date.UTC(2026, 10, 20, 17, 3, 2),
    method: "GET",
    target: "/up",
    status: 200,
    duration: 0,
    upstream_duration: 0,
    upstream: "127.0.0.1:18081",
    upstream_status: 200,
  });
  assert.deepEqual(entryAt("apache-elfstatsd", 21), {
    time: Date.UTC(2026, 10, 20, 17, 3, 16),
    client: "127.0.0.1",
    status: 400,
    bytes: 266,
    bytes_in: 5,
    bytes_sent: 448,
    duration: 0.000115,
  });
  assert.deepEqual(entryAt("haproxy-http", 15), {
    time: Date.UTC(2026, 10, 20, 17, 3, 23, 499),
    client: "127.0.0.1",
    client_port: 45066,
    frontend: "http-in",
    backend: "dead",
    server: "gone",
    receive_duration: 0,
    queue_duration: 0,
    duration: 1.001,
    status: 503,
    bytes: 217,
    termination: "SC--",
    active_connections: 1,
    frontend_connections: 1,
    backend_connections: 0,
    server_connections: 0,
    retries: 1,
    server_queue: 0,
    backend_queue: 0,
    captured_request: 'shop.example|Mozilla/5.0 (X11; "quoted" \\ba',
    method: "GET",
    target: "/dead",
    protocol: "HTTP/1.1",
  });
  assert.deepEqual(entryAt("varnish-odd", 19), {
    time: Date.UTC(2026, 10, 20, 17, 5, 25),
    client: "127.0.0.1",
    method: "FOO",
    target: "/x",
    protocol: "HTTP/1.1",
    scheme: "http",
    host: "shop.example",
    bytes: 0,
    duration: 0.150384,
    first_byte_duration: 0.000049,
    cache: "pipe",
    agent: 'Mozilla/5.0 (X11; "quoted" \\back)',
    bytes_in: 0,
    bytes_sent: 309,
  });
});

function entryAt(name: string, index: number): unknown {
  const outcome = readFixture(name, fixtures[name] ?? { format: "" }).outcomes[index];
  return outcome?.kind === "entry" ? outcome.entry : outcome;
}

function readFixture(
  name: string,
  { format: text }: Fixture,
): { readonly lines: readonly string[]; readonly outcomes: readonly LineOutcome[] } {
  const { format, problem } = parseFormat(text);
  assert.ok(format !== undefined, problem);
  const lines = readFileSync(path.join(folder, `${name}.log`), "latin1")
    .trimEnd()
    .split("\n");
  const parser = createSlowParser(format);
  return { lines, outcomes: lines.map((line) => parser.parse(Buffer.from(line, "latin1"))) };
}
