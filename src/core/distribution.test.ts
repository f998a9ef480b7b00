import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toLowerBound } from "./_bucket-index.ts";
import { Distribution, valuesMaxCoarse } from "./distribution.ts";
import { Corrupt } from "./errors.ts";

const relativeErrorMax = (2 ** (1 / 64) - 1) / (2 ** (1 / 64) + 1);

const anyFinite = fc.double({ noNaN: true, noDefaultInfinity: true });
const seconds = fc.oneof(
  fc.double({ min: 1e-6, max: 1e3, noNaN: true }),
  fc.integer({ min: 0, max: 60_000 }).map((ms) => ms / 1000),
);
const fewOrMany = { minLength: 1, maxLength: 200 };

function of(values: readonly number[], valuesMax?: number): Distribution {
  const distribution = new Distribution(valuesMax === undefined ? {} : { valuesMax });
  for (const value of values) {
    assert.ok(distribution.add(value));
  }
  return distribution;
}

/** Deterministic values over many orders of magnitude. */
function spread(count: number, octaves: number): number[] {
  return Array.from({ length: count }, (_, i) => 2 ** (((i * 0.618_034) % 1) * octaves - octaves));
}

function nearestRank(sorted: readonly number[], q: number): number {
  const rank = Math.max(1, Math.ceil(q * sorted.length * (1 - Number.EPSILON)));
  return sorted[rank - 1] ?? Number.NaN;
}

