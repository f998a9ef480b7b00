import assert from "node:assert/strict";
import { test } from "node:test";
import { fillStockRules } from "./_stock-rules.ts";

const stock = { quiet: { help: "", rule: { metric: "a", below: 0, clear: 2, over: "1m" } } };

function fill(entry: unknown): unknown {
  return fillStockRules(new Map([["mine", entry]]), stock).get("mine");
}

test("what is written takes the place of what is in stock", () => {
  assert.deepEqual(fill({ stock: "quiet", over: "5m" }), {
    stock: "quiet",
    metric: "a",
    below: 0,
    clear: 2,
    over: "5m",
  });
  assert.deepEqual(fill({ stock: "quiet", above: 9 }), {
    stock: "quiet",
    metric: "a",
    above: 9,
    over: "1m",
  });
});

test("anything else is left as it is", () => {
  for (const entry of [{ metric: "b" }, { stock: "toString" }, { stock: 3 }, null, "quiet"]) {
    assert.equal(fill(entry), entry);
  }
});
