import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { createFakeNode } from "../../test/fake-environment.ts";
import { readBatches } from "../../test/engine-fixtures.ts";
import { encodeBatch } from "../core/batch-codec.ts";
import { type Batch, batchBytesMax } from "../core/batch.ts";
import type { Observation } from "../core/component.ts";
import { type Event, type Sample, count } from "../core/sample.ts";
import { Top } from "../core/top.ts";
import { splitBatch } from "../core/split-batch.ts";
import { createSourceWriter } from "./source-writer.ts";

function toEvent(sizeBytes: number, at = 0): Event {
  return { at, name: "line", labels: {}, text: "x".repeat(sizeBytes) };
}

function toSample(sizeBytes: number, value: number): Sample {
  return count("n_total", value, { path: `${value}${"y".repeat(sizeBytes)}` });
}

function toWindow(changes: Partial<Observation>): Observation {
  return { from: 0, to: 1000, samples: [], ...changes };
}

async function write(observation: Observation): Promise<readonly Batch[]> {
  const { environment, journal } = createFakeNode();
  const claim = await journal.claim("shop");
  const onProblem = assert.fail;
  const writer = createSourceWriter({
    journal,
    claim,
    kind: "test",
    service: "web",
    environment,
    onProblem,
  });
  await writer.append(observation, new AbortController().signal);
  return readBatches(journal);
}

const kib = 1024;
const sizeBytes = fc.oneof(fc.nat(2 * kib), fc.nat(400 * kib));
const observation = fc.record({
  from: fc.constant(0),
  to: fc.constant(1000),
  partial: fc.boolean(),
  backfill: fc.boolean(),
  samples: fc.array(sizeBytes, { maxLength: 6 }).map((sizes) => sizes.map(toSample)),
  events: fc.array(sizeBytes, { maxLength: 6 }).map((sizes) => sizes.map(toEvent)),
  tops: fc.array(sizeBytes, { maxLength: 3 }).map((sizes) =>
    sizes.map((size, i) => {
      const value = new Top();
      value.add(`${i}${"z".repeat(size)}`, 1);
      return { name: "paths", labels: {}, value };
    }),
  ),
});

suite("a source's writer", () => {
  test("the parts of a window are the whole, each within the limit, all but the last with more", async () => {
    await fc.assert(
      fc.asyncProperty(observation, async (given) => {
        const parts = await write(given);
        assert.deepEqual(
          parts.flatMap(({ samples }) => samples),
          given.samples,
        );
        assert.deepEqual(
          parts.flatMap(({ events }) => events),
          given.events,
        );
        assert.equal(parts.flatMap(({ tops }) => tops).length, given.tops.length);
        for (const [i, part] of parts.entries()) {
          assert.ok(encodeBatch(part).length <= batchBytesMax);
          assert.equal(part.more, i < parts.length - 1);
          assert.equal(part.seq, i + 1);
          assert.deepEqual([part.from, part.to], [0, 1000]);
          assert.deepEqual([part.partial, part.backfill], [given.partial, given.backfill]);
        }
      }),
      { numRuns: 60 },
    );
  });

  test("a window that is small stays one batch, an empty one too", async () => {
    assert.equal((await write(toWindow({}))).length, 1);
    const samples = Array.from({ length: 500 }, (_, i) => toSample(20, i));
    assert.equal((await write(toWindow({ samples }))).length, 1);
  });

  test("an item too large for any batch is left out, marked, and costs nothing else", async () => {
    const events = [toEvent(10), toEvent(600 * kib), toEvent(10)];
    const parts = await write(toWindow({ samples: [toSample(10, 1)], events }));
    assert.deepEqual(
      parts.flatMap((part) => part.events).map(({ text }) => text.length),
      [10, 10],
    );
    assert.equal(parts.flatMap((part) => part.samples).length, 1);
    assert.ok(parts.some(({ partial }) => partial));
  });

  test("a part still fits with the longest sequence number", () => {
    const empty = { source: "s", service: "", seq: 1, from: 0, to: 1, samples: [], tops: [] };
    const marks = { more: false, partial: false, backfill: false };
    const toBatch = (size: number): Batch => ({ ...empty, ...marks, events: [toEvent(size)] });
    const overhead = encodeBatch(toBatch(batchBytesMax)).length - batchBytesMax;
    for (let size = batchBytesMax - overhead - 10; size <= batchBytesMax - overhead; size++) {
      for (const part of splitBatch(toBatch(size))) {
        const seq = Number.MAX_SAFE_INTEGER;
        assert.ok(encodeBatch({ ...part, seq }).length <= batchBytesMax);
      }
    }
  });
});
