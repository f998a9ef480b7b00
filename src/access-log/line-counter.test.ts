import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import type { LineFormat } from "./format/line-format.ts";
import { createSlowParser } from "./format/parse-line-slowly.ts";
import { createLineCounter, lineStateSchema, type LineState } from "./line-counter.ts";
import { parseSourceFormat } from "./parse-source-format.ts";
import { createLines, createRandom } from "./scan/_mutated-lines.ts";
import { Grouping } from "./scan/grouping.ts";
import { createLineEngine } from "./scan/line-engine.ts";
import { requestsOf, scanLimits, type ScanSpec } from "./scan/log-scanner.ts";
import { compileMetrics } from "./scan/metric-tallies.ts";
import { Tallies } from "./scan/tallies.ts";
import { OpenWindows } from "./window/open-windows.ts";

/** Each line says 12:00:00 for a request that took 25 seconds. */
const servers: readonly (readonly [name: string, format: string, line: string, end: string])[] = [
  [
    "nginx logs the end",
    'nginx: $remote_addr [$time_local] "$request" $status $request_time',
    '192.0.2.7 [10/Oct/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 25.000',
    "12:00:00",
  ],
  [
    "Apache's %t is the start",
    'apache: %h %t "%r" %>s %D',
    '192.0.2.7 [10/Oct/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 25000000',
    "12:00:25",
  ],
  [
    "Apache's %{begin:…}t is the start",
    'apache: %h %{begin:%Y-%m-%d %H:%M:%S}t "%r" %>s %T',
    '192.0.2.7 2026-10-10 12:00:00 "GET / HTTP/1.1" 200 25',
    "12:00:25",
  ],
  [
    "Apache's %{end:…}t is the end",
    'apache: %h %{end:sec}t "%r" %>s %D',
    '192.0.2.7 1791633600 "GET / HTTP/1.1" 200 25000000',
    "12:00:00",
  ],
  [
    "Apache without a duration has its start alone",
    "apache: common",
    '192.0.2.7 - - [10/Oct/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5',
    "12:00:00",
  ],
  [
    "HAProxy's %tr is the start of the request, and Ta its duration",
    "haproxy-http",
    "192.0.2.7:4711 [10/Oct/2026:12:00:00.000] in app/a 20/0/0/5000/25000 200 203 - - ---- " +
      '1/1/0/0/0 0/0 "GET / HTTP/1.1"',
    "12:00:25",
  ],
  [
    "a request that HAProxy gave up has the time until then",
    "haproxy-http",
    "192.0.2.7:4711 [10/Oct/2026:12:00:00.000] in app/<NOSRV> -1/-1/-1/-1/25000 408 203 - - " +
      'cR-- 1/1/0/0/0 0/0 "<BADREQ>"',
    "12:00:25",
  ],
  [
    "HAProxy's %t is the accept, and Tt the duration of the connection",
    "haproxy-tcp",
    "192.0.2.7:4711 [10/Oct/2026:12:00:00.000] tcp tcp/a 1/0/25000 235 -- 2/2/1/0/0 0/0",
    "12:00:25",
  ],
  [
    "where Tt and Ta are logged, %t goes with Tt",
    "haproxy: %ci [%t] %ST %Ta %Tt",
    "192.0.2.7 [10/Oct/2026:12:00:00.000] 200 5000 25000",
    "12:00:25",
  ],
  [
    "where only Ta is, the idle time before the request is added",
    "haproxy: %ci [%t] %ST %Th/%Ti/%Ta",
    "192.0.2.7 [10/Oct/2026:12:00:00.000] 200 100/19900/5000",
    "12:00:25",
  ],
  [
    "Tomcat's %t is the end",
    'tomcat: %h %t "%r" %s %D',
    '192.0.2.7 [10/Oct/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 25000000',
    "12:00:00",
  ],
  [
    "Tomcat's %{begin}t is the start",
    'tomcat: %h [%{begin:yyyy-MM-dd HH:mm:ss}t] "%r" %s %D',
    '192.0.2.7 [2026-10-10 12:00:00] "GET / HTTP/1.1" 200 25000000',
    "12:00:25",
  ],
  [
    "Varnish's %t is the start",
    'varnish: %h %t "%r" %s %D',
    '192.0.2.7 [10/Oct/2026:12:00:00 +0000] "GET http://a/ HTTP/1.1" 200 25000000',
    "12:00:25",
  ],
  [
    "W3C and IIS log the end",
    "w3c: date time c-ip cs-uri-stem sc-status time-taken",
    "2026-10-10 12:00:00 192.0.2.7 / 200 25",
    "12:00:00",
  ],
  [
    "Traefik's StartUTC is the start",
    "traefik",
    '{"time":"2026-10-10T12:00:25Z","DownstreamStatus":200,"Duration":25000000000,' +
      '"StartUTC":"2026-10-10T12:00:00Z"}',
    "12:00:25",
  ],
  [
    "Traefik's time is the end",
    "traefik",
    '{"time":"2026-10-10T12:00:00Z","DownstreamStatus":200,"Duration":25000000000}',
    "12:00:00",
  ],
  [
    "Caddy logs the end",
    "caddy",
    '{"ts":1791633600,"status":200,"duration":25,"request":{"uri":"/"}}',
    "12:00:00",
  ],
];

