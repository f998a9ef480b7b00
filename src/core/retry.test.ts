import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { backoffMs } from "./retry.ts";

const backoff = { firstMs: 500, maxMs: 60_000 };

function atLeast(attempt: number): number {
  return backoffMs(backoff, attempt, () => 0);
}

function atMost(attempt: number): number {
  return backoffMs(backoff, attempt, () => 1 - 2 ** -53);
}

suite("retry", () => {
  test("doubles from the first pause to the longest, between half of it and the whole", () => {
    assert.deepEqual([1, 2, 3, 7, 8, 9].map(atLeast), [250, 500, 1000, 16_000, 30_000, 30_000]);
    assert.deepEqual(
      [1, 2, 3, 7, 8, 9].map((attempt) => Math.round(atMost(attempt))),
      [500, 1000, 2000, 32_000, 60_000, 60_000],
    );
  });

  test("is a finite pause within bounds for any attempt", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e9 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const pauseMs = backoffMs(backoff, attempt, () => random);
          assert.ok(pauseMs >= backoff.firstMs / 2 && pauseMs <= backoff.maxMs);
        },
      ),
    );
  });
});
