import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { type FakeWorld, createWorld } from "../../test/world.ts";
import { type Batch, ownSource } from "../core/batch.ts";
import type { OpenOutput } from "../core/component.ts";
import { Distinct } from "../core/distinct.ts";
import { Distribution, valuesMaxCoarse } from "../core/distribution.ts";
import { type Sample, count } from "../core/sample.ts";
import { elfstatsReport } from "./elfstats-report.ts";

const never = new AbortController().signal;
const startMs = Date.parse("2026-03-01T10:00:00Z");

function batchAt(second: number, samples: readonly Sample[] = [], changes: object = {}): Batch {
  const from = startMs + second * 1000;
  const marks = { more: false, partial: false, backfill: false };
  const window = { from, to: from + 1000, seq: second + 1 };
  const head = { source: "shop", service: "", ...window };
  return { ...head, samples, tops: [], events: [], ...marks, ...changes };
}

/** Calls of one group that took so many milliseconds. */
function calls(group: string, durationsMs: readonly number[], status = "200"): Sample[] {
  const value = new Distribution({ valuesMax: valuesMaxCoarse });
  durationsMs.forEach((ms) => value.add(ms / 1000));
  const labels = { group };
  return [
    count("http_requests_total", durationsMs.length, { group, status }),
    { kind: "distribution", name: "http_request_duration_seconds", labels, value },
  ];
}

function matches(pattern: string, total: number, ...texts: readonly string[]): Sample[] {
  const value = new Distinct();
  texts.forEach((text) => value.add(text));
  return [
    count("log_matches_total", total, { pattern }),
    { kind: "distinct", name: "log_matches_distinct", labels: { pattern }, value },
  ];
}

const path = "/report";

function open(world: FakeWorld, given: object = {}, state?: Uint8Array): Promise<OpenOutput> {
  const rest = { reports: { shop: path }, interval: "10s", timezone: "utc" };
  const options = elfstatsReport.options.parse({ ...rest, ...given });
  return elfstatsReport.open(options, world.context({ state }));
}

const end = batchAt(9);

/** The report about the first round, by sections. */
async function reportOf(samples: readonly Sample[], given: object = {}): Promise<Sections> {
  const world = createWorld();
  await using output = await open(world, given);
  await output.write([batchAt(0, samples), end], never);
  return toSections(world.disk.text(path));
}

type Sections = Readonly<Record<string, Readonly<Record<string, string>>>>;

function toSections(text = ""): Sections {
  const sections = text.split("\n\n").filter((section) => section !== "");
  return Object.fromEntries(
    sections.map((section) => {
      const [name = "", ...lines] = section.split("\n");
      const pairs = lines.map((line) => line.split(" = ", 2)).map(([key, value]) => [key, value]);
      return [name.slice(1, -1), Object.fromEntries(pairs)];
    }),
  );
}

suite("percentiles", () => {
  const cases: readonly (readonly [readonly number[], Readonly<Record<string, string>>])[] = [
    [[1, 2], { p50: "2", p90: "2" }],
    [[1, 1, 3, 2000], { p50: "2", p90: "1401", p99: "1940", average: "501" }],
    [[10, 20, 30, 40], { p25: "18", p33: "20", p75: "33" }],
  ];
  for (const [durations, expected] of cases) {
    test(`of ${durations.join(", ")}`, async () => {
      const report = await reportOf(calls("a/b", durations), {
        percentiles: [99, 25, 33, 50, 75, 90, 25],
      });
      assert.partialDeepStrictEqual(report["method_a_b"], expected);
      const keys = Object.keys(report["method_a_b"] ?? {}).filter((key) => key.startsWith("p"));
      assert.deepEqual(keys, ["p25", "p33", "p50", "p75", "p90", "p99"]);
    });
  }

  test("lie between the two ranks around them", async () => {
    const durations = fc.array(fc.nat(5000), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(durations, fc.nat(100), async (list, percent) => {
        const report = await reportOf(calls("a/b", list), { percentiles: [percent], zeros: "0" });
        const sorted = list.toSorted((a, b) => a - b);
        const k = ((sorted.length - 1) * percent) / 100;
        const [low = 0, high = 0] = [sorted[Math.floor(k)], sorted[Math.ceil(k)]];
        const value = Number(report["method_a_b"]?.[`p${percent}`]);
        assert.ok(Math.abs(value - (low + (high - low) * (k % 1))) <= 0.5 + 1e-9);
      }),
      { numRuns: 50 },
    );
  });
});

