import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeBatch, encodeBatch } from "./batch-codec.ts";
import { type Batch, batchBytesMax } from "./batch.ts";
import { count, type Event, type Sample } from "./sample.ts";
import { splitBatch } from "./split-batch.ts";

const kib = 1024;

function toBatch(samples: readonly Sample[], events: readonly Event[] = []): Batch {
  const marks = { more: false, partial: false, backfill: false };
  return { source: "s", service: "v", seq: 7, from: 0, to: 1, samples, tops: [], events, ...marks };
}

const aSample = fc
  .record({ name: fc.constantFrom("a_total", "b_total"), size: fc.nat(90 * kib), value: fc.nat() })
  .map(({ name, size, value }) => count(name, value, { path: `${value % 3}${"x".repeat(size)}` }));

test("what is kept from splitting is what encoding the part would give", () => {
  fc.assert(
    fc.property(fc.array(aSample, { maxLength: 40 }), (samples) => {
      const parts = splitBatch(toBatch(samples));
      for (const part of parts) {
        const kept = encodeBatch(part);
        assert.deepEqual(kept, encodeBatch({ ...part }));
        assert.ok(kept.length <= batchBytesMax);
        assert.deepEqual(decodeBatch(kept).samples, part.samples);
      }
      assert.deepEqual(
        parts.flatMap((part) => part.samples),
        samples,
      );
      assert.deepEqual(
        parts.map(({ seq, more }) => [seq, more]),
        parts.map((_, index) => [7 + index, index < parts.length - 1]),
      );
    }),
    { numRuns: 40 },
  );
});

test("label sets are told apart, however many there are and however alike", () => {
  const samples = Array.from({ length: 40_000 }, (_, index) =>
    count("n_total", index, { a: String(index % 200), b: String(Math.floor(index / 200)) }),
  );
  const swapped = Array.from({ length: 200 }, (_, index) =>
    count("n_total", index, { b: String(index), a: "1" }),
  );
  const all = [...samples, ...swapped, count("n_total", 0), count("n_total", 1, { a: "1" })];
  const decoded = splitBatch(toBatch(all)).flatMap(
    (part) => decodeBatch(encodeBatch(part)).samples,
  );
  assert.deepEqual(decoded, all);
});
