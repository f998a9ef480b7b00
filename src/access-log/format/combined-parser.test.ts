import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { createCombinedParser, type CombinedFormat } from "./combined-parser.ts";
import { createLogEntry, type LogEntry } from "./log-entry.ts";
import { parseLogTime, toLogTime } from "./log-time.ts";

const time = "[10/Oct/2000:13:55:36 -0700]";
const common = `127.0.0.1 - frank ${time} "GET /apache_pb.gif HTTP/1.0" 200 2326`;
const expected: LogEntry = {
  timeMs: Date.parse("2000-10-10T20:55:36Z"),
  client: "127.0.0.1",
  target: "/apache_pb.gif",
  status: 200,
  sizeBytes: 2326,
  durationSeconds: Number.NaN,
};

test("lines of Apache's manual", () => {
  assert.deepEqual(parse(common, { name: "common" }), expected);
  const combined = `${common} "http://example.com/start.html" "Mozilla/4.08 [en] (Win98; I ;Nav)"`;
  assert.deepEqual(parse(combined), expected);
  assert.deepEqual(parse(combined, { name: "common" }), expected);
  assert.equal(parse(common), undefined, "without referrer and agent it is not combined");
});

const requestCases: readonly (readonly [string, string | undefined])[] = [
  ["GET / HTTP/1.1", "/"],
  ["GET /a?b=c?d HTTP/2.0", "/a"],
  ["GET ?b HTTP/1.1", ""],
  ["GET /a b c HTTP/1.1", "/a b c"],
  ["GET /a", "/a"],
  ["GET /a HTTP/", "/a HTTP/"],
  ["OPTIONS * HTTP/1.0", "*"],
  ["VERSION-CONTROL /x HTTP/1.1", "/x"],
  [String.raw`GET /\"quoted\"\\ HTTP/1.1`, String.raw`/\"quoted\"\\`],
  ['GET /"raw" HTTP/1.1', '/"raw"'],
  ["GET /grüße HTTP/1.1", "/grüße"],
  ["-", undefined],
  ["", undefined],
  ["GET", undefined],
  ["GET ", undefined],
  [" /a HTTP/1.1", undefined],
  [String.raw`\x16\x03\x01 x`, undefined],
  [`${"A".repeat(33)} /a HTTP/1.1`, undefined],
];

for (const [request, target] of requestCases) {
  test(`the target of "${request}" is ${target}`, () => {
    const line = `::1 - - ${time} "${request}" 400 0`;
    assert.equal(parse(line, { name: "common" })?.status, 400);
    assert.equal(parse(line, { name: "common" })?.target, target);
  });
}

test("fields that are unusual, and sound", () => {
  assert.equal(parseAround("2001:db8::7 - -")?.client, "2001:db8::7");
  assert.equal(parseAround("fe80::1%br0 - -")?.client, "fe80::1%br0");
  assert.equal(parseAround("host.example - Ann [the boss] Lee")?.client, "host.example");
  assert.equal(parseAround("h - -", '304 - "-" "-"')?.sizeBytes, 0);
  assert.equal(parseAround("h - -", '000 9007199254740 "-" "-"')?.sizeBytes, 9_007_199_254_740);
  assert.equal(parseAround("h - -", String.raw`200 7 "a \" b" "c\\"`)?.status, 200);
  assert.equal(parseAround("h - -", '200 7 "a"b" "c"')?.status, 200);
  assert.equal(parseAround("h - -", '200 7 "-" "-" more of it')?.status, 200);
});

test("a number behind the last field is a duration", () => {
  const seconds = (tail: string, durationDivisor = 1): number | undefined =>
    parse(`${common} "-" "-"${tail}`, { durationDivisor })?.durationSeconds;
  assert.equal(seconds(" 0.123"), 0.123);
  assert.equal(seconds(" 12 rest"), 12);
  assert.equal(seconds(" 1500", 1_000_000), 0.0015);
  for (const tail of ["", " ", " -", " 1.2.3", " .", " 1e5", " x", " 1234567890123456"]) {
    assert.equal(seconds(tail), Number.NaN, tail);
  }
  assert.equal(parse(`${common} 0.25`, { name: "common" })?.durationSeconds, 0.25);
});

const foreign = [
  "",
  " ",
  "-",
  common.replace("Oct", "Okt"),
  common.replace("10/", "32/"),
  common.replace("[", "").replace("]", ""),
  common.replace(" 200 ", " 20 "),
  common.replace(" 200 ", " 2000 "),
  common.replace(" 2326", ""),
  common.replace(" 2326", " 23x"),
  common.replace(" 2326", " -5"),
  common.replace("127.0.0.1", ""),
  common.replace(' "GET', " GET"),
  common.slice(0, -25),
];

for (const line of foreign) {
  test(`not a line of the format: ${line}`, () => {
    assert.equal(parse(line, { name: "common" }), undefined);
  });
}

test("never throws, never reads outside the line, and gives finite fields", () => {
  const piece = fc.oneof(
    fc.constantFrom(...common.split(" "), time, '"', " ", "\\", "[", "]", "-", "\0", " 200 5"),
    fc.string({ unit: "binary", maxLength: 8 }),
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((raw) => Buffer.from(raw)),
    fc.array(piece, { maxLength: 14 }).map((pieces) => Buffer.from(pieces.join(" "), "latin1")),
    fc
      .tuple(fc.nat(common.length), piece)
      .map(([at, text]) =>
        Buffer.from(`${common.slice(0, at)}${text}${common.slice(at)} "-" "-" 0.5`),
      ),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom("common", "combined"), (line, name) => {
      const alone = parse(line, { name });
      const surrounded = Buffer.concat([
        Buffer.from(`${common}" 200 5 `),
        line,
        Buffer.from(' "-" 7'),
      ]);
      const from = surrounded.length - line.length - 6;
      const entry = createLogEntry();
      const parser = createCombinedParser({ name, durationDivisor: 1 });
      const isSame = parser.parse(surrounded, from, from + line.length, entry);
      assert.deepEqual(isSame ? entry : undefined, alone);
      if (alone !== undefined) {
        assert.ok(Number.isSafeInteger(alone.timeMs) && Number.isSafeInteger(alone.sizeBytes));
        assert.ok(alone.status >= 0 && alone.status <= 999 && alone.client !== "");
      }
    }),
  );
});

test("times are read as they are written", () => {
  const instants = fc.integer({ min: 0, max: 253_402_300_799 });
  fc.assert(
    fc.property(instants, (second) => {
      assert.equal(parseLogTime(toLogTime(second * 1000)), second * 1000);
    }),
  );
  assert.equal(parseLogTime("01/Jan/2026:05:30:00 +0530"), Date.parse("2026-01-01T00:00:00Z"));
  assert.equal(parseLogTime("31/Dec/2016:23:59:60 +0000"), Date.parse("2017-01-01T00:00:00Z"));
});

function parseAround(head: string, tail = '200 7 "-" "-"'): LogEntry | undefined {
  return parse(`${head} ${time} "GET / HTTP/1.1" ${tail}`);
}

function parse(
  line: string | Buffer,
  { name = "combined", durationDivisor = 1 }: Partial<CombinedFormat> = {},
): LogEntry | undefined {
  const bytes = Buffer.from(line);
  const entry = createLogEntry();
  const parser = createCombinedParser({ name, durationDivisor });
  return parser.parse(bytes, 0, bytes.length, entry) ? entry : undefined;
}
