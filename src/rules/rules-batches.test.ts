// What rules make of batches that are split, late, old, missing or from a wrong clock.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { count, gauge } from "../core/sample.ts";
import { openRules } from "./rules.ts";
import { batchAt, counts, gauges, judgeAll, parseRules, sliceOf, spans } from "./story.test.ts";

suite("batches", () => {
  test("a window in several parts is judged when the last has come", async () => {
    const parts = [3, 3, 3].map((value, index) =>
      batchAt(1000, [count("hits", value)], { more: index < 2 }),
    );
    const incidents = await judgeAll({ metric: "hits", above: 5 }, parts);
    assert.deepEqual(
      incidents.map(({ value }) => value),
      [9],
    );
  });

  test("the first poll after an outage is no burst", async () => {
    const rule = { metric: "hits", over: "10s", above: "8/s" };
    const [before, quiet] = [batchAt(1000, [count("hits", 5)]), 5 * 600];
    const afterOutage = batchAt(601_000, [count("hits", quiet)], { from: 1000 });
    assert.deepEqual(spans(await judgeAll(rule, [before, afterOutage])), []);
    const busy = batchAt(601_000, [count("hits", 9 * 600)], { from: 1000 });
    const [incident] = await judgeAll(rule, [before, busy]);
    assert.partialDeepStrictEqual(incident, { openedAt: 601_000, value: 9 });
  });

  test("backfill is marked on the incident that it opens", async () => {
    const [old, live] = gauges(9, 1);
    assert.ok(old && live);
    const story = [{ ...old, backfill: true }, live];
    const [incident] = await judgeAll({ metric: "queue", above: 5 }, story);
    assert.partialDeepStrictEqual(incident, { backfill: true, clearedAt: 2000 });
  });

  test("what comes late changes no verdict of the past", async () => {
    const [first, second, third] = gauges(1, 1, 1);
    assert.ok(first && second && third);
    const late = batchAt(1000, [gauge("queue", 99)]);
    assert.deepEqual(
      spans(await judgeAll({ metric: "queue", above: 5 }, [first, second, late, third])),
      [],
    );
  });

  test("after the clock was set back by much, windows begin anew", async () => {
    const hour = 3_600_000;
    const story = [
      batchAt(hour, [count("hits", 9)]),
      batchAt(1000, [count("hits", 4)]),
      batchAt(2000, [count("hits", 2)]),
    ];
    const [incident] = await judgeAll({ metric: "hits", over: "2h", above: 6 }, story.slice(1));
    assert.equal(incident?.value, 6);
    const all = await judgeAll({ metric: "hits", over: "2h", above: 6 }, story);
    assert.deepEqual(
      all.map(({ openedAt, lastValue }) => [openedAt, lastValue]),
      [[hour, 6]],
    );
  });

  test("backfill behind the newest window does not look like a clock that was set back", async () => {
    const hour = 3_600_000;
    const story = [
      batchAt(hour, [count("hits", 4)]),
      batchAt(1000, [count("hits", 9)], { backfill: true }),
      batchAt(hour + 1000, [count("hits", 2)]),
    ];
    const incidents = await judgeAll({ metric: "hits", over: "5s", above: 6 }, story);
    assert.deepEqual(
      incidents.map(({ openedAt, value }) => [openedAt, value]),
      [[hour + 1000, 6]],
    );
  });

  test("the first batch after a gap may be but the end of its window", async () => {
    const rule = { metric: "hits", below: 3 };
    await using rules = await openRules({ rules: parseRules({ rule }), file: ":memory:" });
    const story = counts(9, 1, 1);
    await rules.consume(sliceOf(story.slice(0, 1)));
    const gap = { reason: "retention", batches: 1 } as const;
    await rules.consume(sliceOf(story.slice(1), 1, [gap]));
    assert.deepEqual(spans(rules.incidents({ state: "all", limit: 9 })), ["3-"]);
  });

  test("a gap empties the windows: a sum is not known to be low before they are full", async () => {
    const rule = { metric: "hits", over: "3s", above: 6, clear: 3 };
    await using rules = await openRules({ rules: parseRules({ rule }), file: ":memory:" });
    const story = counts(6, 0, 1, 1, 1, 1, 0);
    await rules.consume(sliceOf(story.slice(0, 1)));
    const gap = { reason: "retention", batches: 1 } as const;
    await rules.consume(sliceOf(story.slice(2, 5), 2, [gap]));
    assert.deepEqual(spans(rules.incidents({ state: "all", limit: 9 })), ["1-"]);
    await rules.consume(sliceOf(story.slice(5), 5));
    assert.deepEqual(spans(rules.incidents({ state: "all", limit: 9 })), ["1-7"]);
  });
});
