import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { numberColumns, numberIndexOf, rowStride } from "./columns.ts";
import { parseStats, type Stats } from "./parse-stats.ts";

const header =
  "# pxname,svname,scur,stot,status,type,lastchg,check_status,last_chk,-,h2_streams,\n";
const dump = `${header}web,FRONTEND,4,1042,OPEN,0,,,,-,7,
app,a,4,1040,UP,2,12,L7OK,"said ""<b>fine</b>"", twice",-,,
app,BACKEND,4,1042,UP,1,3600,,,-,,
`;

test("columns are found by name, wherever they stand, and unknown ones do not matter", () => {
  const lines = dump
    .trimEnd()
    .split("\n")
    .map((line) => line.slice(0, -1));
  const moved = lines.map((line, i) => {
    const [first = "", ...rest] = splitPlain(line);
    return [first, i === 0 ? "from_the_future" : "x", ...rest.toReversed(), ""].join(",");
  });
  assert.deepEqual(parse(`${moved.join("\n")}\n`), parse(dump));
});

test("a row is what its columns say", () => {
  const { rows, numbers, refused } = parse(dump);
  assert.equal(refused, 0);
  assert.deepEqual(rows[1], {
    key: "server app/a",
    kind: "server",
    proxy: "app",
    server: "a",
    status: "UP",
    checkStatus: "L7OK",
    checkText: 'said "<b>fine</b>", twice',
    labels: { proxy: "app", kind: "server", server: "a" },
  });
  assert.equal(numbers.length, 3 * rowStride);
  assert.equal(numbers[rowStride + numberIndexOf("lastchg")], 12);
  assert.ok(Number.isNaN(numbers[numberIndexOf("lastchg")]), "empty is not 0");
  assert.ok(Number.isNaN(numbers[numberIndexOf("qcur")]), "missing is not 0");
});

test("what is no complete dump is refused with its reason", () => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ["", /empty/],
    [" \n\n", /empty/],
    ["<!DOCTYPE html><title>Log in</title>", /web page instead of statistics/],
    ["Permission denied\n", /no statistics of HAProxy: "Permission denied"/],
    [dump.slice(0, -1), /end in the middle/],
    [dump.slice(0, dump.indexOf("1040")), /end in the middle/],
    [dump.replace("scur", "xcur"), /no column scur/],
    [`${header}web,FRONTEND,4,`, /end in the middle/],
  ];
  for (const [text, reason] of refused) {
    assert.throws(() => parse(text), reason, JSON.stringify(text.slice(0, 30)));
  }
  assert.throws(() => parseStats(dump, { isWanted: () => true, end: "\n\n" }), /in the middle/);
});

test("a row that makes no sense is refused and counted, the others stay", () => {
  const bad = [
    "app,b,many,0,UP,2,,,,-,,",
    "app,b,-4,0,UP,2,,,,-,,",
    "app,b,1e3,0,UP,2,,,,-,,",
    "app,b,0x10,0,UP,2,,,,-,,",
    "app,,0,0,UP,2,,,,-,,",
    "app,b,0,0,,2,,,,-,,",
    "app,b,0,0,UP,9,,,,-,,",
    "app,b,0,0,UP,,,,,-,,",
    "app,b,0,0,UP,2,,,,-,",
    "app,b,0,0,UP,2,,,,-,,,,",
    `${"x".repeat(600)},b,0,0,UP,2,,,,-,,`,
    "app,a,0,0,UP,2,,,,-,,",
    'app,b,0,0,UP,2,,,"never closed,-,,',
  ];
  for (const line of bad) {
    const { rows, refused } = parse(`${dump}${line}\n`);
    assert.deepEqual([rows.length, refused], [3, 1], line);
  }
  assert.throws(() => parse(`${header}${bad[0]}\n`), /1 of 1 rows/);
});

test("rows of proxies that are not wanted are left out", () => {
  const { rows } = parseStats(dump, { isWanted: (proxy) => proxy !== "app", end: "\n" });
  assert.deepEqual(
    rows.map(({ proxy }) => proxy),
    ["web"],
  );
});

test("any names and numbers come back as they were written", () => {
  const name = fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" });
  const cell = fc.option(fc.nat(), { nil: undefined });
  const line = fc.record({ proxy: name, server: name, check: fc.string(), scur: cell, stot: cell });
  fc.assert(
    fc.property(
      fc.uniqueArray(line, { selector: (row) => `${row.proxy}\0${row.server}` }),
      (all) => {
        const lines = all.map(({ proxy, server, check, scur = "", stot = "" }) =>
          [
            quote(proxy),
            quote(server),
            scur,
            stot,
            "UP",
            2,
            "",
            "",
            quote(check),
            "-",
            "",
            "",
          ].join(),
        );
        const { rows, numbers, refused } = parse(
          `${header}${lines.map((one) => `${one}\n`).join("")}`,
        );
        // Names that make one text of two are one row to us.
        const keys = new Set(all.map(({ proxy, server }) => `${proxy}/${server}`));
        assert.equal(rows.length, keys.size);
        assert.equal(refused, all.length - keys.size);
        if (refused === 0) {
          for (const [i, { proxy, server, check, scur = NaN, stot = NaN }] of all.entries()) {
            const row = rows[i];
            assert.deepEqual([row?.proxy, row?.server, row?.checkText], [proxy, server, check]);
            assert.equal(numbers[i * rowStride + numberIndexOf("scur")], scur);
            assert.equal(numbers[i * rowStride + numberIndexOf("stot")], stot);
          }
        }
      },
    ),
  );
});

test("a mangled dump is either refused or makes rows of whole numbers", () => {
  const edit = fc.record({ at: fc.nat(dump.length), drop: fc.nat(20), put: fc.string() });
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 5 }), (edits) => {
      const text = edits.reduce(
        (all, { at, drop, put }) => all.slice(0, at) + put + all.slice(at + drop),
        dump,
      );
      let stats: Stats;
      try {
        stats = parse(text);
      } catch (error) {
        assert.ok(error instanceof Error && error.message !== "");
        return;
      }
      assert.equal(stats.numbers.length, stats.rows.length * numberColumns.length);
      assert.ok(stats.numbers.every((value) => Number.isNaN(value) || Number.isSafeInteger(value)));
      assert.equal(new Set(stats.rows.map(({ key }) => key)).size, stats.rows.length);
    }),
    { numRuns: 500 },
  );
});

function parse(text: string): Stats {
  return parseStats(text, { isWanted: () => true, end: "\n" });
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}

/** Fields of a line, quotes kept, for lines whose quoted fields hold no doubled quote and comma in a row. */
function splitPlain(line: string): string[] {
  return [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .map(([, field = ""]) => field)
    .slice(0, 11);
}
