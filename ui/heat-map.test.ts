import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { cellAt, toDepth } from "./heat-map.ts";

const map = {
  from: "",
  to: "",
  stepMs: 10,
  bounds: [0.1, 1, 10],
  columns: [
    [0, [1, 2, 3]],
    [30, [4, 5, 6]],
  ],
} as const;

suite("heat map", () => {
  test("a cell is found by its step and row", () => {
    assert.deepEqual(cellAt(map, 9, 0.5), { at: 0, from: 0, to: 0.1, count: 1 });
    assert.deepEqual(cellAt(map, 30, 2), { at: 30, from: 1, to: 10, count: 6 });
    assert.equal(cellAt(map, 15, 0.5), undefined);
    assert.equal(cellAt(map, 0, 3), undefined);
    assert.equal(cellAt(map, 0, -1), undefined);
  });

  test("more is darker, the most is full, and one can be seen", () => {
    const count = fc.integer({ min: 1, max: 1e9 });
    fc.assert(
      fc.property(count, count, (a, b) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        assert.ok(toDepth(less, more) <= toDepth(more, more));
        assert.equal(toDepth(more, more), 1);
        assert.ok(toDepth(less, more) > 0.1);
      }),
    );
  });
});
