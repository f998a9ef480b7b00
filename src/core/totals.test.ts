import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { type Batch, ownSource } from "./batch.ts";
import { Distinct } from "./distinct.ts";
import { Distribution } from "./distribution.ts";
import { Corrupt } from "./errors.ts";
import { type Sample, count, gauge, seriesText } from "./sample.ts";
import { Totals } from "./totals.ts";

let seq = 0;

function batch(samples: readonly Sample[], changes: Partial<Batch> = {}): Batch {
  seq++;
  const marks = { more: false, partial: false, backfill: false };
  const window = { from: seq * 1000, to: seq * 1000 + 1000 };
  return {
    source: "shop",
    service: "web",
    seq,
    ...window,
    samples,
    tops: [],
    events: [],
    ...marks,
    ...changes,
  };
}

function distribution(...values: number[]): Sample {
  const value = new Distribution();
  values.forEach((each) => value.add(each));
  return { kind: "distribution", name: "seconds", labels: {}, value };
}

/** Series text → value, or count and sum. */
function toTexts(totals: Totals, source?: string): Record<string, unknown> {
  const texts: Record<string, unknown> = {};
  for (const total of totals.list(source)) {
    const key = `${total.source}:${seriesText(total.name, total.labels)}`;
    texts[key] = total.kind === "distribution" ? [total.value.count, total.value.sum] : total.value;
  }
  return texts;
}

suite("totals", () => {
  test("counts and distributions add up, a gauge is its last value", () => {
    const totals = new Totals();
    totals.add(batch([count("a_total", 2, { k: "1" }), gauge("g", 5), distribution(1, 2)]));
    totals.add(batch([count("a_total", 3, { k: "1" }), gauge("g", 7), distribution(4)]));
    assert.deepEqual(toTexts(totals), {
      'shop:a_total{k="1"}': 5,
      "shop:g": 7,
      "shop:seconds": [3, 7],
    });
    assert.equal(totals.size, 3);
  });

  test("the batch's distribution is not touched", () => {
    const totals = new Totals();
    const first = distribution(1);
    totals.add(batch([first]));
    totals.add(batch([distribution(2)]));
    assert.equal(first.kind === "distribution" && first.value.count, 1);
  });

  test("a distinct is how many there were in the last window", () => {
    const totals = new Totals();
    for (const size of [3, 2]) {
      const value = new Distinct();
      for (let i = 0; i < size; i++) {
        value.add(`client ${i}`);
      }
      totals.add(batch([{ kind: "distinct", name: "clients", labels: {}, value }]));
    }
    assert.deepEqual(toTexts(totals), { "shop:clients": 2 });
  });

  test("a gauge that the latest window does not hold is gone, a count stays", () => {
    const totals = new Totals();
    totals.add(batch([gauge("check_up", 1), count("n_total", 1)]));
    totals.add(batch([count("n_total", 1)]));
    assert.deepEqual(toTexts(totals), { "shop:n_total": 2 });
    totals.add(batch([gauge("check_up", 1)]));
    totals.add(batch([]));
    assert.deepEqual(toTexts(totals), { "shop:n_total": 2 });
    assert.equal(totals.size, 1);
  });

  test("a tick without samples says nothing about gauges", () => {
    const totals = new Totals();
    totals.add(batch([gauge("rss", 1)], { source: ownSource }));
    totals.add(batch([], { source: ownSource }));
    assert.deepEqual(toTexts(totals), { [`${ownSource}:rss`]: 1 });
  });

  test("the parts of a window belong together", () => {
    const totals = new Totals();
    totals.add(batch([gauge("a", 1), gauge("b", 1)]));
    totals.add(batch([gauge("a", 2)], { more: true }));
    assert.deepEqual(toTexts(totals), { "shop:a": 2, "shop:b": 1 });
    totals.add(batch([gauge("c", 2)], { more: true }));
    totals.add(batch([count("n_total", 1)]));
    assert.deepEqual(toTexts(totals), { "shop:a": 2, "shop:c": 2, "shop:n_total": 1 });
  });

  test("a series that changes its kind begins anew", () => {
    const totals = new Totals();
    totals.add(batch([gauge("x", 40)]));
    totals.add(batch([count("x", 2)]));
    totals.add(batch([count("x", 3)]));
    assert.deepEqual(
      [...totals.list()].map(({ kind, value }) => [kind, value]),
      [["count", 5]],
    );
  });

  test("series beyond the limit are counted and left out; room that comes free is used", () => {
    const totals = new Totals(2);
    totals.add(batch([gauge("a", 1), count("b", 1), count("c", 1), count("d", 1)]));
    assert.deepEqual(toTexts(totals), { "shop:a": 1, "shop:b": 1 });
    assert.equal(totals.refused, 2);
    totals.add(batch([count("b", 1)]));
    totals.add(batch([count("c", 1)]));
    assert.deepEqual(toTexts(totals), { "shop:b": 2, "shop:c": 1 });
    assert.equal(totals.refused, 2);
  });

  test("sources do not mix, and one can be deleted or listed alone", () => {
    const totals = new Totals();
    totals.add(batch([count("n", 1)]));
    totals.add(batch([count("n", 10)], { source: "other", service: "" }));
    assert.deepEqual(toTexts(totals, "other"), { "other:n": 10 });
    totals.delete("shop");
    totals.delete("never seen");
    assert.deepEqual(toTexts(totals), { "other:n": 10 });
    assert.equal(totals.size, 1);
  });

  const sample = fc.oneof(
    fc.record({
      kind: fc.constantFrom("count" as const, "gauge" as const),
      name: fc.constantFrom("a", "b", "c_total"),
      labels: fc.dictionary(fc.constantFrom("k", "l"), fc.string({ maxLength: 3 })),
      value: fc.nat(1000),
    }),
    fc.array(fc.double({ min: 0, max: 100, noNaN: true })).map((values) => distribution(...values)),
  );
  const batches = fc.array(
    fc.record({
      source: fc.constantFrom("shop", "other", ownSource),
      samples: fc.array(sample, { maxLength: 5 }),
      more: fc.boolean(),
    }),
  );

  test("through bytes at any moment, they go on as if nothing had happened", () => {
    fc.assert(
      fc.property(batches, batches, (before, after) => {
        const whole = new Totals();
        before.forEach(({ samples, ...rest }) => whole.add(batch(samples, rest)));
        const restored = Totals.fromBytes(whole.toBytes());
        assert.deepEqual(toTexts(restored), toTexts(whole));
        for (const { samples, ...rest } of after) {
          const next = batch(samples, rest);
          whole.add(next);
          restored.add(next);
        }
        assert.deepEqual(toTexts(restored), toTexts(whole));
        assert.equal(restored.size, whole.size);
        assert.equal([...restored.list()].length, restored.size);
      }),
    );
  });

  test("bytes that toBytes did not write are Corrupt", () => {
    const totals = new Totals();
    totals.add(batch([gauge("a", 1), distribution(1, 2, 3)]));
    const bytes = totals.toBytes();
    for (let length = 0; length < bytes.length; length++) {
      assert.throws(() => Totals.fromBytes(bytes.subarray(0, length)), Corrupt, `${length} bytes`);
    }
    assert.throws(() => Totals.fromBytes(Uint8Array.of(...bytes, 0)), Corrupt);
    assert.throws(() => Totals.fromBytes(Uint8Array.of(99)), /format 99/);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (hostile) => {
        try {
          Totals.fromBytes(Uint8Array.of(1, ...hostile));
        } catch (error) {
          assert.ok(error instanceof Corrupt, String(error));
        }
      }),
    );
  });
});
