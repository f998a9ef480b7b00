import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { createLogGenerator } from "../log-generator.ts";
import { createScannerShelf } from "./scanner-shelf.ts";
import { type ReadAt, scanRange } from "./scan-range.ts";
import { createRecordingSink } from "./_recording-sink.ts";
import { mergeScanResults } from "../scan/scan-result.ts";
import type { ScanResult } from "../scan/log-scanner.ts";
import { toReport } from "./to-report.ts";

function onBytes(): void {}

function readFrom(bytes: Uint8Array): ReadAt {
  return (into, position) => {
    const piece = bytes.subarray(position, position + into.length);
    into.set(piece);
    return piece.length;
  };
}

/** From 0 over the cuts to the end, each a range. */
function toRanges(size: number, cuts: readonly number[]): { from: number; to: number }[] {
  const bounds = [0, ...cuts.map((cut) => cut % (size + 1)).toSorted((a, b) => a - b), size];
  return bounds.slice(1).map((to, at) => ({ from: bounds[at] ?? 0, to }));
}

test("every line is in exactly one range, wherever the cuts are", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n", "\n"), maxLength: 100 });
  fc.assert(
    fc.property(text, fc.array(fc.nat(200), { maxLength: 8 }), (log, cuts) => {
      const bytes = Buffer.from(log);
      const sink = createRecordingSink(6);
      const whole = createRecordingSink(6);
      let told = 0;
      for (const range of toRanges(bytes.length, cuts)) {
        const tell = (count: number): void => void (told += count);
        scanRange({ readAt: readFrom(bytes), range, sink, lineBytesMax: 6, onBytes: tell });
      }
      const range = { from: 0, to: bytes.length };
      scanRange({ readAt: readFrom(bytes), range, sink: whole, lineBytesMax: 6, onBytes });
      assert.deepEqual(sink.lines, whole.lines);
      assert.equal(whole.lines.length, log.split("\n").length - (/(?:^|\n)$/.test(log) ? 1 : 0));
      assert.equal(told, bytes.length, "progress adds up to the file");
    }),
    { numRuns: 1000 },
  );
});

function toText(result: ScanResult): string {
  return JSON.stringify(
    toReport(
      { result, files: [], failures: [] },
      { topMax: 1000, quantiles: [0.95], slowSeconds: 0.1, hasFailures: true },
    ),
  );
}

test("any ranges together report what one scan does", () => {
  const startMs = Date.UTC(2026, 9, 10);
  const lines = createLogGenerator({ seed: 7, startMs }).linesFor(startMs, startMs + 60_000);
  const bytes = Buffer.from(lines.join("\n"));
  const format = 'apache: %h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i" %{s}T';
  const shelf = createScannerShelf({
    spec: { groups: { rules: [], templates: true }, slowSeconds: 0.1, windowMs: 1000 },
    formatOptions: {},
    isFormatGiven: true,
    until: startMs + 50_000,
  });
  const scan = (ranges: readonly { from: number; to: number }[]): ScanResult => {
    const results = ranges.map((range) => {
      const { scanner } = shelf.take(format);
      assert.ok(scanner);
      scanRange({ readAt: readFrom(bytes), range, sink: scanner, lineBytesMax: 65_536, onBytes });
      return scanner.result();
    });
    return results.reduce(mergeScanResults);
  };
  const whole = scan(toRanges(bytes.length, []));
  assert.equal(whole.lines.read, lines.length);
  assert.ok(whole.lines.filtered > 0 && whole.lines.parsed > whole.lines.filtered);
  fc.assert(
    fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 12 }), (cuts) => {
      assert.equal(toText(scan(toRanges(bytes.length, cuts))), toText(whole));
    }),
    { numRuns: 15 },
  );
});

test("a file that became shorter is said to be", () => {
  const sink = createRecordingSink(100);
  const readAt = readFrom(Buffer.from("one\ntwo"));
  assert.equal(
    scanRange({ readAt, range: { from: 0, to: 50 }, sink, lineBytesMax: 100, onBytes }),
    false,
  );
  assert.deepEqual(sink.lines, ["one", "two"]);
});

test("a last line that has grown in the meantime is read to its end", () => {
  const sink = createRecordingSink(100);
  const readAt = readFrom(Buffer.from("one\ntwo and more\nthree\n"));
  assert.ok(scanRange({ readAt, range: { from: 0, to: 7 }, sink, lineBytesMax: 100, onBytes }));
  assert.deepEqual(sink.lines, ["one", "two and more"]);
});
