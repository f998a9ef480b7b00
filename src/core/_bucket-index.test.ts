import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toIndex, toLowerBound } from "./_bucket-index.ts";

suite("bucket index", () => {
  test("every power of two is the last value of its bucket", () => {
    for (let exponent = -1074; exponent <= 1023; exponent++) {
      assert.equal(toIndex(2 ** exponent), exponent * 64 - 1, `2^${exponent}`);
    }
  });

  test("what follows a power of two is in the next bucket", () => {
    for (let exponent = -1021; exponent <= 1023; exponent++) {
      const power = 2 ** exponent;
      assert.equal(toIndex(power * (1 + Number.EPSILON)), exponent * 64, `above 2^${exponent}`);
      assert.equal(toIndex(power * (1 - Number.EPSILON / 2)), exponent * 64 - 1);
    }
  });

  test("the extremes have buckets too", () => {
    assert.equal(toIndex(Number.MIN_VALUE), -1074 * 64 - 1);
    assert.equal(toIndex(3 * Number.MIN_VALUE), -1073 * 64 + 37);
    assert.equal(toIndex(Number.MAX_VALUE), 1024 * 64 - 1);
  });

  test("a boundary inside an octave belongs to the bucket below it", () => {
    for (let k = 1; k < 64; k++) {
      const bound = toLowerBound(k, 6);
      // bound is the last double up to 2^(k/64): its 64th power is at most 2^k, that of the next one above it.
      const exact = BigInt(bound * 2 ** 52);
      const power = 1n << (52n * 64n + BigInt(k));
      assert.ok(exact ** 64n <= power && (exact + 1n) ** 64n > power);
      assert.equal(toIndex(bound), k - 1);
      assert.equal(toIndex(bound * (1 + Number.EPSILON)), k);
    }
  });

  test("any value lies between the bounds of its bucket", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (value) => {
        const index = toIndex(value);
        assert.ok(toLowerBound(index, 6) < value && value <= toLowerBound(index + 1, 6));
      }),
      { numRuns: 2000 },
    );
  });
});