suite("a line counts when its request ended", () => {
  for (const [name, format, line, end] of servers) {
    test(name, () => {
      const { windows, counter } = createCounter({ format });
      count(counter, `${line}\n`);
      const endMs = Date.parse(`2026-10-10T${end}Z`);
      assert.equal(counter.newestMs, endMs);
      windows.advance(endMs + 2000);
      assert.deepEqual(close(windows), [[endMs, 1, 0]]);
    });
  }

  test("also those that only the reference parser reads, and those of the fallback", () => {
    const { windows, counter } = createCounter({ format: "combined", durationUnit: "us" });
    const line = '192.0.2.7 - - [10/Oct/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 5 "-" "-"';
    const odd = '192.0.2.7 - - [10/Oct/2026:12:00:00 +0000] "GET /\\x20 HTTP/1.1" 200 5 "-" "-"';
    count(counter, `${line}\n${line} 1000000\n${odd} 1000000\n`);
    windows.advance(Date.parse("2026-10-10T12:00:03Z"));
    const noon = Date.parse("2026-10-10T12:00:00Z");
    assert.deepEqual(close(windows), [
      [noon, 1, 0],
      [noon + 1000, 2, 0],
    ]);
  });
});

/** The start alone, the end alone, both; with a duration and without. */
const traefikLines = [
  '{"StartUTC":"2026-10-10T12:00:00Z","DownstreamStatus":200,"Duration":25000000000}',
  '{"time":"2026-10-10T12:00:01Z","DownstreamStatus":200,"Duration":25000000000}',
  '{"time":"2026-10-10T12:00:25Z","Duration":25000000000,"StartUTC":"2026-10-10T12:00:00Z"}',
  '{"start_time":"2026-10-10T12:00:02Z","status":200,"duration":1.5}',
  '{"StartUTC":"2026-10-10T12:00:03Z","DownstreamStatus":200}',
];

