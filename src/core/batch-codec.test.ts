import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { decodeBatch, encodeBatch } from "./batch-codec.ts";
import type { Batch } from "./batch.ts";
import { Distinct } from "./distinct.ts";
import { Distribution } from "./distribution.ts";
import { Corrupt } from "./errors.ts";
import { count, gauge, type Sample } from "./sample.ts";
import { Top } from "./top.ts";

// A byte order mark at the start of a text is lost in decoding, which no name, label or sentence of ours needs.
const aText = fc.string({ unit: "grapheme", maxLength: 6 }).filter((text) => text[0] !== "\uFEFF");
/** What sources make has Object's prototype. */
function recordOf<Value>(shape: {
  [Key in keyof Value]: fc.Arbitrary<Value[Key]>;
}): fc.Arbitrary<Value> {
  return fc.record(shape, { noNullPrototype: true });
}

const aLabelSet = fc.dictionary(fc.oneof(aText, fc.constant("__proto__")), aText, {
  maxKeys: 4,
  noNullPrototype: true,
});
const aName = fc.oneof(fc.constantFrom("http_requests_total", "up"), aText);
const aValue = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), fc.constant(-0));
const aNumericSample = recordOf({
  kind: fc.constantFrom("gauge", "count"),
  name: aName,
  labels: aLabelSet,
  value: aValue,
});
const aDistribution = fc
  .array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { maxLength: 8 })
  .map((values) => {
    const distribution = new Distribution();
    for (const value of values) {
      distribution.add(value);
    }
    return distribution;
  });
const aDistinct = fc.array(aText, { maxLength: 8 }).map((keys) => {
  const distinct = new Distinct();
  for (const key of keys) {
    distinct.add(key);
  }
  return distinct;
});
const aTop = fc.array(aText, { maxLength: 8 }).map((keys) => {
  const top = new Top(5);
  for (const key of keys) {
    top.add(key, 3);
  }
  return top;
});
const aSummary = fc.oneof(
  recordOf({
    kind: fc.constant("distribution"),
    name: aName,
    labels: aLabelSet,
    value: aDistribution,
  }),
  recordOf({ kind: fc.constant("distinct"), name: aName, labels: aLabelSet, value: aDistinct }),
);

function batchOf<Item extends Sample>(samples: fc.Arbitrary<Item[]>): fc.Arbitrary<Batch> {
  return recordOf({
    source: aText,
    service: aText,
    seq: fc.maxSafeNat(),
    from: fc.double(),
    to: fc.double(),
    samples,
    tops: fc.array(recordOf({ name: aName, labels: aLabelSet, value: aTop }), { maxLength: 2 }),
    events: fc.array(recordOf({ at: fc.double(), name: aName, labels: aLabelSet, text: aText }), {
      maxLength: 3,
    }),
    more: fc.boolean(),
    partial: fc.boolean(),
    backfill: fc.boolean(),
  });
}

const aBatch = batchOf<Sample>(fc.array(fc.oneof(aNumericSample, aSummary), { maxLength: 10 }));

suite("batch codec", () => {
  test("gives back what it was given", () => {
    const numeric = batchOf(fc.array(aNumericSample, { maxLength: 10 }));
    fc.assert(
      fc.property(numeric, (batch) => {
        const bare = { ...batch, tops: [] };
        assert.deepEqual(decodeBatch(encodeBatch(bare)), bare);
      }),
    );
  });

  test("gives back summaries, tops and all", () => {
    fc.assert(
      fc.property(aBatch, (batch) => {
        const encoded = encodeBatch(batch);
        const decoded = decodeBatch(encoded);
        assert.deepEqual(encodeBatch(decoded), encoded);
        assert.deepEqual(decoded.samples.map(toPlain), batch.samples.map(toPlain));
        assert.deepEqual(
          decoded.tops.map(({ value }) => value.entries(5)),
          batch.tops.map(({ value }) => value.entries(5)),
        );
      }),
    );
  });

  test("labels that are alike are written once, also when they are different objects", () => {
    const shared = { group: "a", method: "get", status: "200" };
    assert.equal(
      sizeOf([1, 2, 3, 4].map((value) => gauge("up", value, { ...shared }))),
      sizeOf([1, 2, 3, 4].map((value) => gauge("up", value, shared))),
    );
  });

  test("a sample of a few labels takes a few bytes", () => {
    const samples = Array.from({ length: 1000 }, (_, index) =>
      count("requests_total", index % 50, { core: "1" }),
    );
    assert.ok(sizeOf(samples) - sizeOf(samples.slice(0, 100)) <= 900 * 5);
  });

  test("of bytes cut short it says that they are corrupt", () => {
    fc.assert(
      fc.property(aBatch, fc.double({ min: 0, max: 1, maxExcluded: true }), (batch, part) => {
        const encoded = encodeBatch(batch);
        const cut = encoded.subarray(0, Math.floor(encoded.length * part));
        assert.throws(() => decodeBatch(cut), Corrupt);
      }),
    );
  });

  test("of bytes with more behind them it says that they are corrupt", () => {
    const encoded = encodeBatch(emptyBatch);
    assert.throws(() => decodeBatch(Uint8Array.from([...encoded, 0])), Corrupt);
  });

  test("of a format it does not know it says so", () => {
    const encoded = encodeBatch(emptyBatch);
    encoded[0] = 9;
    assert.throws(() => decodeBatch(encoded), { name: "Corrupt", message: /format 9/ });
  });

  test("any other bytes are a batch or corrupt, never a crash", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodeOrRefuse(bytes);
        decodeOrRefuse(Uint8Array.from([1, ...bytes]));
      }),
      { numRuns: 500, interruptAfterTimeLimit: 5000 },
    );
  });

  test("a batch with some bytes changed is a batch or corrupt, never a crash", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(aBatch, changes, (batch, changed) => {
        const encoded = encodeBatch(batch);
        for (const [at, value] of changed) {
          encoded[at % encoded.length] = value;
        }
        decodeOrRefuse(encoded);
      }),
      { numRuns: 500, interruptAfterTimeLimit: 5000 },
    );
  });
});

const emptyBatch: Batch = {
  source: "shop",
  service: "",
  seq: 1,
  from: 0,
  to: 1000,
  samples: [],
  tops: [],
  events: [],
  more: false,
  partial: false,
  backfill: false,
};

function sizeOf(samples: readonly Sample[]): number {
  return encodeBatch({ ...emptyBatch, samples }).length;
}

/** Summaries keep their state to themselves; what they write is what can be compared. */
function toPlain(sample: Sample): unknown {
  return typeof sample.value === "number" ? sample : { ...sample, value: sample.value.toBytes() };
}

function decodeOrRefuse(bytes: Uint8Array): void {
  try {
    const batch = decodeBatch(bytes);
    assert.ok(Number.isSafeInteger(batch.seq));
    assert.ok(batch.samples.length <= bytes.length);
  } catch (error) {
    if (!(error instanceof Corrupt)) {
      throw error;
    }
  }
}
