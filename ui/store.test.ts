import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Incident } from "./api.ts";
import { createStore, type Store } from "./store.ts";

const incident: Incident = {
  id: "1",
  rule: "high-traffic",
  source: "shop",
  service: "",
  labels: {},
  metric: "http_requests_total",
  openedAt: "2026-11-20T16:00:00.000Z",
  clearedAt: null,
  clearReason: null,
  last: 42,
  condition: "above 30/s",
  value: 42,
  worst: 42,
  summary: "requests 42/s over 10s, above 30/s",
};

function tick(store: Store, second: number): void {
  const at = new Date(Date.parse("2026-11-20T16:00:00.000Z") + second * 1000).toISOString();
  const batch = { source: "watchpost", service: "", seq: second, from: at, to: at };
  store.takeEvent({
    name: "batch",
    data: JSON.stringify({ ...batch, samples: [], tops: [], events: [] }),
  });
}

function open(): { readonly store: Store; readonly draws: (() => void)[] } {
  const draws: (() => void)[] = [];
  return { store: createStore((draw) => draws.push(draw)), draws };
}

suite("store", () => {
  test("any number of batches asks for one frame, and the next batch for the next", () => {
    const { store, draws } = open();
    for (let second = 1; second <= 1000; second++) {
      tick(store, second);
    }
    assert.equal(draws.length, 1);
    assert.equal(store.frame.value.now, 0);
    draws[0]?.();
    assert.equal(store.frame.value.now, Date.parse("2026-11-20T16:16:40.000Z"));
    tick(store, 1001);
    assert.equal(draws.length, 2);
  });

  test("incidents are announced only after the page knows which there are", () => {
    const { store } = open();
    store.takeEvent({ name: "incident", data: JSON.stringify(incident) });
    assert.equal(store.incidents.peek(), undefined);
    store.takeIncidents([incident]);
    store.takeEvent({ name: "incident", data: JSON.stringify(incident) });
    assert.equal(store.announcement.value, "");
    const other = { ...incident, id: "2", rule: "slow" };
    store.takeEvent({ name: "incident", data: JSON.stringify(other) });
    assert.match(store.announcement.value, /^Incident opened: slow on shop/);
    assert.deepEqual(
      store.incidents.peek()?.map(({ id }) => id),
      ["1", "2"],
    );
  });

  test("gaps add up", () => {
    const { store } = open();
    store.takeEvent({ name: "gap", data: '{"reason":"too slow","batches":3}' });
    store.takeEvent({ name: "gap", data: '{"reason":"retention","batches":4}' });
    assert.deepEqual(store.missed.value, { reason: "retention", batches: 7 });
  });

  test("the server's clock sets the time until ticks do", () => {
    const { store, draws } = open();
    store.takeSources({ node: "hub-1", version: "0.1.0", sources: [] }, 5_000);
    draws[0]?.();
    assert.equal(store.frame.value.now, 5_000);
    assert.deepEqual(store.node.value, { name: "hub-1", version: "0.1.0" });
  });
});
