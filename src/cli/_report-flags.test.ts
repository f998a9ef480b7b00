import assert from "node:assert/strict";
import { test } from "node:test";
import { parseInstant } from "./_parse-instant.ts";
import { readReportFlags } from "./_report-flags.ts";
import { toProgressText } from "./_report-progress.ts";

const now = Date.UTC(2026, 9, 10, 12);

function read(flags: Record<string, unknown>, args: string[] = ["a.log"]) {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a repeated flag is a list
  const given = { args, flags: flags as Record<string, string> };
  return readReportFlags(given, { source: undefined, now });
}

test("instants are absolute, local to a zone, or ago", () => {
  const berlin = { now, timeZone: "Europe/Berlin" };
  assert.equal(parseInstant("2h", berlin), now - 7_200_000);
  assert.equal(parseInstant("2026-10-10", berlin), Date.UTC(2026, 9, 9, 22));
  assert.equal(parseInstant("2026-10-10 13:55", berlin), Date.UTC(2026, 9, 10, 11, 55));
  assert.equal(parseInstant("2026-10-10T13:55:36Z", berlin), Date.UTC(2026, 9, 10, 13, 55, 36));
  for (const text of ["2026-13-01", "2026-00-01", "2026-02-31"]) {
    assert.equal(parseInstant(text, berlin), undefined, text);
  }
  assert.equal(
    parseInstant("2026-10-10T13:55:36+02:00", berlin),
    Date.UTC(2026, 9, 10, 11, 55, 36),
  );
  for (const text of ["", "yesterday", "2026-02-31", "2026-10-10 25:00", "10"]) {
    assert.equal(parseInstant(text, berlin), undefined, text);
  }
});

test("without flags, paths are grouped by their template and the format is told from the lines", () => {
  const { request, format, output, topMax, quantiles } = read({});
  assert.deepEqual(request.spec.groups, { rules: [], templates: true });
  assert.deepEqual([format, output, topMax], [undefined, "text", 10]);
  assert.deepEqual(quantiles, [0.5, 0.9, 0.99]);
});

test("flags say what is counted", () => {
  const { request, quantiles, format } = read({
    group: ["^/api/(?<group>\\w+)", "^/static/"],
    slow: "500ms",
    quantiles: "p99.9,0.5,95%",
    where: "status >= 500",
    format: "combined",
    since: "1h",
    anonymise: true,
  });
  const { spec } = request;
  assert.deepEqual(spec.groups, {
    rules: [{ match: "^/api/(?<group>\\w+)" }, { match: "^/static/", group: "^/static/" }],
    templates: false,
  });
  assert.equal(spec.slowSeconds, 0.5);
  assert.equal(spec.anonymise, true);
  assert.deepEqual(spec.where, { kind: "number", field: "status", operator: ">=", value: 500 });
  assert.deepEqual(quantiles, [0.5, 0.95, 0.999]);
  assert.deepEqual([format, request.since], ["combined", now - 3_600_000]);
  assert.deepEqual(read({ groupBy: "none" }).request.spec.groups, { rules: [], templates: false });
});

test("what is wrong is named with the flag and what would be right", () => {
  const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [{ json: true, csv: true }, /one of --json and --csv/],
    [{ since: "soon" }, /--since: soon is no instant; write 2026-10-10/],
    [{ since: "1h", until: "2h" }, /--until has to be later/],
    [{ where: "status >" }, /--where, column 9: /],
    [{ slow: "5" }, /--slow: 5 is no duration; write 500ms/],
    [{ top: "0" }, /--top: write a whole number/],
    [{ quantiles: "2" }, /--quantiles: 2 is no list/],
    [{ groupBy: "path2" }, /--group-by: write path or none/],
    [{ group: ["(a"] }, /--group: \(a is not a regular expression/],
    [{ group: ["a"], groupBy: "none" }, /one of --group and --group-by none/],
    [{ format: "%>s %Q" }, /--format: .*%Q/],
    [{ timeZone: "Mars/Olympus" }, /--time-zone: there is no zone/],
  ];
  for (const [flags, message] of cases) {
    assert.throws(() => read(flags), { name: "UserError", code: "USAGE", message });
  }
  assert.throws(() => read({ group: ["a"] }, []), /name at least one file/);
});

test("progress has a rate and the time that is left where the size is known", () => {
  const half = toProgressText({ bytes: 2 ** 30, totalBytes: 2 ** 31 }, 4000);
  assert.equal(
    half,
    `${"█".repeat(12)}${" ".repeat(12)}  50%  1 GiB of 2 GiB, 256 MiB/s, 4 s left`,
  );
  assert.equal(toProgressText({ bytes: 2 ** 20, totalBytes: undefined }, 1000), "1 MiB, 1 MiB/s");
});