test("zeros are U, or zeros; a call of no milliseconds is a call all the same", async () => {
  for (const zeros of ["U", "0"]) {
    const report = await reportOf(calls("a/b", [0]), { zeros, percentiles: [50] });
    assert.deepEqual(report["method_a_b"], {
      calls: "1",
      stalled_calls: zeros,
      shortest: zeros,
      longest: zeros,
      average: zeros,
      p50: zeros,
      rc200: "1",
    });
    assert.deepEqual(report["records"], { error: zeros, parsed: "1", skipped: zeros, total: "1" });
  }
});

test("only calls that are longer than the limit are stalled", async () => {
  const report = await reportOf(calls("a/b", [99, 100, 101, 100.4, 100.5]), { stalled: "100ms" });
  assert.equal(report["method_a_b"]?.["stalled_calls"], "2");
});

test("names are joined, cleaned and, where two become one, added up; case stays", async () => {
  const samples = [
    ...calls("x.y/Get", [1]),
    ...calls("xy/Get", [3], "404"),
    ...calls("a/b/c", [1]),
    ...calls("alone", [1]),
    ...calls("(other)", [1]),
  ];
  const report = await reportOf(samples, { deleted: "[.-]", codes: [] });
  assert.deepEqual(
    Object.keys(report).filter((name) => name.startsWith("method")),
    ["method_a_b/c", "method_nogroup_alone", "method_other_groups", "method_xy_Get"],
  );
  assert.partialDeepStrictEqual(report["method_xy_Get"], { calls: "2", rc200: "1", rc404: "1" });
});

test("what has no group or no status is an error, and in no other total", async () => {
  const samples = [
    ...calls("a/b", [1]),
    ...calls("a/b", [1], "none"),
    ...calls("(ungrouped)", [1], "500"),
    count("log_lines_total", 7, { outcome: "parsed" }),
    count("log_lines_total", 2, { outcome: "unparsed" }),
    count("log_lines_total", 1, { outcome: "too_long" }),
    count("log_lines_total", 3, { outcome: "skipped" }),
    count("log_lines_total", 4, { outcome: "filtered" }),
    count("log_lines_total", 1, { outcome: "ungrouped" }),
  ];
  const report = await reportOf(samples);
  assert.deepEqual(report["records"], { error: "5", parsed: "1", skipped: "3", total: "9" });
  assert.deepEqual(report["response_codes"], { rc200: "1", rc404: "U", rc500: "U" });
  const strict = await reportOf(samples, { filtered: "error" });
  assert.deepEqual(strict["records"], { error: "9", parsed: "1", skipped: "3", total: "13" });
});

test("groups and codes stay once they were seen, patterns are in the order of what matched", async () => {
  const world = createWorld();
  await using output = await open(world, { codes: [200], percentiles: [50] });
  const first = [...calls("a/b", [5], "301"), ...matches("never", 0), ...matches("Uid", 2, "x")];
  const second = [...matches("never", 0), ...matches("Uid", 0), ...matches("b", 1, "y")];
  await output.write([batchAt(0, first), end], never);
  assert.deepEqual(Object.entries(toSections(world.disk.text(path))["patterns"] ?? {}), [
    ["uid.total", "2"],
    ["uid.distinct", "1"],
    ["never.total", "U"],
    ["never.distinct", "U"],
  ]);
  await output.write([batchAt(10, second), batchAt(19)], never);
  assert.equal(
    world.disk.text(path),
    `[method_a_b]
calls = U
stalled_calls = U
shortest = U
longest = U
average = U
p50 = U
rc301 = U

[metadata]
daemon_invoked = 2026-03-01 10:00:20
daemon_version = v1.18.8
daemon_worked = 0.0 sec

[patterns]
b.total = 1
b.distinct = 1
never.total = U
never.distinct = U
uid.total = U
uid.distinct = U

[records]
error = U
parsed = U
skipped = U
total = U

[response_codes]
rc200 = U
rc301 = U

`,
  );
});

