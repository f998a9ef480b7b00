import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { createLogGenerator } from "../log-generator.ts";
import { failureReasons } from "../format/line-format.ts";
import { createScannerShelf } from "./scanner-shelf.ts";
import { LineFeeder } from "./line-feeder.ts";
import { exampleReport } from "./_example-report.ts";
import { toReport } from "./to-report.ts";

const count = z.int().nonnegative();
const counts = z.record(z.string(), count);
const seconds = z.number().nonnegative().nullable();
const durations = z.looseObject({
  count,
  sum: z.number(),
  p50: seconds,
  p90: seconds,
  p99: seconds,
  max: seconds,
});
const keys = z.array(z.strictObject({ key: z.string(), count, error: count }));
const group = {
  requests: count,
  status: counts,
  bytes: count,
  duration: durations,
  upstreamDuration: durations,
};

/** What programs may rely on; keys may be added, and are then added here. */
const reportSchema = z.strictObject({
  lines: z.strictObject({
    read: count,
    parsed: count,
    filtered: count,
    skipped: count,
    ungrouped: count,
    comment: count,
    unparsed: count,
    tooLong: count,
  }),
  unparsed: z.partialRecord(z.enum(failureReasons), count),
  from: z.iso.datetime().nullable(),
  to: z.iso.datetime().nullable(),
  ...group,
  slow: z.strictObject({ threshold: z.number(), requests: count }).nullable(),
  clients: count,
  groups: z.array(z.strictObject({ group: z.string(), ...group, slow: count })),
  top: z.strictObject({
    targets: keys,
    clients: keys,
    users: keys,
    referrers: keys,
    agents: keys,
    bots: keys,
    hosts: keys,
  }),
  termination: counts,
  cache: counts,
  tlsVersions: counts,
  retries: count,
  series: z
    .strictObject({
      windowSeconds: z.number(),
      windows: z.array(
        z.strictObject({
          at: z.iso.datetime(),
          requests: count,
          bytes: count,
          status: counts,
          p50: seconds,
          p99: seconds,
        }),
      ),
    })
    .nullable(),
  files: z.array(
    z.strictObject({
      file: z.string(),
      sizeBytes: count.nullable(),
      format: z.string().nullable(),
      lines: count,
      unparsed: count,
      problem: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    }),
  ),
  failures: z
    .array(z.strictObject({ file: z.string(), reason: z.enum(failureReasons), text: z.string() }))
    .optional(),
});

function sumOf(numbers: Iterable<number>): number {
  return [...numbers].reduce((sum, number) => sum + number, 0);
}

function scan(lines: readonly string[], where?: string): ReturnType<typeof toReport> {
  const shelf = createScannerShelf({
    spec: { groups: { rules: [], templates: true }, slowSeconds: 0.1, windowMs: 1000 },
    formatOptions: {},
    isFormatGiven: true,
    ...(where !== undefined && { until: Date.parse(where) }),
  });
  const { scanner } = shelf.take("combined");
  assert.ok(scanner);
  const feeder = new LineFeeder(scanner, 65_536);
  feeder.add(Buffer.from(lines.join("\n")));
  feeder.end();
  return toReport(
    { result: scanner.result(), files: [], failures: [] },
    { topMax: 5, quantiles: [0.999, 0.5], slowSeconds: 0.1, hasFailures: false },
  );
}

const startMs = Date.UTC(2026, 9, 10);
const lines = createLogGenerator({ seed: 3, startMs }).linesFor(startMs, startMs + 60_000);

test("a report has the shape that is promised, and survives JSON", () => {
  for (const report of [exampleReport, scan(lines), scan([])]) {
    const parsed = reportSchema.parse(JSON.parse(JSON.stringify(report)));
    assert.deepEqual(parsed, JSON.parse(JSON.stringify(report)));
  }
});

test("lines, groups, statuses and windows add up", () => {
  const report = scan(lines, "2026-10-10T00:00:45Z");
  const { read, ...others } = report.lines;
  assert.equal(read, lines.length);
  assert.equal(sumOf(Object.values(others)), read);
  assert.ok(others.filtered > 0 && others.unparsed > 0 && others.ungrouped > 0);
  assert.equal(sumOf(Object.values(report.unparsed)), others.unparsed);
  assert.equal(report.requests, others.parsed + others.ungrouped);
  assert.equal(sumOf(Object.values(report.status)), report.requests);
  assert.equal(sumOf(report.groups.map(({ requests }) => requests)), report.requests);
  assert.equal(sumOf(report.groups.map(({ bytes }) => bytes)), report.bytes);
  const windows = report.series?.windows ?? [];
  assert.equal(sumOf(windows.map(({ requests }) => requests)), report.requests);
  assert.equal(report.to, "2026-10-10T00:00:44.000Z");
});

test("quantiles that are asked for are there besides the usual ones", () => {
  const { duration } = scan(lines);
  assert.deepEqual(Object.keys(duration), ["count", "sum", "p50", "p90", "p99", "p99.9", "max"]);
  assert.ok((duration["p99.9"] ?? 0) >= (duration.p99 ?? Infinity));
});

test("a report of nothing has no instants, durations or series", () => {
  const report = scan([]);
  assert.deepEqual(
    [report.from, report.to, report.duration.p50, report.series, report.requests],
    [null, null, null, null, 0],
  );
});
