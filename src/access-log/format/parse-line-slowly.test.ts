import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import type { Entry } from "./fields.ts";
import type { FormatOptions } from "./format-result.ts";
import { boundFields, failureReasons, keepFields, type LineFormat } from "./line-format.ts";
import { formatNames, parseFormat } from "./parse-format.ts";
import { createSlowParser, parseLineSlowly, type LineOutcome } from "./parse-line-slowly.ts";

function formatOf(text: string, options?: FormatOptions): LineFormat {
  const { format, problem } = parseFormat(text, options);
  assert.ok(format !== undefined, problem);
  return format;
}

function entryOf(outcome: LineOutcome): Entry {
  assert.equal(outcome.kind, "entry", JSON.stringify(outcome));
  return outcome.kind === "entry" ? outcome.entry : {};
}

function reasonOf(format: string, line: string | Uint8Array): string {
  const outcome = parseLineSlowly(formatOf(format), line);
  return outcome.kind === "unparsed" ? outcome.reason : outcome.kind;
}

const at = "[20/Nov/2026:17:03:00 +0000]";
const time = Date.UTC(2026, 10, 20, 17, 3);

suite("one line of every other format", () => {
  const caddy = JSON.stringify({
    level: "info",
    ts: 1795194180.25,
    logger: "http.log.access",
    request: {
      remote_ip: "192.0.2.7",
      remote_port: "4711",
      client_ip: "192.0.2.8",
      proto: "HTTP/2.0",
      method: "GET",
      host: "shop.example",
      uri: "/a?b",
      headers: { "User-Agent": ["curl/8", "other"] },
      tls: { version: 772, server_name: "shop.example" },
    },
    bytes_read: 0,
    user_id: "",
    duration: 0.000929675,
    size: 10900,
    status: 200,
  });
  const caddyEntry: Entry = {
    time: time + 250,
    client: "192.0.2.8",
    client_port: 4711,
    method: "GET",
    target: "/a?b",
    protocol: "HTTP/2.0",
    host: "shop.example",
    status: 200,
    bytes: 10900,
    bytes_in: 0,
    duration: 0.000929675,
    agent: "curl/8",
    tls_version: "772",
    tls_server_name: "shop.example",
  };
  const traefik =
    '{"ClientAddr":"192.0.2.7:4711","ClientHost":"192.0.2.7","ClientPort":"4711","ClientUsername":"-",' +
    '"DownstreamContentSize":17,"DownstreamStatus":502,"Duration":1234567,"OriginDuration":1000000,' +
    '"OriginStatus":502,"RequestHost":"shop.example","RequestMethod":"GET","RequestPath":"/x",' +
    '"RequestProtocol":"HTTP/1.1","RetryAttempts":2,"ServiceName":"shop@docker",' +
    '"StartUTC":"2026-11-20T17:03:00.123456789Z","entryPointName":"web","level":"info","msg":"",' +
    '"time":"2026-11-20T17:03:01Z"}';
  const traefikEntry: Entry = {
    time: time + 123,
    client: "192.0.2.7",
    client_port: 4711,
    method: "GET",
    target: "/x",
    protocol: "HTTP/1.1",
    host: "shop.example",
    status: 502,
    upstream_status: 502,
    bytes: 17,
    duration: 0.001234567,
    upstream_duration: 0.001,
    retries: 2,
    frontend: "web",
    backend: "shop@docker",
  };
  const basic: Entry = { time, client: "192.0.2.7", status: 200 };
  const cases: readonly (readonly [string, string, Entry])[] = [
    ["caddy", caddy, caddyEntry],
    ["json", caddy, caddyEntry],
    ["traefik", traefik, traefikEntry],
    ["json", traefik, traefikEntry],
    [
      "nginx-json",
      String.raw`{"time_local":"20/Nov/2026:17:03:00 +0000","request":"GET /\x22 HTTP/1.1","status":200,"upstream_response_time":"0.250, - : 0.5","upstream_addr":"a:1, b:2"}`,
      {
        time,
        method: "GET",
        target: '/"',
        protocol: "HTTP/1.1",
        status: 200,
        upstream_duration: 0.75,
        upstream: "a:1, b:2",
      },
    ],
    [
      'json: time=@timestamp, status=resp.code duration=took(ms) client="a.b" variable.tenant=t',
      '{"@timestamp":1795194180000,"resp":{"code":"404"},"took":12.5,"a.b":"::1","t":7}',
      { time, status: 404, duration: 0.0125, client: "::1", "variable.tenant": "7" },
    ],
    [
      "json: time=ts duration=d status=s",
      '{"ts":"2026-11-20T17:03:00Z","d":"1m2.5s","s":200}',
      { time, duration: 62.5, status: 200 },
    ],
    [
      "ltsv",
      "time:[20/Nov/2026:17:03:00 +0000]\thost:192.0.2.7\treq:GET /a:b HTTP/1.1\tstatus:200\tsize:-\treqtime_microsec:1500\tua:a:b",
      {
        ...basic,
        method: "GET",
        target: "/a:b",
        protocol: "HTTP/1.1",
        duration: 0.0015,
        agent: "a:b",
      },
    ],
    [
      "logfmt",
      String.raw`time=2026-11-20T17:03:00Z level=info remote_addr=192.0.2.7 method=GET path=/a status=200 duration=1.5ms user_agent="a \"b\" c" ok`,
      { ...basic, method: "GET", target: "/a", duration: 0.0015, agent: 'a "b" c' },
    ],
    [
      String.raw`regex: ^(?<client>\S+) (?P<time>\d+) (?<request>.*) (?<status>\d+) (?<duration_ms>\d+) (?<tenant>\w+)$`,
      "192.0.2.7 1795194180 GET /a b HTTP/1.1 200 15 acme",
      {
        ...basic,
        method: "GET",
        target: "/a b",
        protocol: "HTTP/1.1",
        duration: 0.015,
        "variable.tenant": "acme",
      },
    ],
    [
      'nginx: $remote_addr $msec $scheme://$host$request_uri $status "$http_x_forwarded_for"',
      '192.0.2.7 1795194180.000 https://shop.example/a?b 200 "192.0.2.1, 192.0.2.2"',
      {
        ...basic,
        target: "/a?b",
        scheme: "https",
        host: "shop.example",
        forwarded_for: "192.0.2.1, 192.0.2.2",
      },
    ],
    [
      'apache: %{X-Forwarded-For}i %h %t "%r" %>s %b %{ms}T',
      `192.0.2.1, 192.0.2.2 192.0.2.7 ${at} "-" 408 - -`,
      { ...basic, forwarded_for: "192.0.2.1, 192.0.2.2", status: 408, bytes: 0 },
    ],
    [
      "haproxy-http",
      '<134>Nov 20 17:03:31 host haproxy[1]: 2001:db8::1:4711 [20/Nov/2026:17:03:00.000] f~ b/<NOSRV> 1/-1/-1/-1/+7 -1 +12 - - CR-- 1/1/0/0/+3 0/0 "GET /a#7Cb',
      {
        time,
        client: "2001:db8::1",
        client_port: 4711,
        frontend: "f~",
        backend: "b",
        receive_duration: 0.001,
        duration: 0.007,
        bytes: 12,
        termination: "CR--",
        active_connections: 1,
        frontend_connections: 1,
        backend_connections: 0,
        server_connections: 0,
        retries: 3,
        server_queue: 0,
        backend_queue: 0,
        method: "GET",
        target: "/a|b",
      },
    ],
  ];
  for (const [name, line, entry] of cases) {
    test(name, () => assert.deepEqual(entryOf(parseLineSlowly(formatOf(name), line)), entry));
  }
});