function toRising(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

suite("distribution: while exact", () => {
  test("an empty one has no quantile", () => {
    const empty = new Distribution();
    assert.ok(Number.isNaN(empty.quantile(0.5)));
    assert.deepEqual([empty.count, empty.sum, empty.min, empty.max], [0, 0, Infinity, -Infinity]);
    assert.deepEqual(empty.cumulative([1]), [0]);
    assert.deepEqual(empty.positive, { offset: 0, counts: [] });
  });

  test("64 different values are kept, the 65th moves all into buckets", () => {
    const values = Array.from({ length: 64 }, (_, i) => i + 1);
    const distribution = of([...values, ...values]);
    assert.equal(distribution.isExact, true);
    assert.equal(distribution.quantile(0.5), 32);
    distribution.add(65);
    assert.equal(distribution.isExact, false);
    assert.equal(distribution.count, 129);
    assert.equal(distribution.sum, 64 * 65 + 65);
  });

  test("a coarse source stays exact to 100 000 values", () => {
    const coarse = new Distribution({ valuesMax: valuesMaxCoarse });
    for (let ms = 1; ms <= valuesMaxCoarse; ms++) {
      coarse.add(ms / 1000);
    }
    assert.equal(coarse.isExact, true);
    assert.equal(coarse.quantile(0.99), 99);
    assert.ok(coarse.toBytes().length < 3.1 * valuesMaxCoarse);
    assert.deepEqual(Distribution.fromBytes(coarse.toBytes()).toBytes(), coarse.toBytes());
    coarse.add(0.0001);
    assert.equal(coarse.isExact, false);
  });

  test("a decimal share means the rank that people expect", () => {
    const hundred = of(
      Array.from({ length: 100 }, (_, i) => i + 1),
      100,
    );
    for (let percent = 1; percent <= 100; percent++) {
      assert.equal(hundred.quantile(percent / 100), percent);
    }
  });

  test("interpolates as numpy does", () => {
    // numpy.percentile([15, 20, 35, 40, 50], [0, 5, 40, 50, 90, 100])
    const five = of([35, 15, 50, 20, 40]);
    const found = [0, 0.05, 0.4, 0.5, 0.9, 1].map((q) => five.quantile(q, { interpolate: true }));
    assert.deepEqual(found, [15, 16, 29, 35, 46, 50]);
    const wide = of([-Number.MAX_VALUE, Number.MAX_VALUE]);
    assert.equal(wide.quantile(0.5, { interpolate: true }), 0);
  });

  test("-0 is zero", () => {
    const distribution = of([-0]);
    assert.ok(Object.is(distribution.min, 0) && Object.is(distribution.max, 0));
    assert.ok(Object.is(distribution.quantile(0.5), 0));
    assert.equal(distribution.zeroCount, 1);
    assert.deepEqual(distribution.toBytes(), of([0]).toBytes());
  });
});

test("a quantile sees what was added since the last one", () => {
  for (const valuesMax of [0, 64]) {
    const distribution = of([1, 2, 3], valuesMax);
    assert.equal(distribution.cumulative([2])[0], 2);
    distribution.add(2, 4);
    assert.equal(distribution.cumulative([2])[0], 6);
    distribution.merge(of([1]));
    assert.equal(distribution.cumulative([2])[0], 7);
  }
});

test("what cannot be counted is refused and changes nothing", () => {
  const distribution = of([1, 2]);
  const before = distribution.toBytes();
  for (const value of [Number.NaN, Infinity, -Infinity]) {
    assert.equal(distribution.add(value), false);
  }
  for (const times of [0, -1, 0.5, Number.NaN, 2 ** 53]) {
    assert.equal(distribution.add(1, times), false);
  }
  assert.deepEqual(distribution.toBytes(), before);
  assert.throws(() => new Distribution({ valuesMax: valuesMaxCoarse + 1 }), RangeError);
});

suite("distribution: quantiles of buckets", () => {
  test("are at most 0.5416 % off", () => {
    assert.ok(relativeErrorMax < 0.005_416);
    for (const octaves of [1, 8, 20, 31]) {
      const values = spread(5000, octaves).map((value, i) => (i % 3 === 0 ? -value : value));
      const distribution = of(values);
      assert.equal(distribution.isExact, false);
      const sorted = toRising(values);
      for (let q = 0; q <= 1; q += 0.001) {
        const truth = nearestRank(sorted, q);
        const error = Math.abs(distribution.quantile(q) - truth) / Math.abs(truth);
        assert.ok(error <= relativeErrorMax * (1 + 1e-9), `${octaves} octaves, ${q}: ${error}`);
      }
    }
  });

  test("hold for any values whose range fits", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-4, max: 1e5, noNaN: true }), fewOrMany),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, q) => {
          const truth = nearestRank(toRising(values), q);
          const found = of(values, 0).quantile(q);
          assert.ok(Math.abs(found - truth) <= truth * relativeErrorMax * (1 + 1e-9));
        },
      ),
    );
  });

  test("stay within the extremes, which are exact", () => {
    const values = [Number.MIN_VALUE, 1e-310, 1, Number.MAX_VALUE, -Number.MAX_VALUE, 0];
    const distribution = of(values, 0);
    assert.equal(distribution.quantile(0), -Number.MAX_VALUE);
    assert.equal(distribution.quantile(1), Number.MAX_VALUE);
    for (let q = 0; q <= 1; q += 0.01) {
      assert.ok(Number.isFinite(distribution.quantile(q)));
    }
    assert.ok(Number.isNaN(distribution.quantile(Number.NaN)));
  });
});

