import assert from "node:assert/strict";
import { test } from "node:test";
import { fit, padTo, toPrintable, widthOf } from "./printable.ts";
import { toRateText, toSecondsText, toShareText, toSpanText } from "./quantities.ts";
import { toBar, toColumns, toSparkline } from "./text-charts.ts";

test("durations have the unit that suits them", () => {
  const cases: readonly (readonly [number | null, string])[] = [
    [null, "–"],
    [0, "0 s"],
    [0.000_35, "350 µs"],
    [0.000_999_6, "1 ms"],
    [0.043, "43 ms"],
    [0.9999, "1 s"],
    [1.0249, "1.02 s"],
    [59.96, "1 min"],
    [125, "2 min 5 s"],
    [3600, "1 h"],
    [90_061, "1 d 1 h"],
  ];
  for (const [seconds, text] of cases) {
    assert.equal(toSecondsText(seconds), text);
  }
  assert.equal(toSpanText(0.2), "0 s");
});

test("shares and rates have few digits", () => {
  assert.equal(toShareText(1, 3), "33.3%");
  assert.equal(toShareText(1, 100_000), "<0.1%");
  assert.equal(toShareText(0, 5), "0.0%");
  assert.equal(toShareText(5, 5), "100%");
  assert.equal(toShareText(0, 0), "");
  assert.equal(toRateText(1234.5), "1,235/s");
  assert.equal(toRateText(0.5), "30/min");
  assert.equal(toRateText(1 / 7200), "12/d");
});

test("texts of a log can do nothing to a terminal", () => {
  assert.equal(toPrintable("a\u001b[2J\u0007\u202eb"), "a\\x1b[2J\\x07\\u{202e}b");
  assert.equal(toPrintable("é日本"), "é日本");
});

test("widths count columns", () => {
  assert.equal(widthOf("日本a\u0301"), 5);
  assert.equal(fit("日本語", 5), "日本…");
  assert.equal(fit("日本語", 4), "日…");
  assert.equal(fit("abc", 3), "abc");
  assert.equal(fit("abc", 0), "");
  assert.equal(padTo("日", 4, "right"), "  日");
});

test("bars and columns", () => {
  assert.equal(toBar(0.5, 4), "██");
  assert.equal(toBar(0.000_1, 4), "▏");
  assert.equal(toBar(0, 4), "");
  assert.equal(toSparkline([0, 4, undefined, 8]), "▁▄ █");
  assert.deepEqual(toColumns([8, 4, 0], 2), ["█  ", "██ "]);
});