test("the seconds of the first and the last call are told, in the zone that is asked for", async () => {
  const world = createWorld();
  await using output = await open(world, { timezone: "Europe/Madrid" });
  await output.write([batchAt(2, calls("a/b", [1])), batchAt(7, calls("a/b", [1])), end], never);
  assert.partialDeepStrictEqual(toSections(world.disk.text(path))["metadata"], {
    daemon_invoked: "2026-03-01 11:00:10",
    first_record: "2026-03-01 11:00:02",
    last_record: "2026-03-01 11:00:07",
  });
});

test("a log that has fallen silent gets a report without numbers, by the clock", async () => {
  const world = createWorld();
  await using output = await open(world);
  const tick = (second: number): Batch => batchAt(second - 1, [], { source: ownSource });
  await output.write([batchAt(0, calls("a/b", [1])), tick(11), tick(39)], never);
  assert.equal(world.disk.text(path), undefined);
  await output.write([tick(40)], never);
  assert.equal(toSections(world.disk.text(path))["method_a_b"]?.["calls"], "1");
  await output.write([tick(50)], never);
  assert.equal(toSections(world.disk.text(path))["method_a_b"]?.["calls"], "U");
});

test("what comes late counts in the round that is open", async () => {
  const world = createWorld();
  await using output = await open(world);
  const late = batchAt(3, calls("a/b", [1, 1]), { seq: 11 });
  await output.write([batchAt(0, calls("a/b", [1])), end, late, batchAt(19)], never);
  assert.equal(toSections(world.disk.text(path))["method_a_b"]?.["calls"], "2");
});

test("several logs have their own reports", async () => {
  const world = createWorld();
  await using output = await open(world, { reports: { shop: path, blog: "/other" } });
  const blog = { source: "blog" };
  const unknown = { source: "unknown" };
  const batches = [
    batchAt(0, calls("a/b", [1])),
    batchAt(0, calls("c/d", [1]), blog),
    batchAt(0, calls("e/f", [1]), unknown),
    end,
    batchAt(9, [], blog),
  ];
  await output.write(batches, never);
  const names = [path, "/other"].map((each) => Object.keys(toSections(world.disk.text(each)))[0]);
  assert.deepEqual(names, ["method_a_b", "method_c_d"]);
  assert.deepEqual(Object.keys(world.disk.texts()), [path, "/other"]);
});

test("a report that cannot be written is written the next time, and nothing counts twice", async () => {
  const world = createWorld();
  world.disk.makeFolder(path);
  await using output = await open(world);
  const batches = [batchAt(0, calls("a/b", [1, 2])), end];
  await assert.rejects(output.write(batches, never), /EISDIR/);
  world.disk.remove(path);
  await output.write(batches, never);
  assert.equal(toSections(world.disk.text(path))["method_a_b"]?.["calls"], "2");
  await output.write([batchAt(19)], never);
  assert.equal(toSections(world.disk.text(path))["method_a_b"]?.["calls"], "U");
});

test("a restart in the middle of a round changes nothing", async () => {
  const world = createWorld();
  const samples = [...calls("a/b", [1, 9]), ...matches("uid", 2, "x", "y")];
  let state: Uint8Array | undefined;
  for (const batch of [batchAt(0, samples), batchAt(4, samples), end]) {
    await using output = await open(world, {}, state);
    await output.write([batch], never);
    state = output.state?.();
  }
  const sections = toSections(world.disk.text(path));
  assert.partialDeepStrictEqual(sections["method_a_b"], { calls: "4", average: "5", p90: "9" });
  assert.deepEqual(sections["patterns"], { "uid.total": "4", "uid.distinct": "2" });
});

test("a source that does not keep what is needed is said to", async () => {
  const world = createWorld();
  await using output = await open(world);
  const coarse = new Distribution({ valuesMax: 1 });
  [0.001, 0.002].forEach((seconds) => coarse.add(seconds));
  const labels = { group: "a/b" };
  const name = "http_request_duration_seconds";
  const sample: Sample = { kind: "distribution", name, labels, value: coarse };
  await output.write([batchAt(0, [sample]), end], never);
  assert.match(world.reports.at(-1) ?? "", /source shop did not keep every duration/);
  await output.write([batchAt(19)], never);
  assert.equal(world.reports.at(-1), undefined);
});
