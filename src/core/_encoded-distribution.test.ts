import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { Distribution, valuesMaxCoarse } from "./distribution.ts";
import { Corrupt } from "./errors.ts";

const anyFinite = fc.double({ noNaN: true, noDefaultInfinity: true });
const seconds = fc.integer({ min: -50, max: 60_000 }).map((ms) => ms / 1000);
const parts = fc.array(
  fc
    .record({
      weighted: fc.array(
        fc.tuple(fc.oneof(seconds, seconds, anyFinite), fc.integer({ min: 1, max: 2 ** 33 })),
        { maxLength: 100 },
      ),
      valuesMax: fc.constantFrom(0, 8, 64, valuesMaxCoarse),
      bucketsMax: fc.constantFrom(2, 40, 2048, 2048, 2048),
    })
    .map(({ weighted, valuesMax, bucketsMax }) => {
      const part = new Distribution({ valuesMax });
      weighted.forEach(([value, times]) => part.add(value, times));
      return part.downscale(bucketsMax);
    }),
  { minLength: 1, maxLength: 5 },
);

suite("distribution: from bytes without making one", () => {
  test("merging them is merging what they stand for", () => {
    fc.assert(
      fc.property(parts, (made) => {
        const [merged, expected] = [new Distribution(), new Distribution()];
        for (const part of made) {
          expected.merge(part);
          merged.mergeBytes(part.toBytes());
          assert.equal(merged.isExact, expected.isExact);
          assert.deepEqual(merged.toBytes(), expected.toBytes());
          assert.equal(merged.quantile(0.9), expected.quantile(0.9));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("their totals are those of the distribution", () => {
    fc.assert(
      fc.property(parts, ([part = new Distribution()]) => {
        const { count, sum, min, max } = part;
        assert.deepEqual(Distribution.totalsOf(part.toBytes()), { count, sum, min, max });
      }),
    );
  });

  test("what does not decode is refused, and changes nothing", () => {
    const damage = fc.tuple(fc.nat(), fc.nat(255));
    fc.assert(
      fc.property(parts, damage, ([part = new Distribution()], [at, byte]) => {
        const bytes = part.toBytes();
        bytes[at % bytes.length] = byte;
        const whole = new Distribution();
        whole.add(0.25, 3);
        const before = whole.toBytes();
        if (isReadable(bytes)) {
          whole.mergeBytes(bytes);
          Distribution.totalsOf(bytes);
        } else {
          assert.throws(() => whole.mergeBytes(bytes), Corrupt);
          assert.throws(() => Distribution.totalsOf(bytes), Corrupt);
          assert.deepEqual(whole.toBytes(), before);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test("a quantile finds the bucket that a cumulative count would", () => {
    fc.assert(
      fc.property(parts, fc.double({ min: 0, max: 1, noNaN: true }), (made, q) => {
        const whole = new Distribution({ valuesMax: 0 });
        made.forEach((part) => whole.merge(part));
        fc.pre(whole.count > 0);
        const found = whole.quantile(q);
        const [atMost = 0] = whole.cumulative([found]);
        const rank = Math.max(1, Math.ceil(q * whole.count * (1 - Number.EPSILON)));
        assert.ok(atMost >= rank || found === whole.min, `${atMost} up to ${found}, rank ${rank}`);
        const below = found - Math.abs(found) * 1e-12 - Number.MIN_VALUE;
        const [less = 0] = whole.cumulative([below]);
        assert.ok(less < rank || found === whole.max, `${less} below ${found}, rank ${rank}`);
      }),
      { numRuns: 500 },
    );
  });
});

function isReadable(bytes: Uint8Array): boolean {
  try {
    Distribution.fromBytes(bytes);
    return true;
  } catch {
    return false;
  }
}