test("a W3C log is read as its header says, which may change", () => {
  const parser = createSlowParser(formatOf("w3c"));
  const outcomes = [
    "2026-11-20 17:03:00 early",
    "#Software: Microsoft Internet Information Services 10.0",
    "#Fields: date time cs-method cs-uri-stem cs-uri-query c-ip cs(User-Agent) sc-status time-taken",
    "2026-11-20 17:03:00 GET /a b=c 192.0.2.7 Mozilla/5.0+(X11) 200 1500\r",
    "#Date: 2026-11-20 00:00:00",
    "#Fields: time sc-status cs(Referer) x-own",
    '17:03:00 404 "a ""b"" c" -',
    "17:03:00 404 short",
  ].map((line) => parser.parse(line));
  assert.deepEqual(outcomes, [
    { kind: "unparsed", reason: "no_header" },
    { kind: "comment" },
    { kind: "comment" },
    {
      kind: "entry",
      entry: {
        time,
        method: "GET",
        target: "/a",
        query: "b=c",
        client: "192.0.2.7",
        agent: "Mozilla/5.0 (X11)",
        status: 200,
        duration: 1.5,
      },
    },
    { kind: "comment" },
    { kind: "comment" },
    { kind: "entry", entry: { time, status: 404, referrer: 'a "b" c' } },
    { kind: "unparsed", reason: "wrong_layout" },
  ]);
  const header = parser.header();
  assert.ok(header !== undefined);
  const later = createSlowParser(formatOf("w3c"), { header });
  assert.equal(entryOf(later.parse("17:03:00 404 - -")).time, time, "resumed in the middle");
});

