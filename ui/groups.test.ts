import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { coloursMax, quietColour } from "./colours.ts";
import { showGroups } from "./groups.ts";

function labels(ranked: readonly string[]): string[] {
  const { series, rest } = showGroups(ranked, new Map());
  return [...series, ...(rest === undefined ? [] : [rest])].map(({ label }) => label);
}

suite("groups", () => {
  test("groups come by name, those without one after them, all others last", () => {
    assert.deepEqual(labels(["(ungrouped)", "cart", "api"]), ["api", "cart", "(ungrouped)"]);
    assert.deepEqual(labels(["api", "(other)"]), ["api", "other"]);
    assert.deepEqual(labels([""]), ["all"]);
    assert.deepEqual(labels([]), []);
  });

  test("what has no group takes none of the palette's colours", () => {
    const ranked = ["(ungrouped)", ...Array.from({ length: coloursMax }, (_, one) => `g${one}`)];
    const { series, rest } = showGroups(ranked, new Map());
    assert.equal(series.length, coloursMax + 1);
    assert.equal(rest, undefined);
    assert.equal(series.at(-1)?.colour, "--series-unnamed");
    assert.ok(series.every(({ colour }) => colour !== quietColour));
  });

  test("more groups than colours are drawn together", () => {
    const ranked = Array.from({ length: coloursMax + 3 }, (_, one) => `g${one}`);
    const { series, rest } = showGroups(ranked, new Map());
    assert.equal(series.length, coloursMax);
    assert.equal(rest?.label, "other");
  });
});