suite("distribution: scale", () => {
  test("stays at 6 for 2048 buckets and falls with one more", () => {
    const bounds = Array.from({ length: 2048 }, (_, i) => toLowerBound(i + 1, 6));
    const distribution = of(bounds);
    assert.equal(distribution.scale, 6);
    assert.deepEqual(distribution.positive, { offset: 0, counts: bounds.map(() => 1) });
    distribution.add(toLowerBound(2049, 6));
    assert.equal(distribution.scale, 5);
    assert.equal(distribution.positive.offset, 0);
    assert.deepEqual(distribution.positive.counts.slice(-2), [2, 1]);
    assert.equal(sumOf(distribution.positive.counts), 2049);
  });

  test("falls for both signs at once, as OTLP has one scale for them", () => {
    const distribution = of([-1, -1.02, 1e-300, 1e300], 0);
    assert.equal(distribution.scale, 0);
    assert.deepEqual(distribution.negative, { offset: -1, counts: [1, 1] });
  });

  test("even all doubles fit", () => {
    const distribution = of([Number.MIN_VALUE, Number.MAX_VALUE], 0);
    assert.equal(distribution.scale, -1);
    assert.ok(distribution.positive.counts.length <= 2048);
  });

  test("buckets are the same while exact", () => {
    const values = spread(60, 12);
    const { scale, positive } = of(values);
    assert.deepEqual({ scale, positive }, { scale: 6, positive: of(values, 0).positive });
  });

  test("downscale keeps everything but precision", () => {
    fc.assert(
      fc.property(
        fc.array(anyFinite, fewOrMany),
        fc.constantFrom(0, 64),
        fc.integer({ min: 2, max: 300 }),
        (values, valuesMax, bucketsMax) => {
          const original = of(values, valuesMax);
          const before = original.toBytes();
          const coarse = original.downscale(bucketsMax);
          assert.ok(coarse.positive.counts.length <= bucketsMax);
          assert.ok(coarse.negative.counts.length <= bucketsMax);
          const { count, sum, min, max } = original;
          assert.deepEqual(
            [coarse.count, coarse.sum, coarse.min, coarse.max],
            [count, sum, min, max],
          );
          const inBuckets = [...coarse.positive.counts, ...coarse.negative.counts];
          assert.equal(sumOf(inBuckets) + coarse.zeroCount, count);
          assert.deepEqual(original.toBytes(), before);
        },
      ),
    );
  });
});

suite("distribution: cumulative", () => {
  test("is exact at powers of two", () => {
    const powers = Array.from({ length: 40 }, (_, i) => 2 ** (i - 20));
    const values = [...spread(3000, 18), ...powers, ...powers, 0];
    const distribution = of(values);
    assert.equal(distribution.isExact, false);
    const bounds = [0, ...powers];
    const expected = bounds.map((bound) => values.filter((value) => value <= bound).length);
    assert.deepEqual(distribution.cumulative(bounds), expected);
    const coarse = distribution.downscale(64);
    assert.equal(coarse.scale, 0);
    assert.deepEqual(coarse.cumulative(bounds), expected);
  });

  test("is exact for any bounds while the distribution is", () => {
    fc.assert(
      fc.property(fc.array(seconds, { maxLength: 60 }), fc.array(seconds), (values, bounds) => {
        const rising = toRising(bounds);
        const expected = rising.map((bound) => values.filter((value) => value <= bound).length);
        assert.deepEqual(of(values).cumulative(rising), expected);
      }),
    );
  });
});

suite("distribution: merge", () => {
  const parts = fc.array(
    fc.record({
      values: fc.array(fc.oneof(seconds, anyFinite, fc.constant(0)), { maxLength: 60 }),
      valuesMax: fc.constantFrom(0, 64, 64, valuesMaxCoarse),
      place: fc.nat(),
    }),
    { minLength: 1, maxLength: 6 },
  );

  test("in any order and grouping gives what counting at once gives", () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 0, max: 6 }), (made, split) => {
        const filled = made.filter(({ values }) => values.length > 0);
        const valuesMax = Math.min(...filled.map((part) => part.valuesMax));
        const values = filled.flatMap((part) => part.values);
        const atOnce = values.length > 0 ? of(values, valuesMax) : new Distribution();
        const order = filled.toSorted((a, b) => a.place - b.place);
        const left = new Distribution();
        const right = new Distribution();
        for (const [at, part] of order.entries()) {
          (at < split ? left : right).merge(of(part.values, part.valuesMax));
        }
        right.merge(left);
        assert.deepEqual(right.toBytes(), atOnce.toBytes());
      }),
      { numRuns: 500 },
    );
  });

  test("of a coarse one with a usual one keeps as many values as the usual one may", () => {
    const coarse = of(spread(100, 10), valuesMaxCoarse);
    coarse.merge(of(spread(10, 10)));
    assert.deepEqual(coarse.toBytes(), of([...spread(100, 10), ...spread(10, 10)]).toBytes());
    assert.equal(coarse.isExact, false);
  });

  test("leaves the other one as it is, and a clone apart", () => {
    const one = of(spread(100, 10));
    const other = of(spread(10, 40));
    const before = other.toBytes();
    const clone = one.clone();
    const oneBefore = one.toBytes();
    one.merge(other);
    assert.deepEqual(other.toBytes(), before);
    assert.deepEqual(clone.toBytes(), oneBefore);
    assert.notDeepEqual(one.toBytes(), oneBefore);
  });

  test("with itself doubles every count", () => {
    for (const values of [spread(50, 10), spread(500, 10)]) {
      const distribution = of(values);
      distribution.merge(distribution);
      assert.deepEqual(distribution.toBytes(), of([...values, ...values]).toBytes());
    }
  });
});

