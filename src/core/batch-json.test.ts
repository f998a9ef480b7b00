import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toBatchJson, toInstant } from "./batch-json.ts";
import type { Batch } from "./batch.ts";
import { Distinct } from "./distinct.ts";
import { Distribution } from "./distribution.ts";
import { count, gauge } from "./sample.ts";
import { Top } from "./top.ts";

const durations = new Distribution();
[0.1, 0.2, 0.3].forEach((seconds) => durations.add(seconds));
const clients = new Distinct();
clients.add("192.0.2.1");
const paths = new Top();
for (let i = 0; i < 12; i++) {
  paths.add(`/${i}`, 12 - i);
}

const batch: Batch = {
  source: "shop",
  service: "",
  seq: 3,
  from: Date.UTC(2026, 0, 1),
  to: Date.UTC(2026, 0, 1, 0, 0, 10),
  samples: [
    count("n_total", 2, { group: "api" }),
    gauge("g", -0.5),
    { kind: "distribution", name: "seconds", labels: {}, value: durations },
    { kind: "distribution", name: "empty", labels: {}, value: new Distribution() },
    { kind: "distinct", name: "clients", labels: {}, value: clients },
  ],
  tops: [{ name: "paths", labels: {}, value: paths }],
  events: [{ at: Date.UTC(2026, 0, 1), name: "file_rotated", labels: {}, text: "It was." }],
  more: false,
  partial: false,
  backfill: false,
};

suite("batch as JSON", () => {
  test("has instants in UTC, summaries of distributions and no marks that are not set", () => {
    const json = toBatchJson(batch);
    assert.deepEqual(Object.keys(json), [
      "source",
      "service",
      "seq",
      "from",
      "to",
      "samples",
      "tops",
      "events",
    ]);
    assert.equal(json.from, "2026-01-01T00:00:00.000Z");
    assert.equal(json.events[0]?.at, "2026-01-01T00:00:00.000Z");
    const [n, g, seconds, empty, distinct] = json.samples;
    assert.deepEqual(n, { name: "n_total", kind: "count", labels: { group: "api" }, value: 2 });
    assert.equal(g?.value, -0.5);
    assert.ok(typeof seconds?.value === "object");
    assert.equal(seconds.value.count, 3);
    assert.equal(seconds.value.max, 0.3);
    const nothing = { min: null, max: null, p50: null, p90: null, p99: null };
    assert.deepEqual(empty?.value, { count: 0, sum: 0, ...nothing });
    assert.equal(distinct?.value, 1);
  });

  test("says so when it is marked", () => {
    const { more, partial, backfill } = toBatchJson({
      ...batch,
      more: true,
      partial: true,
      backfill: true,
    });
    assert.deepEqual([more, partial, backfill], [true, true, true]);
  });

  test("carries the ten heaviest entries of a top", () => {
    const [top] = toBatchJson(batch).tops;
    assert.equal(top?.total, 78);
    assert.equal(top.entries[0]?.key, "/0");
    assert.ok(top.entries.length <= 11, "ten, and perhaps what is left");
  });

  test("survives JSON", () => {
    const json = toBatchJson(batch);
    assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
  });

  test("an instant outside of what a date can hold is an error", () => {
    assert.throws(() => toInstant(Number.NaN), RangeError);
  });
});
