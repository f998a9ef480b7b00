import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { parseDuration, parseSize, parseThreshold, toDurationText, toSizeText } from "./units.ts";

suite("units", () => {
  test("durations", () => {
    for (const [text, ms] of [
      ["10s", 10_000],
      ["250ms", 250],
      ["1h30m", 5_400_000],
      ["1.5 h", 5_400_000],
      ["2d", 172_800_000],
      ["1y", 31_536_000_000],
      ["5min", 300_000],
      ["10", undefined],
      ["s", undefined],
      ["10 parsecs", undefined],
      ["-1s", undefined],
      ["1s 2", undefined],
      ["1constructor", undefined],
      [`${"9".repeat(400)}s`, undefined],
      ["", undefined],
    ] as const) {
      assert.equal(parseDuration(text), ms, text.slice(0, 20));
    }
  });

  test("sizes", () => {
    for (const [text, bytes] of [
      ["512 KiB", 524_288],
      ["1.5GB", 1.5e9],
      ["0B", 0],
      ["10", undefined],
      ["10 kb", undefined],
      ["-1 MB", undefined],
      ["1 constructor", undefined],
      [`${"9".repeat(400)} B`, undefined],
    ] as const) {
      assert.equal(parseSize(text), bytes, text.slice(0, 20));
    }
  });

  test("thresholds", () => {
    for (const [text, value, perSecond, unit] of [
      ["30/s", 30, true, "none"],
      ["90/min", 1.5, true, "none"],
      ["100/10s", 10, true, "none"],
      ["1 MiB/s", 1_048_576, true, "size"],
      ["800ms", 0.8, false, "time"],
      ["10 MB", 1e7, false, "size"],
      ["5%", 0.05, false, "ratio"],
      ["-3", -3, false, "none"],
      [200, 200, false, "none"],
    ] as const) {
      assert.deepEqual(parseThreshold(text), { value, perSecond, unit }, String(text));
    }
    for (const text of ["", "lots", "1/0s", "1/s/s", "1/", "9".repeat(400), Infinity, NaN]) {
      assert.equal(parseThreshold(text), undefined, String(text).slice(0, 20));
    }
  });

  test("a duration is printed as what it was read from", () => {
    assert.equal(toDurationText(90_000), "1m30s");
    assert.equal(toDurationText(0), "0ms");
    fc.assert(
      fc.property(fc.nat(), (ms) => {
        assert.equal(parseDuration(toDurationText(ms)), ms);
      }),
    );
  });

  test("a size is printed for people", () => {
    assert.deepEqual([0, 1023, 1536, 2 ** 30, 5e15].map(toSizeText), [
      "0 B",
      "1023 B",
      "1.5 KiB",
      "1 GiB",
      "4550 TiB",
    ]);
  });
});
