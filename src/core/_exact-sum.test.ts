import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { ExactSum } from "./_exact-sum.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";

const anyFinite = fc.double({ noNaN: true, noDefaultInfinity: true });

function of(values: readonly number[]): ExactSum {
  const sum = new ExactSum();
  for (const value of values) {
    sum.add(value);
  }
  return sum;
}

function toBytes(sum: ExactSum): Uint8Array {
  const out = new ByteWriter();
  sum.write(out);
  return out.finish();
}

suite("exact sum", () => {
  test("is the exact total, rounded once", () => {
    const cases: readonly (readonly [number[], number])[] = [
      [[], 0],
      [Array.from({ length: 10 }, () => 0.1), 1],
      [Array.from({ length: 1000 }, () => 0.001), 1],
      [[1e300, 1, -1e300], 1],
      [[1e300, 1e270, 1, 1e-300, -1e270, -1e300], 1],
      [[Number.MAX_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE], Number.MAX_VALUE],
      [[Number.MAX_VALUE, Number.MAX_VALUE], Number.MAX_VALUE],
      [[-Number.MAX_VALUE, -Number.MAX_VALUE], -Number.MAX_VALUE],
      [[Number.MIN_VALUE, Number.MIN_VALUE, 1, -1], 2 * Number.MIN_VALUE],
      [[2 ** 53, 1, 1], 2 ** 53 + 2],
      // Halfway between two doubles, and a little more, far below: rounding twice would give 1.
      [[1, 2 ** -53, 2 ** -106], 1 + 2 ** -52],
      [[1, 2 ** -53, 2 ** -1000], 1 + 2 ** -52],
      [[1, 2 ** -53, -(2 ** -1000)], 1],
    ];
    for (const [values, expected] of cases) {
      for (const order of [values, values.toReversed()]) {
        const sum = of(order);
        assert.equal(sum.value, expected, String(values));
        assert.equal(ExactSum.read(new ByteReader(toBytes(sum))).value, expected, String(values));
      }
    }
  });

  test("agrees with integers", () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (values) => {
        const total = values.reduce((sum, value) => sum + BigInt(value), 0n);
        assert.equal(of(values).value, Number(total));
      }),
    );
  });

  test("depends on nothing but what was added", () => {
    fc.assert(
      fc.property(fc.array(anyFinite), fc.nat(), (values, at) => {
        const split = at % (values.length + 1);
        const merged = of(values.slice(split).toReversed());
        merged.merge(of(values.slice(0, split)).clone());
        assert.deepEqual(toBytes(merged), toBytes(of(values)));
        assert.equal(merged.value, of(values).value);
      }),
      { numRuns: 500 },
    );
  });

  test("a value many times is that value as often", () => {
    fc.assert(
      fc.property(anyFinite, fc.integer({ min: 1, max: 300 }), (value, times) => {
        const atOnce = new ExactSum();
        atOnce.addTimes(value, times);
        assert.deepEqual(toBytes(atOnce), toBytes(of(Array.from({ length: times }, () => value))));
      }),
    );
  });
});
