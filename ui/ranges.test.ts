import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { parseRange, resolveRange, stepRange, toFixedRange } from "./ranges.ts";

const now = Date.UTC(2026, 10, 20, 16);
const hourMs = 3_600_000;

suite("ranges", () => {
  test("the last hours end now, and what is live has no range of the past", () => {
    assert.deepEqual(resolveRange(parseRange("6h"), now), { from: now - 6 * hourMs, to: now });
    assert.equal(resolveRange(parseRange("live"), now), undefined);
  });

  test("what was dragged over is contained, in whole seconds, never too narrow", () => {
    const instant = fc.double({ min: 0, max: 4e12, noNaN: true });
    fc.assert(
      fc.property(instant, fc.double({ min: 0, max: 1e9, noNaN: true }), (from, length) => {
        const range = toFixedRange({ from, to: from + length });
        assert.ok(range.kind === "fixed");
        assert.ok(range.from <= from && range.to >= from + length);
        assert.ok(range.to - range.from >= 10_000);
        assert.equal(range.from % 1000, 0);
        assert.equal(range.to % 1000, 0);
      }),
    );
  });

  test("a step back and forth is where one was, and none leads beyond now", () => {
    const earlier = stepRange(parseRange("1h"), now, -1);
    assert.deepEqual(earlier, { kind: "fixed", from: now - 2 * hourMs, to: now - hourMs });
    assert.deepEqual(stepRange(stepRange(earlier, now, -1), now, 1), earlier);
    assert.deepEqual(stepRange(earlier, now, 1), parseRange("1h"));
    const odd = toFixedRange({ from: now - hourMs, to: now - 0.5 * hourMs });
    assert.deepEqual(stepRange(odd, now - 600_000, 1), {
      kind: "fixed",
      from: now - 0.5 * hourMs - 600_000,
      to: now - 600_000,
    });
  });
});
