import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { BatchJson, SampleJson } from "./api.ts";
import { createHistory, isIncomplete } from "./history.ts";
import { sumCounts } from "./traffic.ts";

const start = Date.parse("2026-11-20T16:00:00.000Z");

function requests(value: number): SampleJson {
  return {
    name: "http_requests_total",
    kind: "count",
    labels: { group: "api", status: "200" },
    value,
  };
}

/** The batch of a window of ten seconds that ends `endSeconds` after the start. */
function batch(seq: number, endSeconds: number, extra: Partial<BatchJson> = {}): BatchJson {
  return {
    source: "shop",
    service: "",
    seq,
    from: new Date(start + (endSeconds - 10) * 1000).toISOString(),
    to: new Date(start + endSeconds * 1000).toISOString(),
    samples: [requests(10)],
    tops: [],
    events: [],
    ...extra,
  };
}

function tick(seconds: number): BatchJson {
  return batch(seconds, seconds, { source: "watchpost", samples: [] });
}

suite("history", () => {
  test("a batch that comes again, as it does after a reconnection, is not counted twice", () => {
    const history = createHistory();
    for (const one of [batch(1, 10), batch(2, 20), batch(1, 10), batch(2, 20), batch(3, 30)]) {
      history.take(one);
    }
    const counts = history.windowsOf("shop").map(({ traffic }) => sumCounts(traffic, "requests"));
    assert.deepEqual(counts, [10, 10, 10]);
  });

  test("the parts of a split window are added up", () => {
    const history = createHistory();
    history.take(batch(1, 10, { more: true }));
    history.take(batch(2, 10, { partial: true }));
    const [window, ...others] = history.windowsOf("shop");
    assert.equal(others.length, 0);
    assert.equal(window && sumCounts(window.traffic, "requests"), 20);
    assert.equal(window?.partial, true);
  });

  test("a partial window is told of until three others have come", () => {
    const history = createHistory();
    history.take(batch(1, 10, { partial: true }));
    history.take(batch(2, 20));
    history.take(batch(3, 30));
    assert.equal(isIncomplete(history.windowsOf("shop")), true);
    history.take(batch(4, 40));
    assert.equal(isIncomplete(history.windowsOf("shop")), false);
  });

  test("a new journal counts from 1 again, and is followed", () => {
    const history = createHistory();
    history.take(batch(500, 10));
    history.take(batch(1, 20));
    assert.equal(history.windowsOf("shop").length, 2);
  });

  test("ticks move the time, and what leaves the range is dropped", () => {
    const history = createHistory();
    history.take(batch(1, 10));
    history.take(batch(2, 890));
    history.take(tick(900));
    assert.equal(history.now, start + 900_000);
    assert.equal(history.windowsOf("shop").length, 2);
    history.take(tick(910));
    assert.equal(history.windowsOf("shop").length, 1);
    history.take(tick(905));
    assert.equal(history.now, start + 910_000);
  });

  test("the axis begins with the first window of any source", () => {
    const history = createHistory();
    history.take(batch(1, 200));
    history.take(batch(1, 10, { source: "other" }));
    history.take(tick(400));
    assert.deepEqual(history.range, { from: start, to: start + 400_000 });
  });

  test("what is older than the range is not taken, as a backfill may be", () => {
    const history = createHistory();
    history.take(tick(2000));
    history.take(batch(1, 10, { backfill: true }));
    assert.deepEqual(history.windowsOf("shop"), []);
  });

  test("ticks are no source of their own, and an unknown source has no windows", () => {
    const history = createHistory();
    history.take(tick(1));
    assert.deepEqual(history.windowsOf("watchpost"), []);
    assert.deepEqual(history.windowsOf("nobody"), []);
  });
});
