import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { Distinct, Hash64, hashSeed } from "./distinct.ts";
import { Corrupt } from "./errors.ts";

const encoder = new TextEncoder();

function of(keys: Iterable<string>): Distinct {
  const distinct = new Distinct();
  for (const key of keys) {
    distinct.add(key);
  }
  return distinct;
}

function* toKeys(prefix: string, from: number, to: number): Generator<string> {
  for (let i = from; i < to; i++) {
    yield `${prefix}${i}`;
  }
}

suite("distinct: how many", () => {
  test("is exact up to 1024", () => {
    const distinct = new Distinct();
    for (let i = 1; i <= 1024; i++) {
      distinct.add(`user-${i}`);
      distinct.add(`user-${Math.ceil(i / 2)}`);
      assert.equal(distinct.count, i);
    }
    assert.equal(distinct.isExact, true);
    distinct.add("user-0");
    assert.equal(distinct.isExact, false);
  });

  test("is within three standard errors of the truth at any size, and within one on the whole", () => {
    const standardError = 1.04 / Math.sqrt(2 ** 14);
    let squares = 0;
    let sizes = 0;
    for (const prefix of ["10.1.", "https://shop.example/item/", "é"]) {
      const distinct = new Distinct();
      let size = 0;
      for (let next = 1025; next <= 400_000; next = Math.ceil(next * 1.3)) {
        for (const key of toKeys(prefix, size, next)) {
          distinct.add(key);
        }
        size = next;
        const error = distinct.count / size - 1;
        assert.ok(Math.abs(error) < 3 * standardError, `${prefix} ${size}: ${error}`);
        squares += error ** 2;
        sizes++;
      }
    }
    assert.ok(Math.sqrt(squares / sizes) < standardError);
  });

  test("grows with the leading zeroes, and stays finite for any registers", () => {
    const distinct = new Distinct();
    for (let index = 0; index < 2 ** 14; index++) {
      distinct.addHash(index << 18, 1 << 20);
    }
    // All registers are 30: 18 + 11 leading zeroes, plus one.
    const expected = (2 ** 14 * 2 ** 30) / (2 * Math.LN2);
    assert.ok(Math.abs(distinct.count / expected - 1) < 1e-6, String(distinct.count));
    for (let index = 0; index < 2 ** 14; index++) {
      distinct.addHash(index << 18, 0);
    }
    assert.equal(distinct.count, Number.MAX_SAFE_INTEGER);
  });
});

