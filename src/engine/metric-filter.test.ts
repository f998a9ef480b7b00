import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toBatch } from "../../test/engine-fixtures.ts";
import { type Labels, count } from "../core/sample.ts";
import { Top } from "../core/top.ts";
import { createMetricFilter, isEmptied } from "./metric-filter.ts";

const nothing = { only: [], except: [], labels: {} };
const names = ["http_requests_total", "http_clients", "check_up", "a.b", "line\nbreak"];
const batch = {
  ...toBatch(
    "shop",
    1,
    names.map((name) => count(name, 1)),
  ),
  tops: [{ name: "http_paths", labels: {}, value: new Top() }],
};

function namesOf(only: string[], except: string[] = []): string[] {
  const { samples, tops } = createMetricFilter({ only, except, labels: {} })(batch);
  return [...samples, ...tops].map(({ name }) => name);
}

function toLabels(labels: Labels): Labels | undefined {
  const filter = createMetricFilter({ ...nothing, labels: { dc: "x", zone: "1" } });
  return filter(toBatch("shop", 1, [count("n", 1, labels)])).samples[0]?.labels;
}

suite("metric filter", () => {
  test("takes what matches only and leaves out except", () => {
    assert.deepEqual(namesOf(["http_*"]), ["http_requests_total", "http_clients", "http_paths"]);
    assert.deepEqual(namesOf(["http_*", "check_up"], ["*_total", "*paths"]), [
      "http_clients",
      "check_up",
    ]);
    assert.deepEqual(namesOf([], ["http_*"]), ["check_up", "a.b", "line\nbreak"]);
    assert.deepEqual(namesOf(["http"]), [], "a name is matched as a whole");
    assert.deepEqual(namesOf(["*"]).length, 6);
    assert.deepEqual(namesOf(["a.b"]), ["a.b"]);
    assert.deepEqual(namesOf(["axb"]), [], "a dot is a dot");
  });

  test("adds constant labels; the metric's own win", () => {
    assert.deepEqual(toLabels({}), { dc: "x", zone: "1" });
    assert.deepEqual(toLabels({ zone: "2" }), { dc: "x", zone: "2" });
  });

  test("without anything to filter, batches pass as they are", () => {
    assert.equal(createMetricFilter(nothing)(batch), batch);
  });

  test("knows what it has emptied", () => {
    const filter = createMetricFilter({ ...nothing, only: ["none"] });
    assert.equal(isEmptied(filter(batch), batch), true);
    const empty = toBatch("shop", 1, []);
    assert.equal(isEmptied(filter(empty), empty), false);
    const event = { at: 0, name: "reload", labels: {}, text: "It was." };
    const eventful = { ...batch, events: [event] };
    assert.equal(isEmptied(filter(eventful), eventful), false);
    assert.deepEqual(filter(eventful).events, [event]);
  });

  test("remembers no more verdicts than it may", () => {
    const filter = createMetricFilter({ ...nothing, except: ["*7"] });
    for (let i = 0; i < 30_000; i++) {
      const { samples } = filter(toBatch("shop", 1, [count(`metric_${i}`, 1)]));
      assert.equal(samples.length, i % 10 === 7 ? 0 : 1);
    }
  });
});