suite("compiled code places lines as the reference parser says", () => {
  const logs: readonly (readonly [format: string, samples: readonly string[]])[] = [
    ["haproxy-http", readGolden("haproxy-http")],
    ["haproxy-tcp", readGolden("haproxy-tcp")],
    ["haproxy-clf", readGolden("haproxy-clf")],
    ["json", [...readGolden("nginx-json"), ...traefikLines]],
    ["traefik", traefikLines],
    [
      "logfmt",
      traefikLines.map((line) => line.replaceAll(/[{}"]/g, "").replaceAll(/:(?=\d|[A-Z])/g, "=")),
    ],
  ];
  for (const [name, samples] of logs) {
    test(name, () => {
      const { format } = toFormat(name);
      const lines = createLines(samples, 2000, createRandom(7));
      const spec: ScanSpec = { format, groups: { rules: [] }, placesByEnd: true };
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1");
      assert.deepEqual(placesOf(spec, bytes), slowPlacesOf(format, lines));
    });
  }
});

function readGolden(name: string): readonly string[] {
  const folder = path.resolve(import.meta.dirname, "../../test/golden/access-logs");
  const text = readFileSync(path.join(folder, `${name}.log`), "latin1");
  return text.split("\n").filter((line) => line !== "");
}

/** How many lines were placed at an instant. */
function placesOf(spec: ScanSpec, bytes: Buffer): Map<number, number> {
  const places = new Map<number, Tallies>();
  const grouping = new Grouping(spec.groups, 10);
  const sink = {
    isStopped: false,
    place(timeMs: number) {
      const tallies = places.get(timeMs) ?? createTallies();
      places.set(timeMs, tallies);
      return tallies;
    },
    placeUnread: () => createTallies(),
  };
  createLineEngine({ spec, limits: scanLimits, grouping, sink }).scan(bytes, 0, bytes.length);
  return new Map([...places].map(([timeMs, { lines }]) => [timeMs, lines.read]));
}

function slowPlacesOf(format: LineFormat, lines: readonly string[]): Map<number, number> {
  const parser = createSlowParser(format);
  const places = new Map<number, number>();
  for (const line of lines) {
    const outcome = parser.parse(Buffer.from(line, "latin1"));
    if (outcome.kind === "entry") {
      const timeMs = (outcome.entry.time ?? Number.NaN) + parser.lastingMs();
      places.set(timeMs, (places.get(timeMs) ?? 0) + 1);
    }
  }
  return places;
}

test("nothing is counted as long as a window is due by the lines before", () => {
  const { windows, counter } = createCounter({ format: "common" });
  const text = ["12:00:00", "12:00:05", "12:00:06"].map(toCommon).join("");
  const bytes = Buffer.from(text);
  const lines = { bytes, from: 0, to: bytes.length, isFirstCut: false };
  const at = counter.count(lines, Infinity);
  assert.equal(at, (bytes.length / 3) * 2);
  assert.equal(counter.count({ ...lines, from: at }, Infinity), at);
  windows.advance(counter.newestMs ?? 0);
  assert.equal(close(windows).length, 1);
  assert.equal(counter.count({ ...lines, from: at }, Infinity), bytes.length);
});

test("a night of the autumn change counts alike, however often it is restarted", () => {
  const given = { format: "haproxy-tcp", timeZone: "Europe/Berlin", latenessMs: Infinity };
  const night = Date.parse("2026-10-25T00:00:00Z");
  const minutes = fc.array(fc.integer({ min: -4, max: 40 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(minutes, fc.infiniteStream(fc.boolean()), (steps, restarts) => {
      let life = createCounter(given);
      let [newest, next] = [night, night];
      count(life.counter, toTcp(night));
      for (const minute of steps) {
        next = newest + minute * 60_000;
        newest = Math.max(newest, next);
        if (restarts.next().value === true) {
          const state = lineStateSchema.parse(JSON.parse(JSON.stringify(life.counter.state)));
          life = createCounter({ ...given, state });
        }
        count(life.counter, toTcp(next));
        assert.equal(life.counter.newestMs, newest);
      }
    }),
  );
});

/** A connection of a second that ended at an instant, as a HAProxy in Berlin says it. */
function toTcp(endMs: number): string {
  const wall = new Intl.DateTimeFormat("sv", {
    timeZone: "Europe/Berlin",
    dateStyle: "short",
    timeStyle: "medium",
  }).format(endMs - 1000);
  const [date = "", time = ""] = wall.split(" ");
  const [year, month, day] = date.split("-");
  const name = month === "10" ? "Oct" : "Nov";
  const accepted = `${day}/${name}/${year}:${time}.000`;
  return `192.0.2.7:4711 [${accepted}] tcp tcp/a 1/0/1000 235 -- 2/2/1/0/0 0/0\n`;
}

interface CounterGiven {
  readonly format: string;
  readonly durationUnit?: "us";
  readonly timeZone?: string;
  readonly latenessMs?: number;
  readonly state?: LineState;
}

interface Life {
  readonly windows: OpenWindows;
  readonly counter: ReturnType<typeof createLineCounter>;
}

/** Windows of one second. */
function createCounter(given: CounterGiven): Life {
  const { format, durationUnit, timeZone, latenessMs = 1000, state } = given;
  const found = toFormat(format, durationUnit);
  const windows = new OpenWindows({ everyMs: 1000, latenessMs }, createTallies);
  const spec: ScanSpec = {
    ...found,
    groups: { rules: [] },
    ...(timeZone !== undefined && { timeZone }),
  };
  const grouping = new Grouping(spec.groups, 10);
  const counter = createLineCounter({ spec, limits: scanLimits, grouping, windows, state });
  return { windows, counter };
}

function toFormat(
  text: string,
  durationUnit?: "us",
): { readonly format: LineFormat; readonly fallback?: LineFormat } {
  const found = parseSourceFormat(text, { durationUnit });
  assert.ok(found.format !== undefined, found.problem);
  return found;
}

function createTallies(): Tallies {
  const metrics = compileMetrics();
  return new Tallies({ limits: scanLimits, windowMs: undefined, metrics, nameOf: String });
}

function toCommon(time: string): string {
  return `192.0.2.7 - - [10/Oct/2026:${time} +0000] "GET / HTTP/1.1" 200 5\n`;
}

/** Counts lines that make no window due. */
function count(counter: Life["counter"], text: string): void {
  const bytes = Buffer.from(text);
  const to = bytes.length;
  const at = counter.count({ bytes, from: 0, to, isFirstCut: false }, Date.parse("2027-01-01"));
  assert.equal(at, to);
}

/** Start, requests and late lines of every window that is due and has a line. */
function close(windows: OpenWindows): (readonly [number, number, number])[] {
  const closed: (readonly [number, number, number])[] = [];
  while (windows.isDue) {
    const { from, aggregate } = windows.close();
    closed.push([from, requestsOf(aggregate.result), aggregate.late]);
  }
  return closed.filter(([, requests]) => requests > 0);
}
