import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import {
  dropWindows,
  isOverdue,
  isolatedRows,
  mergeSpans,
  nearestRow,
  rangeMinMs,
  rangeMs,
  stack,
  takeWindow,
  toColumns,
  toLiveRange,
  toRateColumns,
  toRate,
  windowsMax,
  type Window,
} from "./series.ts";

const same = (bounds: Window): Window => bounds;

function tenSeconds(...ends: readonly number[]): Window[] {
  return ends.map((end) => ({ from: (end - 10) * 1000, to: end * 1000 }));
}

function second(end: number): Window {
  return { from: (end - 1) * 1000, to: end * 1000 };
}

suite("series", () => {
  test("windows stay in order however they come, and none is held twice", () => {
    const bounds = fc.integer({ min: 1, max: 50 });
    fc.assert(
      fc.property(fc.array(bounds), (ends) => {
        const windows: Window[] = [];
        for (const window of tenSeconds(...ends)) {
          takeWindow(windows, window, same);
        }
        const expected = [...new Set(ends)].toSorted((a, b) => a - b);
        assert.deepEqual(windows, tenSeconds(...expected));
      }),
    );
  });

  test("a full list drops its oldest window, and takes none that is older still", () => {
    const windows: Window[] = [];
    for (let end = 1; end <= windowsMax; end++) {
      takeWindow(windows, { from: end - 1, to: end }, same);
    }
    assert.equal(takeWindow(windows, { from: -1, to: 0 }, same), undefined);
    takeWindow(windows, { from: windowsMax, to: windowsMax + 1 }, same);
    assert.equal(windows.length, windowsMax);
    assert.equal(windows[0]?.to, 2);
  });

  test("dropping removes what ended by then", () => {
    const windows = tenSeconds(10, 20, 30);
    dropWindows(windows, 20_000);
    assert.deepEqual(windows, tenSeconds(30));
    dropWindows(windows, 30_000);
    assert.deepEqual(windows, []);
  });

  test("a rate is divided by the window's own length", () => {
    assert.equal(toRate(30, { from: 0, to: 10_000 }), 3);
    assert.equal(toRate(30, { from: 0, to: 1_000 }), 30);
    assert.equal(toRate(30, { from: 5, to: 5 }), null);
  });

  test("a missing window is a gap, and a window that saw nothing is a zero", () => {
    const windows = tenSeconds(10, 20, 50);
    const columns = toColumns(windows, { everyMs: 10_000, now: 50_000, read: [() => 0] });
    assert.deepEqual(columns.x, [10_000, 20_000, 35_000, 50_000]);
    assert.deepEqual(columns.y, [[0, 0, null, 0]]);
  });

  test("checks that look a little late leave no gap", () => {
    const windows = [30, 61, 95].map((end) => ({ from: end * 1000 - 200, to: end * 1000 }));
    const columns = toColumns(windows, { everyMs: 30_000, now: 95_000, read: [() => 1] });
    assert.deepEqual(columns.y, [[1, 1, 1]]);
  });

  test("short windows are drawn together, and nothing is lost or invented by it", () => {
    const windows = [4, 5, 6, 7, 8, 9, 10, 30, 31].map(second);
    const read = [(window: Window) => window.to / 1000];
    const columns = toRateColumns(windows, { everyMs: 1000, now: 31_000, read });
    assert.deepEqual(columns.x, [5_000, 10_000, 20_000, 30_000, 31_000]);
    assert.deepEqual(columns.y, [[4.5, 8, null, 30, 31]]);
  });

  test("long windows are left as they are", () => {
    const windows = tenSeconds(10, 20, 50);
    const columns = toRateColumns(windows, { everyMs: 10_000, now: 50_000, read: [() => 30] });
    assert.deepEqual(columns.x, [10_000, 20_000, 35_000, 50_000]);
    assert.deepEqual(columns.y, [[3, 3, null, 3]]);
  });

  test("a source that fell silent ends in a gap", () => {
    const windows = tenSeconds(10, 20);
    const columns = toColumns(windows, { everyMs: 10_000, now: 120_000, read: [() => 1] });
    assert.deepEqual(columns.y, [[1, 1, null]]);
    assert.equal(columns.x.at(-1), 120_000);
  });

  test("a window is not missed while it is only just due", () => {
    const last = { from: 0, to: 10_000 };
    assert.equal(isOverdue(last, 30_000, 10_000), false);
    assert.equal(isOverdue(last, 60_000, 10_000), true);
  });

  test("the top of a stack is the sum, and gaps stay gaps", () => {
    const value = fc.option(fc.nat(1000), { nil: null });
    const rows = fc.array(fc.tuple(value, value, value));
    fc.assert(
      fc.property(rows, (table) => {
        const y = [0, 1, 2].map((series) => table.map((row) => row[series] ?? null));
        const stacked = stack({ x: table.map((_, row) => row), y });
        for (const [row, values] of table.entries()) {
          const tops = stacked.y.map((series) => series[row] ?? null);
          const sum = values.reduce<number>((total, one) => total + (one ?? 0), 0);
          assert.deepEqual(
            tops.map((top) => top === null),
            values.map((one) => one === null),
          );
          assert.equal(Math.max(0, ...tops.map((top) => top ?? 0)), sum);
        }
      }),
    );
  });

  test("the nearest row is as near as any", () => {
    const instants = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 1 });
    fc.assert(
      fc.property(instants, fc.integer({ min: -10, max: 1010 }), (unsorted, at) => {
        const x = unsorted.toSorted((a, b) => a - b);
        const found = x[nearestRow(x, at) ?? -1] ?? Number.NaN;
        assert.equal(Math.abs(found - at), Math.min(...x.map((one) => Math.abs(one - at))));
      }),
    );
    assert.equal(nearestRow([], 5), undefined);
  });

  test("the live axis ends now, and shows all there is within its bounds", () => {
    const instant = fc.integer({ min: 0, max: 10 * rangeMs });
    fc.assert(
      fc.property(instant, instant, (firstAt, age) => {
        const now = firstAt + age;
        const { from, to } = toLiveRange(firstAt, now);
        assert.equal(to, now);
        assert.equal(to - from, Math.min(rangeMs, Math.max(rangeMinMs, age)));
      }),
    );
  });

  test("spans that touch or nearly touch are one", () => {
    const spans = [
      { from: 50, to: 60 },
      { from: 0, to: 30 },
      { from: 10, to: 20 },
      { from: 32, to: 40 },
    ];
    assert.deepEqual(mergeSpans(spans, 2), [
      { from: 0, to: 40 },
      { from: 50, to: 60 },
    ]);
  });

  test("values between gaps are found", () => {
    assert.deepEqual(isolatedRows([1, null, 2, null, 3, 4]), [0, 2]);
    assert.deepEqual(isolatedRows([]), []);
  });
});
