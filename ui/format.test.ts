import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import {
  formatAge,
  formatAgeShort,
  formatBytes,
  formatCount,
  formatLabels,
  formatNumber,
  formatRatio,
  formatSeconds,
  formatTick,
} from "./format.ts";

/** The page sets no-break spaces between numbers and units; the tests read better without. */
function plain(text: string): string {
  return text.replaceAll("\u00a0", " ");
}

suite("format", () => {
  test("numbers keep three significant digits, and all digits before the point", () => {
    const cases: readonly (readonly [number | null, string])[] = [
      [0, "0"],
      [0.04219, "0.042"],
      [4.2, "4.2"],
      [42.13, "42.1"],
      [421.3, "421"],
      [1284, "1,284"],
      [12_940, "12.9k"],
      [999_900, "1M"],
      [3_200_000_000, "3.2G"],
      [-42.13, "-42.1"],
      [null, "–"],
      [Number.NaN, "–"],
    ];
    for (const [value, text] of cases) {
      assert.equal(formatNumber(value), text);
    }
  });

  test("counts keep every digit", () => {
    assert.equal(formatCount(1_284_113), "1,284,113");
  });

  test("seconds take the unit that fits", () => {
    const texts = [0, 0.000_42, 0.0182, 0.9996, 1.25, 125].map((value) =>
      plain(formatSeconds(value)),
    );
    assert.deepEqual(texts, ["0 ms", "420 µs", "18.2 ms", "1 s", "1.25 s", "2 min 5 s"]);
  });

  test("bytes are counted by 1024", () => {
    const texts = [0, 512, 1536, 5 * 2 ** 30].map((value) => plain(formatBytes(value)));
    assert.deepEqual(texts, ["0 B", "512 B", "1.5 KiB", "5 GiB"]);
  });

  test("a ratio that is not nothing or not the whole never looks like it", () => {
    const texts = [0, 0.000_01, 0.0234, 0.999_99, 1].map((value) => plain(formatRatio(value)));
    assert.deepEqual(texts, ["0 %", "< 0.01 %", "2.34 %", "99.99 %", "100 %"]);
  });

  test("ages show their two largest units", () => {
    const second = 1000;
    const texts = [0, 8, 60, 250, 7500, 273_600].map((value) => plain(formatAge(value * second)));
    assert.deepEqual(texts, ["0 s", "8 s", "1 min", "4 min 10 s", "2 h 5 min", "3 d 4 h"]);
    assert.equal(plain(formatAgeShort(7500 * second)), "2 h");
  });

  test("an age is never negative, whatever the clocks say", () => {
    fc.assert(fc.property(fc.integer(), (ms) => !formatAge(ms).includes("-")));
  });

  test("an axis says no more than its step needs, and the day at midnight", () => {
    const midnight = new Date(2026, 10, 1).getTime();
    const minuteMs = 60_000;
    const hourMs = 60 * minuteMs;
    for (const [at, stepMs, text] of [
      [midnight + 90_000, 30_000, "00:01:30"],
      [midnight + hourMs, 5 * minuteMs, "01:00"],
      [midnight, 5 * minuteMs, "1 Nov"],
      [midnight, 24 * hourMs, "1 Nov"],
      [midnight, 30 * 24 * hourMs, "Nov 2026"],
    ] as const) {
      assert.equal(formatTick(at, stepMs), text);
    }
  });

  test("labels come in the order of their names", () => {
    assert.equal(formatLabels({ status: "500", group: "api" }), "group=api status=500");
  });
});
