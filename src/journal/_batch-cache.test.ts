import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import type { Batch } from "../core/batch.ts";
import { BatchCache } from "./_batch-cache.ts";

const marks = { more: false, partial: false, backfill: false };
const window = { service: "", from: 0, to: 1, samples: [], tops: [], events: [], ...marks };

suite("batch cache", () => {
  test("lets the oldest go when it is full", () => {
    const cache = new BatchCache(30);
    for (const number of [1, 2, 3, 4]) {
      cache.put(number, { batch: batchOf(number), sizeBytes: 10 });
    }
    assert.equal(cache.get(1), undefined);
    assert.equal(cache.get(2)?.batch.seq, 2);
    assert.equal(cache.get(4)?.batch.seq, 4);
  });

  test("a reader far behind does not push out what the others need", () => {
    const cache = new BatchCache(20);
    for (const number of [11, 12, 13, 1, 2, 3]) {
      cache.put(number, { batch: batchOf(number), sizeBytes: 10 });
    }
    assert.equal(cache.get(3), undefined);
    assert.equal(cache.get(12)?.batch.seq, 12);
    assert.equal(cache.get(13)?.batch.seq, 13);
  });

  test("never holds more than it may", () => {
    const puts = fc.array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 150 })));
    fc.assert(
      fc.property(puts, (each) => {
        const cache = new BatchCache(100);
        for (const [number, sizeBytes] of each) {
          cache.put(number, { batch: batchOf(number), sizeBytes });
          const held = Array.from({ length: 51 }, (_, at) => cache.get(at)?.sizeBytes ?? 0);
          const sum = held.reduce((total, size) => total + size, 0);
          assert.equal(cache.sizeBytes, sum);
          assert.ok(sum <= 100);
        }
      }),
    );
  });
});

function batchOf(seq: number): Batch {
  return { ...window, source: "shop", seq };
}
