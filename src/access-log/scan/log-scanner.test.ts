import assert from "node:assert/strict";
import test from "node:test";
import { parseFormat } from "../format/parse-format.ts";
import { parseSourceFormat } from "../parse-source-format.ts";
import { anonymise } from "./anonymise.ts";
import { createLogScanner } from "./create-log-scanner.ts";
import type { LogScanner, ScanResult, ScanSpec } from "./log-scanner.ts";
import { parseWhere } from "./where.ts";

const line = '192.0.2.7 - ann [10/Oct/2026:13:55:36 +0000] "GET /a?b HTTP/1.1" 200 512';

test("a last line without an end is counted once the file has ended", () => {
  const scanner = createLogScanner(toSpec("common"));
  const bytes = Buffer.from(`${line}\n${line}`);
  const at = scanner.scan(bytes, 0, bytes.length);
  assert.equal(at, line.length + 1);
  assert.equal(scanner.result().lines.read, 1);
  scanner.scanRest(bytes, at, bytes.length);
  assert.equal(scanner.result().lines.parsed, 2);
  scanner.scanRest(bytes, bytes.length, bytes.length);
  assert.equal(scanner.result().lines.read, 2);
});

test("bytes that are no log are counted lines, and the last of them are kept", () => {
  const scanner = createLogScanner({ ...toSpec("common"), limits: { failuresMax: 2 } });
  const bytes = Buffer.from([0, 255, 10, 10, 34, 92, 10, 32, 9, 10, 13, 10]);
  assert.equal(scanner.scan(bytes, 0, bytes.length), bytes.length);
  const { lines, failures } = scanner.result();
  assert.equal(lines.read, 5);
  assert.equal(lines.unparsed.empty_line, 3);
  assert.equal(lines.unparsed.wrong_layout, 2);
  assert.deepEqual(
    failures.map(({ text }) => text),
    [" \t", ""],
  );
});

test("too long lines are not looked at", () => {
  const long = line.replace("/a?b", `/${"x".repeat(70_000)}`);
  const { lines } = scanAll(toSpec("common"), `${line}\n${long}\n${"y".repeat(70_000)}\n${line}\n`);
  assert.deepEqual([lines.read, lines.parsed, lines.tooLong], [4, 2, 2]);
});

test("lines that do not count open no window of the series", () => {
  const { condition } = parseWhere("status = 200");
  assert.ok(condition !== undefined);
  const limits = { windowsMax: 2 };
  const spec = { ...toSpec("common"), where: condition, windowMs: 1000, limits };
  const filtered = line.replace(" 200 ", " 500 ");
  const odd = filtered.replace("/a?b", "/\\x20");
  const seconds = [37, 38, 39, 40, 41].flatMap((second) =>
    [filtered, odd].map((each) => each.replace(":36", `:${second}`)),
  );
  const { series } = scanAll(spec, `${[line, ...seconds, line].join("\n")}\n`);
  assert.equal(series?.windowMs, 1000);
  assert.deepEqual(
    [...series.windows.values()].map(({ requests }) => requests),
    [2],
  );
});

test("a name of a common format means lines with and without a duration", () => {
  const found = parseSourceFormat("common", { durationUnit: "ms" });
  assert.ok(found.format !== undefined);
  const text = [...Array(250).fill(line), ...Array(250).fill(`${line} 250`), `${line} x y`];
  const { lines, groups } = scanAll({ ...found, groups: { rules: [] } }, `${text.join("\n")}\n`);
  assert.equal(lines.parsed, 501);
  const durations = groups.get("(ungrouped)")?.durations;
  assert.deepEqual([durations?.count, durations?.max], [250, 0.25]);
});

test("a W3C log is read by its header, also when that changes or comes from before", () => {
  const first = "#Fields: date time c-ip cs-method cs-uri-stem sc-status\n";
  const second = "#Fields: time sc-status c-ip\n#Date: 2026-11-21 00:00:00\n";
  const scanner = createLogScanner(toSpec("w3c"));
  feed(
    scanner,
    `${first}2026-11-20 10:00:00 10.0.0.1 GET /a 200\n${second}10:00:01 404 10.0.0.2\n`,
  );
  const { lines, groups, to } = scanner.result();
  assert.deepEqual([lines.comment, lines.parsed], [3, 2]);
  assert.deepEqual(
    [...(groups.get("(ungrouped)")?.statuses ?? [])],
    [
      [200, 1],
      [404, 1],
    ],
  );
  assert.equal(to, Date.UTC(2026, 10, 21, 10, 0, 1));
  const next = createLogScanner(toSpec("w3c"), structuredClone(scanner.header));
  feed(next, "10:00:02 500 10.0.0.3\n");
  assert.equal(next.result().lines.parsed, 1);
  const without = createLogScanner(toSpec("w3c"));
  feed(without, "10:00:02 500 10.0.0.3\n");
  assert.equal(without.result().lines.unparsed.no_header, 1);
});

test("a specification goes to a worker as it is", () => {
  const spec = structuredClone({
    ...toSpec("haproxy-http"),
    groups: { rules: [{ match: "^/(?P<group>a)" }], templates: true },
  });
  assert.equal(createLogScanner(spec).result().lines.read, 0);
});

test("clients are cut to their network", () => {
  const { tops, clients } = scanAll(
    { ...toSpec("common"), anonymise: true },
    `${line}\n${line.replace("192.0.2.7", "192.0.2.99")}\n`,
  );
  assert.deepEqual(tops.clients.entries(5), [{ key: "192.0.2.0", count: 2, error: 0 }]);
  assert.equal(clients.count, 1);
  const cases: readonly (readonly [string, string])[] = [
    ["2001:db8:1:2::9", "2001:db8:1::"],
    ["2001:db8::9", "2001:db8::"],
    ["2001:DB8:1:2:3:4:5:6", "2001:db8:1::"],
    ["::1", "::"],
    ["fe80::1%eth0", "fe80::"],
    ["::ffff:192.0.2.7", "::ffff:192.0.2.0"],
    ["ann.example", "(anonymised)"],
  ];
  for (const [client, network] of cases) {
    assert.equal(anonymise(client), network);
  }
});

test("what the configuration should have refused is an error", () => {
  const spec = toSpec("common");
  assert.throws(() => createLogScanner({ ...spec, timeZone: "Mars/Base" }), /time zone Mars/);
  assert.throws(
    () => createLogScanner({ ...spec, groups: { rules: [{ match: "(" }] } }),
    RangeError,
  );
});

function toSpec(text: string): ScanSpec {
  const { format, problem } = parseFormat(text);
  assert.ok(format !== undefined, problem);
  return { format, groups: { rules: [] } };
}

function scanAll(spec: ScanSpec, text: string): ScanResult {
  const scanner = createLogScanner(spec);
  feed(scanner, text);
  return scanner.result();
}

function feed(scanner: LogScanner, text: string): void {
  const bytes = Buffer.from(text, "latin1");
  assert.equal(scanner.scan(bytes, 0, bytes.length), bytes.length);
}
