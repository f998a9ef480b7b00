import assert from "node:assert/strict";
import test from "node:test";
import { parseFormat } from "../format/parse-format.ts";
import { createLogScanner } from "./create-log-scanner.ts";
import { toPlain } from "./_count-slowly.ts";
import { requestsOf, type ScanResult, type ScanSpec } from "./log-scanner.ts";
import { mergeScanResults, scanResultFromBytes, scanResultToBytes } from "./scan-result.ts";

const { format } = parseFormat("combined");
assert.ok(format !== undefined);
const spec: ScanSpec = {
  format,
  groups: { rules: [{ match: "^/(?<group>[a-z]+)" }] },
  windowMs: 1000,
  patterns: [{ name: "ids", patterns: ["\\d+"] }],
  metrics: [{ name: "sizes", kind: "top", field: "bytes", labels: ["method"] }],
};

test("the parts of a log together give what the whole gives", () => {
  const lines = Array.from({ length: 300 }, (_, index) => toLine(index));
  const whole = scan(lines);
  const parts = [lines.slice(0, 100), lines.slice(100, 101), lines.slice(101)].map((part) =>
    scanResultFromBytes(scanResultToBytes(scan(part))),
  );
  const merged = parts.reduce(mergeScanResults);
  assert.deepEqual(toPlain(merged), toPlain(whole));
  assert.equal(merged.clients.count, whole.clients.count);
  assert.equal(requestsOf(merged), 297);
  assert.deepEqual(merged.patterns.get("ids")?.distinct.count, 297);
});

test("with nothing merged, nothing changes", () => {
  const some = scan([toLine(1), toLine(2), "rubbish"]);
  assert.deepEqual(toPlain(mergeScanResults(some, scan([]))), toPlain(some));
  assert.deepEqual(toPlain(mergeScanResults(scan([]), some)), toPlain(some));
});

test("a series never has more windows than its limit", () => {
  const { series } = scan(
    Array.from({ length: 300 }, (_, index) => toLine(index * 5)),
    { ...spec, limits: { windowsMax: 10 } },
  );
  assert.ok(series !== undefined && series.windows.size <= 10);
  assert.equal(series.windowMs, 256_000);
  const requests = [...series.windows.values()].map((window) => window.requests);
  assert.equal(
    requests.reduce((sum, count) => sum + count),
    300,
  );
});

test("bytes that are no result are refused", () => {
  const bytes = scanResultToBytes(scan([toLine(1)]));
  assert.throws(() => scanResultFromBytes(bytes.subarray(0, 30)), { name: "Corrupt" });
  assert.throws(() => scanResultFromBytes(Uint8Array.of(9, 9)), /version 9/);
});

function scan(lines: readonly string[], of: ScanSpec = spec): ScanResult {
  const scanner = createLogScanner(of);
  const bytes = new TextEncoder().encode(lines.map((line) => `${line}\n`).join(""));
  assert.equal(scanner.scan(bytes, 0, bytes.length), bytes.length);
  return scanner.result();
}

function toLine(index: number): string {
  if (index % 100 === 99) {
    return "not a line of this format";
  }
  const clock = new Date(index * 1000).toISOString().slice(11, 19);
  return `10.0.0.${index % 50} - - [10/Oct/2026:${clock} +0000] "GET /${index % 2 === 0 ? "shop" : "blog"}/${index} HTTP/1.1" ${index % 3 === 0 ? 200 : 404} ${index} "-" "curl/8"`;
}
