import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { cellAt, toDepth, trimRows } from "./heat-map.ts";

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

  test("columns of an older time are as wide as its steps", () => {
    const wide = { ...map, spans: [{ from: 0, to: 30, stepMs: 30 }] };
    assert.equal(cellAt(wide, 25, 0.5)?.at, 0);
  });

  test("the lowest rows are one as far as they are empty or too fast to be told apart", () => {
    const bounds = [1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2];
    const columns = [
      [0, [5, 1, 1, 0, 0, 2]],
      [10, [0, 0, 0, 0, 3, 0]],
    ] as const;
    const trimmed = trimRows({ ...map, bounds, columns });
    assert.deepEqual(trimmed.bounds, [1e-4, 1e-3, 1e-2]);
    assert.deepEqual(trimmed.columns, [
      [0, [7, 0, 2]],
      [10, [0, 3, 0]],
    ]);
    assert.equal(cellAt(trimmed, 0, 0)?.from, 0);
  });

  test("a map without a higher row stays as it is", () => {
    const fast = { ...map, bounds: [1e-7, 1e-6], columns: [[0, [1, 1]]] as const };
    assert.deepEqual(trimRows(fast), fast);
    assert.deepEqual(trimRows(map), map);
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