suite("distinct: hash", () => {
  test("a text and its bytes are the same key", () => {
    const hash = new Hash64(hashSeed);
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", maxLength: 40 }), fc.nat(9), (text, before) => {
        hash.ofText(text);
        const ofText = [hash.high, hash.low];
        const bytes = Uint8Array.of(...new Uint8Array(before), ...encoder.encode(text), 65);
        hash.ofBytes(bytes, before, bytes.length - 1);
        assert.deepEqual([hash.high, hash.low], ofText);
      }),
      { numRuns: 1000 },
    );
  });

  test("stays what it is, since stored summaries depend on it", () => {
    const hash = new Hash64(hashSeed);
    const found = ["", "a", "192.0.2.1", "/shop/item/1.html", "Zoë"].map((text) => {
      hash.ofText(text);
      return [hash.high >>> 0, hash.low >>> 0].map((word) => word.toString(16)).join(" ");
    });
    assert.deepEqual(found, [
      "cffdbfcd 728a6aab",
      "449a13ac f7df6eaa",
      "bbb35207 cd631998",
      "b9cc4ceb e73c8efa",
      "7dd6a5a e73346e1",
    ]);
  });

  test("every bit of a key changes every bit of the hash about every other time", () => {
    const hash = new Hash64(hashSeed);
    const keys = 2000;
    for (const length of [4, 8, 13]) {
      const flips = new Uint32Array(length * 8 * 64);
      for (let key = 0; key < keys; key++) {
        const bytes = Uint8Array.from(
          { length },
          (_, i) => Math.imul(key * 16 + i + 1, 0x9e3779b1) >>> 24,
        );
        hash.ofBytes(bytes, 0, length);
        const { high, low } = hash;
        for (let bit = 0; bit < length * 8; bit++) {
          const flipped = bytes.with(bit >> 3, (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7)));
          hash.ofBytes(flipped, 0, length);
          for (let out = 0; out < 64; out++) {
            const changed = out < 32 ? high ^ hash.high : low ^ hash.low;
            flips[bit * 64 + out] = (flips[bit * 64 + out] ?? 0) + ((changed >>> (out & 31)) & 1);
          }
        }
      }
      for (const [at, count] of flips.entries()) {
        assert.ok(Math.abs(count / keys - 0.5) < 0.07, `length ${length}, ${at}: ${count}`);
      }
    }
  });

  test("similar keys do not collide", () => {
    const hash = new Hash64(hashSeed);
    const seen = new Set<bigint>();
    const size = 300_000;
    for (let i = 0; i < size; i++) {
      hash.ofText(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}${"\0".repeat(i % 3)}`);
      seen.add((BigInt(hash.high) << 32n) | BigInt(hash.low >>> 0));
    }
    assert.equal(seen.size, size);
  });
});

suite("distinct: merge", () => {
  const ranges = fc.array(fc.record({ from: fc.nat(3000), length: fc.nat(900), place: fc.nat() }), {
    minLength: 1,
    maxLength: 6,
  });

  test("in any order and grouping gives what counting at once gives", () => {
    fc.assert(
      fc.property(ranges, fc.nat(6), (made, split) => {
        const atOnce = new Distinct();
        for (const { from, length } of made) {
          for (const key of toKeys("k", from, from + length)) {
            atOnce.add(key);
          }
        }
        const left = new Distinct();
        const right = new Distinct();
        for (const [at, { from, length }] of made.toSorted((a, b) => a.place - b.place).entries()) {
          (at < split ? left : right).merge(of(toKeys("k", from, from + length)));
        }
        right.merge(left);
        assert.deepEqual(right.toBytes(), atOnce.toBytes());
        assert.equal(right.count, atOnce.count);
      }),
      { numRuns: 50 },
    );
  });

  test("with itself changes nothing, and a clone stays apart", () => {
    for (const size of [10, 5000]) {
      const distinct = of(toKeys("k", 0, size));
      const before = distinct.toBytes();
      const clone = distinct.clone();
      distinct.merge(distinct);
      assert.deepEqual(distinct.toBytes(), before);
      distinct.merge(of(toKeys("other", 0, 3000)));
      assert.deepEqual(clone.toBytes(), before);
    }
  });

  test("of another seed is refused", () => {
    assert.throws(() => new Distinct().merge(new Distinct(1)), RangeError);
    const read = Distinct.fromBytes(new Distinct(-1).toBytes());
    read.merge(new Distinct(-1));
    assert.throws(() => new Distinct().merge(read), RangeError);
  });
});

suite("distinct: bytes", () => {
  test("come back as they were", () => {
    for (const size of [0, 1, 1024, 1025, 3000, 6000, 100_000]) {
      const distinct = of(toKeys("k", 0, size));
      distinct.addHash(0, 0);
      distinct.addHash(0, 0);
      assert.ok(size > 1000 || distinct.count === size + 1);
      const copy = Distinct.fromBytes(distinct.toBytes());
      assert.deepEqual(copy.toBytes(), distinct.toBytes());
      assert.equal(copy.count, distinct.count);
      copy.add("another");
      distinct.add("another");
      assert.deepEqual(copy.toBytes(), distinct.toBytes());
      assert.ok(distinct.toBytes().length < 8300);
    }
  });

  test("of anything else are refused", () => {
    const bytesOfSizes = [10, 2000, 100_000].map((size) => of(toKeys("k", 0, size)).toBytes());
    const changed = fc
      .tuple(fc.constantFrom(...bytesOfSizes), fc.nat(), fc.nat(255), fc.nat(20))
      .map(([bytes, at, byte, cut]) =>
        bytes.with(at % Math.min(40, bytes.length), byte).subarray(cut % 3 === 0 ? cut : 0),
      );
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), changed), (bytes) => {
        try {
          const read = Distinct.fromBytes(bytes);
          assert.ok(Number.isSafeInteger(read.count));
          assert.deepEqual(Distinct.fromBytes(read.toBytes()).toBytes(), read.toBytes());
        } catch (error) {
          assert.ok(error instanceof Corrupt, String(error));
        }
      }),
      { numRuns: 300 },
    );
    const sameTwice = of(["a", "b"]).toBytes();
    sameTwice.copyWithin(sameTwice.length - 8, sameTwice.length - 16, sameTwice.length - 8);
    const tooHigh = of(toKeys("k", 0, 1100)).toBytes();
    tooHigh[tooHigh.length - 1] = 52;
    for (const bytes of [sameTwice, tooHigh]) {
      assert.throws(() => Distinct.fromBytes(bytes), Corrupt);
    }
    for (const bytes of bytesOfSizes) {
      assert.throws(() => Distinct.fromBytes(bytes.subarray(0, -1)), Corrupt);
      assert.throws(() => Distinct.fromBytes(Uint8Array.of(...bytes, 0)), Corrupt);
    }
  });
});