suite("distribution: bytes", () => {
  test("come back as they were", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.oneof(seconds, anyFinite), fc.integer({ min: 1, max: 2 ** 40 }))),
        fc.constantFrom(0, 64, valuesMaxCoarse),
        (weighted, valuesMax) => {
          const distribution = new Distribution({ valuesMax });
          for (const [value, times] of weighted) {
            distribution.add(value, times);
          }
          const copy = Distribution.fromBytes(distribution.toBytes());
          assert.deepEqual(copy.toBytes(), distribution.toBytes());
          assert.equal(copy.sum, distribution.sum);
          assert.equal(copy.quantile(0.9), distribution.quantile(0.9));
          copy.merge(distribution);
          assert.equal(copy.count, 2 * distribution.count);
        },
      ),
    );
  });

  test("are few", () => {
    const milliseconds = Array.from({ length: 60 }, (_, i) => (i * 7) / 1000);
    assert.ok(of(milliseconds).toBytes().length < 2 * 60 + 8);
    assert.ok(of(spread(100_000, 13)).toBytes().length < 2 * 13 * 64 + 50);
  });

  test("of anything else are refused, at once", () => {
    const accepted = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.constantFrom(0, 64), fc.array(anyFinite), fc.nat(), fc.integer({ max: 255 }))
        .map(([valuesMax, values, at, byte]) => {
          const bytes = of(values, valuesMax).toBytes();
          bytes[at % bytes.length] = byte;
          return bytes;
        }),
    );
    fc.assert(
      fc.property(accepted, (bytes) => {
        try {
          const read = Distribution.fromBytes(bytes);
          assert.ok(Number.isSafeInteger(read.count) && Number.isFinite(read.sum));
          assert.deepEqual(Distribution.fromBytes(read.toBytes()).toBytes(), read.toBytes());
        } catch (error) {
          assert.ok(error instanceof Corrupt, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("that contradict themselves are refused", () => {
    const twice = Uint8Array.of(1, 64, 2, 0, 2, 1, 0, 1);
    assert.throws(() => Distribution.fromBytes(twice), Corrupt);
    const bytes = of([1, 2, 4], 0).toBytes();
    const view = new DataView(bytes.buffer);
    for (const [at, extreme] of [
      [2, 0.9],
      [2, Number.NaN],
      [10, 4.1],
      [10, Infinity],
    ] as const) {
      const kept = view.getFloat64(at, true);
      view.setFloat64(at, extreme, true);
      assert.throws(() => Distribution.fromBytes(bytes), Corrupt);
      view.setFloat64(at, kept, true);
    }
    assert.equal(Distribution.fromBytes(bytes).max, 4);
  });

  test("that end early or too late are refused", () => {
    for (const values of [spread(50, 10), spread(500, 10)]) {
      const bytes = of(values).toBytes();
      assert.throws(() => Distribution.fromBytes(bytes.subarray(0, -1)), Corrupt);
      assert.throws(() => Distribution.fromBytes(Uint8Array.of(...bytes, 0)), Corrupt);
    }
  });
});
