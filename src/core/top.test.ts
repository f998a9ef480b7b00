import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { Corrupt } from "./errors.ts";
import { Top } from "./top.ts";

type Weighted = readonly [key: string, times: number];

const letters = Array.from("abcdefghijklmnopqrst");
const additions = fc.array(fc.tuple(fc.constantFrom(...letters), fc.integer({ min: 1, max: 50 })), {
  maxLength: 150,
});

function of(weighted: readonly Weighted[], entriesMax: number): Top {
  const top = new Top(entriesMax);
  for (const [key, times] of weighted) {
    assert.ok(top.add(key, times));
  }
  return top;
}

function toTruth(weighted: readonly Weighted[]): Map<string, number> {
  const truth = new Map<string, number>();
  for (const [key, times] of weighted) {
    truth.set(key, (truth.get(key) ?? 0) + times);
  }
  return truth;
}

/** Everything that the doc comment of Top promises. */
function assertPromises(top: Top, weighted: readonly Weighted[]): void {
  const truth = toTruth(weighted);
  const entries = top.entries(Infinity);
  assert.equal(
    top.total,
    weighted.reduce((sum, [, times]) => sum + times, 0),
  );
  for (const { key, count, error } of entries) {
    const exact = truth.get(key) ?? 0;
    assert.ok(count - error <= exact && exact <= count, `${key}: ${count} - ${error}, ${exact}`);
  }
  const listed = new Set(entries.map(({ key }) => key));
  for (const [key, exact] of truth) {
    assert.ok(listed.has(key) || exact <= top.errorMax, `${key}: ${exact} above ${top.errorMax}`);
  }
  assert.ok(entries.every(({ count }) => count >= top.errorMax));
  for (const max of [0, 1, 3, Infinity]) {
    const rows = top.entries(max);
    assert.ok(top.other(max) >= 0);
    assert.equal(
      rows.reduce((sum, { count }) => sum + count, top.other(max)),
      top.total,
    );
  }
}

suite("top", () => {
  test("is exact with no more keys than it holds", () => {
    fc.assert(
      fc.property(additions, (weighted) => {
        const top = of(weighted, letters.length);
        // Sorting is stable and a Map keeps its order: ties stay in the order first seen.
        const expected = Array.from(toTruth(weighted))
          .toSorted(([, a], [, b]) => b - a)
          .map(([key, count]) => ({ key, count, error: 0 }));
        assert.deepEqual(top.entries(Infinity), expected);
        assert.deepEqual(top.entries(2), expected.slice(0, 2));
        assert.equal(top.errorMax, 0);
        assert.equal(top.other(Infinity), 0);
      }),
    );
  });

  test("keeps its promises with more", () => {
    fc.assert(
      fc.property(additions, fc.integer({ min: 1, max: 20 }), (weighted, entriesMax) => {
        const top = of(weighted, entriesMax);
        assertPromises(top, weighted);
        assert.ok(top.errorMax <= top.total / entriesMax);
        assert.ok(top.entries(Infinity).length <= entriesMax);
      }),
      { numRuns: 500 },
    );
  });

  test("keeps them after any merges", () => {
    const parts = fc.array(fc.tuple(additions, fc.integer({ min: 1, max: 20 }), additions), {
      minLength: 2,
      maxLength: 5,
    });
    fc.assert(
      fc.property(parts, (made) => {
        const all = new Top(10);
        const seen: Weighted[] = [];
        for (const [merged, entriesMax, after] of made) {
          all.merge(of(merged, entriesMax));
          seen.push(...merged);
          assertPromises(all, seen);
          for (const [key, times] of after) {
            all.add(key, times);
          }
          seen.push(...after);
          assertPromises(all, seen);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("lists every key that has more than its share", () => {
    const top = new Top(50);
    for (let i = 0; i < 100_000; i++) {
      top.add(i % 25 === 0 ? "heavy" : `light-${i}`);
    }
    const [first] = top.entries(1);
    assert.equal(first?.key, "heavy");
    assert.ok(first.count >= 4000 && first.count - first.error <= 4000);
  });

  test("a key that replaced another is seen later than those that stayed", () => {
    const top = of(
      [
        ["gone", 1],
        ["stayed", 3],
        ["came", 2],
      ],
      2,
    );
    assert.deepEqual(top.entries(2), [
      { key: "stayed", count: 3, error: 0 },
      { key: "came", count: 3, error: 1 },
    ]);
  });

  test("merging exact tables that fit is exact", () => {
    const top = of(
      [
        ["a", 2],
        ["b", 5],
      ],
      4,
    );
    top.merge(
      of(
        [
          ["c", 5],
          ["a", 1],
        ],
        4,
      ),
    );
    assert.deepEqual(top.entries(9), [
      { key: "b", count: 5, error: 0 },
      { key: "c", count: 5, error: 0 },
      { key: "a", count: 3, error: 0 },
    ]);
  });

  test("leaves the other one as it is, and a clone apart", () => {
    fc.assert(
      fc.property(additions, additions, (ours, theirs) => {
        const one = of(ours, 8);
        const other = of(theirs, 8);
        const before = [one.toBytes(), other.toBytes()];
        const clone = one.clone();
        one.merge(other);
        one.merge(one);
        assertPromises(one, [...ours, ...theirs, ...ours, ...theirs]);
        assert.deepEqual([clone.toBytes(), other.toBytes()], before);
      }),
    );
  });

  test("refuses what is not a number of times", () => {
    const top = new Top(2);
    for (const times of [0, -1, 0.5, Number.NaN, Infinity]) {
      assert.equal(top.add("a", times), false);
    }
    assert.equal(top.total, 0);
    for (const entriesMax of [0, 1.5, Number.NaN, 1e9]) {
      assert.throws(() => new Top(entriesMax), RangeError);
    }
  });

  test("cuts long keys, and still tells them apart", () => {
    const top = new Top(3);
    const long = "x".repeat(300);
    top.add(`${long}1`);
    top.add(`${long}2`);
    top.add(`${long}1`);
    const entries = top.entries(3);
    assert.deepEqual(
      entries.map(({ key, count }) => [key.length, count]),
      [
        [256, 2],
        [256, 1],
      ],
    );
  });
});

suite("top: bytes", () => {
  test("come back as they were, whatever the keys", () => {
    const keys = fc.oneof(
      fc.string({ unit: "binary", maxLength: 5 }),
      fc.constantFrom("\u{feff}a", "a", "\u{d800}", "\u{dfff}", "__proto__", "x".repeat(400)),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, fc.integer({ min: 1, max: 9 }))), (weighted) => {
        const top = of(weighted, 10);
        const copy = Top.fromBytes(top.toBytes());
        assert.deepEqual(copy.toBytes(), top.toBytes());
        assert.deepEqual(copy.entries(99), top.entries(99));
        assert.deepEqual([copy.total, copy.errorMax], [top.total, top.errorMax]);
        for (const [key] of weighted) {
          copy.add(key);
          top.add(key);
        }
        assert.equal(copy.total, top.total);
      }),
      { numRuns: 150 },
    );
  });

  test("of anything else are refused", () => {
    const changed = fc.tuple(additions, fc.nat(), fc.nat(255)).map(([weighted, at, byte]) => {
      const bytes = of(weighted, 8).toBytes();
      return bytes.with(at % bytes.length, byte);
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 60 }), changed), (bytes) => {
        try {
          const read = Top.fromBytes(bytes);
          assert.ok(read.other(Infinity) >= 0);
          assert.deepEqual(Top.fromBytes(read.toBytes()).entries(9), read.entries(9));
        } catch (error) {
          assert.ok(error instanceof Corrupt, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});