suite("a line that is none has a reason", () => {
  const combined = `192.0.2.7 - - ${at} "GET / HTTP/1.1" 200 7 "-" "-"`;
  const cases: readonly (readonly [string, string | Uint8Array, string])[] = [
    ["combined", "", "empty_line"],
    ["combined", " \t\r", "empty_line"],
    ["combined", combined, "entry"],
    ["combined", `${combined}\r`, "entry"],
    ["combined", `${combined} more`, "wrong_layout"],
    ["combined", combined.slice(0, -1), "wrong_layout"],
    ["combined", combined.replace("[", ""), "wrong_layout"],
    ["combined", combined.replace("20/Nov", "31/Feb"), "bad_time"],
    ["combined", combined.replace("Nov", "Nob"), "bad_time"],
    ["combined", combined.replace(" 200 ", " 2000 "), "bad_status"],
    ["combined", combined.replace(" 200 ", " 20x "), "bad_status"],
    ["combined", combined.replace(" 200 ", " - "), "entry"],
    ["combined", combined.replace(" 7 ", " 7.5 "), "bad_number"],
    ["combined", combined.replace(" 7 ", " -7 "), "bad_number"],
    ["combined", combined.replace(" 7 ", " 7x "), "bad_number"],
    ["combined", combined.replaceAll("-", "\0"), "wrong_layout"],
    ["combined", combined.replace("GET /", "\0\0 /\0"), "entry"],
    ["combined", Buffer.from(combined.replace("GET", "\xff\xfe"), "latin1"), "entry"],
    ["common", "\x00\x01\x02", "wrong_layout"],
    ["%h %t %D", `192.0.2.7 ${at} -`, "entry"],
    ["%h %t %D", `192.0.2.7 ${at} 1e3`, "entry"],
    ["%h %t %D", `192.0.2.7 ${at} 1.2.3`, "bad_number"],
    ["%h %t %D", `192.0.2.7 ${at} 5 `, "bad_number"],
    ["json", "{}", "entry"],
    ["json", "[]", "bad_json"],
    ["json", '{"status":200', "bad_json"],
    ["json", '{"status":"ok"}', "bad_status"],
    ["json", '{"ts":"yesterday"}', "bad_time"],
    ["json", '{"request_time":"fast"}', "bad_number"],
    ["json", '{"status":null,"ts":""}', "entry"],
    ["ltsv", "status", "wrong_layout"],
    ["ltsv", "nothing:known", "wrong_layout"],
    ["logfmt", 'status="200', "wrong_layout"],
    ["regex: (?<status>\\d{3})$", "no", "wrong_layout"],
    [
      "haproxy-http",
      "192.0.2.7:1 [20/Nov/2026:17:03:00.000] f/1: SSL handshake failure",
      "wrong_layout",
    ],
  ];
  for (const [format, line, reason] of cases) {
    test(`${reason}: ${format}: ${String(line)}`, () =>
      assert.equal(reasonOf(format, line), reason));
  }
});

test("garbage for a request leaves the other fields", () => {
  const garbage = ["-", "", "GET", String.raw`\x16\x03\x01`, "\x16\x03", " ", "<BADREQ>", "1 / x"];
  for (const request of garbage) {
    const line = `192.0.2.7 - - ${at} "${request}" 400 7 "-" "-"`;
    const entry = entryOf(parseLineSlowly(formatOf("combined"), line));
    assert.deepEqual(entry, { time, client: "192.0.2.7", status: 400, bytes: 7 }, request);
  }
});

test("bytes that are no text are shown as such", () => {
  const line = `192.0.2.7 - \xff ${at} "GET /\\xff\\xc3\\xbc HTTP/1.1" 200 7 "-" "-"`;
  const entry = entryOf(parseLineSlowly(formatOf("combined"), Buffer.from(line, "latin1")));
  assert.equal(entry.user, "\ufffd");
  assert.equal(entry.target, "/\ufffdü");
});

test("the rest of a line is ignored on request", () => {
  const format = formatOf("common", { ignoreRest: true });
  const line = `192.0.2.7 - - ${at} "GET / HTTP/1.1" 200 7`;
  assert.equal(entryOf(parseLineSlowly(format, `${line} "-" "curl"`)).bytes, 7);
  assert.equal(entryOf(parseLineSlowly(format, line)).bytes, 7);
});

test("fewer fields are found where all of them are", () => {
  const format = formatOf("haproxy-http");
  const line =
    '192.0.2.7:1 [20/Nov/2026:17:03:00.000] f b/s 1/2/3/4/5 200 12 - - ---- 1/1/0/0/0 0/0 "GET / HTTP/1.1"';
  const all = entryOf(parseLineSlowly(format, line));
  for (const name of boundFields(format)) {
    const kept = entryOf(parseLineSlowly(keepFields(format, new Set([name])), line));
    assert.equal(kept[name], all[name], name);
  }
  const status = keepFields(format, new Set(["status"] as const));
  assert.deepEqual(entryOf(parseLineSlowly(status, line)), { status: 200 });
});

test("no line makes it throw, and every failure has a known reason", () => {
  const formats = Object.keys(formatNames).map((name) => formatOf(name));
  const piece = fc.oneof(
    fc.constantFrom(at, '"', " ", "-", "\\", "{", "}", ":", "200", "7", '"GET / HTTP/1.1"', "\t"),
    fc.constantFrom('{"status":', "time:", "status=", "1/2/3/4/5", "#Fields: time", "a/b", "\0"),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const line = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
  fc.assert(
    fc.property(fc.constantFrom(...formats), line, (format, text) => {
      const outcome = parseLineSlowly(format, text);
      assert.ok(outcome.kind !== "unparsed" || failureReasons.includes(outcome.reason));
      for (const value of outcome.kind === "entry" ? Object.values(outcome.entry) : []) {
        assert.ok(typeof value === "string" ? value !== "" : Number.isFinite(value));
      }
    }),
    { numRuns: 2000 },
  );
});
