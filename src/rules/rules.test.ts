// What each kind of rule means, over batches of one second each. Times are in seconds: "2-5" opened at 2, cleared at 5.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import type { Batch } from "../core/batch.ts";
import { count, gauge, type Sample } from "../core/sample.ts";
import { openRules } from "./rules.ts";
import {
  batchAt,
  counts,
  distinct,
  distribution,
  gauges,
  judgeAll,
  parseRules,
  sliceOf,
  spans,
  tickAt,
} from "./story.test.ts";

suite("thresholds", () => {
  test("`above` fires at the threshold and clears below it", async () => {
    const incidents = await judgeAll({ metric: "queue", above: 5 }, gauges(4, 5, 6, 5, 4.9, 5));
    assert.deepEqual(spans(incidents), ["2-5", "6-"]);
    assert.partialDeepStrictEqual(incidents[0], { value: 5, worstValue: 6, lastValue: 4.9 });
  });

  test("`below` mirrors it", async () => {
    const incidents = await judgeAll({ metric: "queue", below: 5 }, gauges(6, 5, 4, 5, 5.1));
    assert.deepEqual(spans(incidents), ["2-5"]);
    assert.partialDeepStrictEqual(incidents[0], { value: 5, worstValue: 4, lastValue: 5.1 });
  });

  test("`clear` keeps it open in between", async () => {
    const above = { metric: "queue", above: 5, clear: 3 };
    assert.deepEqual(spans(await judgeAll(above, gauges(5, 3, 4, 2, 4, 5))), ["1-4", "6-"]);
    const below = { metric: "queue", below: 5, clear: 7 };
    assert.deepEqual(spans(await judgeAll(below, gauges(5, 7, 6, 8, 6, 5))), ["1-4", "6-"]);
  });

  test("a check that is down", async () => {
    const up = [1, 0, undefined, 0, 1].map((value, index) =>
      batchAt((index + 1) * 1000, value === undefined ? [] : [gauge("check_up", value)]),
    );
    const [incident] = await judgeAll({ metric: "check_up", below: 0 }, up);
    assert.partialDeepStrictEqual(incident, { openedAt: 2000, clearedAt: 5000 });
    assert.equal(incident?.summary, "shop is down");
  });
});

suite("for", () => {
  test("the condition has to hold without a break", async () => {
    const rule = { metric: "queue", above: 5, for: "2s" };
    assert.deepEqual(spans(await judgeAll(rule, gauges(5, 5, 4, 5, 5, 5, 4))), ["6-7"]);
  });

  test("ticks let it pass while the source is silent", async () => {
    const rule = { metric: "queue", above: 5, for: "3s" };
    const ticks = [2, 3, 4, 5].map((second) => tickAt(second * 1000));
    const story = [tickAt(1000), ...gauges(7), ...ticks];
    const [incident] = await judgeAll(rule, story);
    assert.partialDeepStrictEqual(incident, { openedAt: 4000, value: 7 });
  });

  test("ticks do not hurry a source whose batches come late", async () => {
    const rule = { metric: "queue", above: 5, for: "3s" };
    const story = [tickAt(60_000), ...gauges(7), tickAt(61_000), tickAt(62_000)];
    assert.deepEqual(spans(await judgeAll(rule, story)), []);
    assert.deepEqual(spans(await judgeAll(rule, [...story, tickAt(63_000)])), ["63-"]);
  });

  test("an incident that a tick opened does not clear before it opened", async () => {
    const rule = { metric: "queue", above: 5, for: "3s" };
    const story = [tickAt(60_000), ...gauges(7), ...[61, 62, 63].map((s) => tickAt(s * 1000))];
    assert.deepEqual(spans(await judgeAll(rule, [...story, batchAt(8000, [gauge("queue", 1)])])), [
      "63-63",
    ]);
  });

  test("time in which nobody watched hardly counts", async () => {
    const rule = { metric: "queue", above: 5, for: "1m" };
    const story = [tickAt(1000), ...gauges(7), tickAt(3_600_000)];
    assert.deepEqual(spans(await judgeAll(rule, story)), []);
  });

  test("an unknown value does not fire by time alone", async () => {
    const rule = { metric: "queue", above: 5, for: "2s" };
    const story = [
      tickAt(1000),
      ...gauges(7, undefined),
      ...[2, 3, 4].map((s) => tickAt(s * 1000)),
    ];
    assert.deepEqual(spans(await judgeAll(rule, story)), []);
    assert.deepEqual(spans(await judgeAll(rule, [...story, ...gauges(7, 7, 7, 7, 7).slice(4)])), [
      "5-",
    ]);
  });
});

suite("counts", () => {
  test("are summed over the window", async () => {
    const rule = { metric: "hits", over: "3s", above: 6 };
    assert.deepEqual(spans(await judgeAll(rule, counts(2, 2, 2, 1, 9, 0, 0, 0))), ["3-4", "5-8"]);
  });

  test("without `over`, each window of the source is judged alone", async () => {
    const rule = { metric: "hits", above: 3 };
    assert.deepEqual(spans(await judgeAll(rule, counts(2, 2, 3, 2))), ["3-4"]);
  });

  test("a series that is absent counted nothing", async () => {
    const rule = { metric: "hits", over: "2s", above: 3 };
    assert.deepEqual(spans(await judgeAll(rule, counts(3, undefined, undefined))), ["1-3"]);
    const below = { metric: "hits", over: "2s", below: 1 };
    assert.deepEqual(spans(await judgeAll(below, counts(3, undefined, undefined, 9))), ["3-4"]);
  });

  test("`below` waits until the window is full", async () => {
    const rule = { metric: "hits", over: "3s", below: 5 };
    assert.deepEqual(spans(await judgeAll(rule, counts(1, 1, 1, 9))), ["3-4"]);
  });

  test("a partial window is no reason to fire `below`, nor to clear `above`", async () => {
    const partial = batchAt(3000, [], { partial: true });
    const withHole = (batches: Batch[]): Batch[] => batches.toSpliced(2, 1, partial);
    const below = { metric: "hits", over: "2s", below: 5 };
    const story = withHole(counts(4, 4, 4, 4, 4, 4));
    assert.deepEqual(spans(await judgeAll(below, story)), []);
    const above = { metric: "hits", over: "2s", above: 6 };
    assert.deepEqual(spans(await judgeAll(above, withHole(counts(4, 4, 4, 1, 1, 1)))), ["2-5"]);
  });

  test("a series that vanished in a partial window is zero in the next", async () => {
    const story = [...counts(9), batchAt(2000, [], { partial: true }), batchAt(3000, [])];
    const rule = { metric: "hits", over: "1s", below: 1 };
    assert.deepEqual(spans(await judgeAll(rule, story)), ["3-"]);
  });

  test("a never seen metric is not zero", async () => {
    const rule = { metric: "hits", over: "2s", below: 1 };
    assert.deepEqual(spans(await judgeAll(rule, gauges(1, 1, 1, 1))), []);
  });

  test("the rate over a window is what adding up by hand gives", async () => {
    const overS = 7;
    const hits = fc.record({ stepS: fc.integer({ min: 1, max: 5 }), hits: fc.nat(40) });
    await fc.assert(
      fc.asyncProperty(fc.array(hits, { maxLength: 40 }), async (steps) => {
        let to = 0;
        const batches = steps.map(({ stepS, hits: value }) => {
          to += stepS * 1000;
          return batchAt(to, [count("hits", value)], { from: to - stepS * 1000 });
        });
        const expected: string[] = [];
        let openedAt: number | undefined;
        for (const [index, batch] of batches.entries()) {
          let total = 0;
          for (const [other, step] of steps.slice(0, index + 1).entries()) {
            total += (batches[other]?.to ?? 0) > batch.to - overS * 1000 ? step.hits : 0;
          }
          if (openedAt === undefined && total / overS >= 5) {
            openedAt = batch.to / 1000;
          } else if (openedAt !== undefined && total / overS < 4) {
            expected.push(`${openedAt}-${batch.to / 1000}`);
            openedAt = undefined;
          }
        }
        expected.push(...(openedAt === undefined ? [] : [`${openedAt}-`]));
        const rule = { metric: "hits", over: `${overS}s`, above: "5/s", clear: "4/s" };
        assert.deepEqual(spans(await judgeAll(rule, batches)), expected);
      }),
      { numRuns: 200 },
    );
  });
});

suite("gauges", () => {
  test("are averaged over the window", async () => {
    const rule = { metric: "queue", over: "2s", above: 5 };
    assert.deepEqual(spans(await judgeAll(rule, gauges(1, 8, 3, 4, 9))), ["3-4", "5-"]);
  });

  test("the worst of several series counts", async () => {
    const both = [gauge("queue", 9, { server: "a" }), gauge("queue", 1, { server: "b" })];
    const [above] = await judgeAll({ metric: "queue", above: 5 }, [batchAt(1000, both)]);
    const [below] = await judgeAll({ metric: "queue", below: 5 }, [batchAt(1000, both)]);
    assert.deepEqual([above?.value, below?.value], [9, 1]);
  });

  test("what is absent, or no number, is unknown", async () => {
    const rule = { metric: "queue", over: "3s", above: 5 };
    const story = gauges(8, undefined, Number.NaN, Infinity, undefined, 1);
    assert.deepEqual(spans(await judgeAll(rule, story)), ["1-6"]);
  });

  test("an average that changes only because old values leave is no news", async () => {
    const rule = { metric: "queue", over: "3s", above: 5 };
    const story = gauges(9, 1, undefined, undefined, 1);
    assert.deepEqual(spans(await judgeAll(rule, story)), ["1-5"]);
  });
});

suite("distributions", () => {
  const rule = {
    metric: "http_request_duration_seconds",
    quantile: 0.5,
    over: "2s",
    above: "500ms",
  };
  const times = (...windows: number[][]): Batch[] =>
    windows.map((values, index) => {
      const samples = values.length === 0 ? [] : [distribution(rule.metric, values)];
      return batchAt((index + 1) * 1000, samples);
    });

  test("are merged over the window before the quantile is taken", async () => {
    const story = times([0.1, 0.1, 0.1], [0.9, 0.9, 0.9, 0.9], [0.1], [0.1, 0.1]);
    const [incident] = await judgeAll(rule, story);
    assert.partialDeepStrictEqual(incident, { openedAt: 2000, clearedAt: 4000, value: 0.9 });
    assert.equal(incident?.summary, "shop: median of request duration 900ms over 2s, above 500ms");
  });

  test("what comes late still counts in the windows to come", async () => {
    const [first, second, third] = times([0.1], [0.1, 0.1, 0.1], [0.1]);
    assert.ok(first && second && third);
    const late = batchAt(2000, [
      distribution(
        rule.metric,
        Array.from({ length: 9 }, () => 0.9),
      ),
    ]);
    const story = [first, second, late, third];
    assert.deepEqual(spans(await judgeAll({ ...rule, over: "9s" }, story)), ["3-"]);
  });

  test("are left as they are for the journal's other readers", async () => {
    const parts = times([0.1], [0.2], [0.3]).map((batch, index) => ({
      ...batch,
      to: 1000,
      more: index < 2,
    }));
    await judgeAll({ ...rule, above: 0 }, parts);
    const counted = parts.map(({ samples: [sample] }) =>
      sample?.kind === "distribution" ? sample.value.count : undefined,
    );
    assert.deepEqual(counted, [1, 1, 1]);
  });

  test("an empty window is unknown", async () => {
    assert.deepEqual(spans(await judgeAll(rule, times([0.9], [], [], []))), ["1-"]);
  });

  test("with fewer observations than the minimum, it neither fires nor clears", async () => {
    const story = times([0.9], [0.9], [0.9, 0.9], [0.1], [0.1], [0.1, 0.1]);
    assert.deepEqual(spans(await judgeAll({ ...rule, minimum: 3 }, story)), ["3-6"]);
  });

  test("a rule without quantile says what it lacks", async () => {
    const { quantile: _, ...without } = rule;
    await using rules = await openRules({
      rules: parseRules({ slow: without }),
      file: ":memory:",
    });
    await rules.consume(sliceOf(times([0.9])));
    const [problem] = rules.problems();
    assert.match(problem?.text ?? "", /is a distribution; add quantile/);
  });
});

suite("distincts", () => {
  test("are merged over the window: the same thing counts once", async () => {
    const seen = [["a", "b"], ["b", "a"], ["c"], [], []];
    const story = seen.map((keys, index) =>
      batchAt((index + 1) * 1000, keys.length === 0 ? [] : [distinct("http_clients", keys)]),
    );
    const [incident, ...more] = await judgeAll(
      { metric: "http_clients", over: "2s", above: 3 },
      story,
    );
    assert.deepEqual(more, []);
    assert.partialDeepStrictEqual(incident, { openedAt: 3000, clearedAt: 4000, value: 3 });
    assert.equal(incident?.summary, "shop: 3 clients over 2s, above 3");
  });
});

function rows(...pairs: [string, number][]): Sample[] {
  return pairs.map(([group, value]) => count("hits", value, { group, status: "200" }));
}

suite("instances", () => {
  test("`by` judges each combination on its own, and one that is gone is zero", async () => {
    const story = [
      batchAt(1000, rows(["api", 5], ["web", 1])),
      batchAt(2000, rows(["web", 7])),
      batchAt(3000, rows(["web", 7])),
    ];
    const incidents = await judgeAll({ metric: "hits", by: ["group"], above: 5 }, story);
    assert.deepEqual(
      incidents.map(({ labels }) => labels),
      [{ group: "api" }, { group: "web" }],
    );
    assert.deepEqual(spans(incidents), ["1-2", "2-"]);
    assert.equal(incidents[0]?.summary, "shop (group api): 5 hits, above 5");
  });

  test("`labels` chooses the series", async () => {
    const story = [batchAt(1000, [...rows(["api", 3], ["web", 4], ["doc", 8]), count("hits", 9)])];
    const labels = { group: ["api", "web"], status: 200 };
    const [incident] = await judgeAll({ metric: "hits", labels, above: 1 }, story);
    assert.equal(incident?.value, 7);
  });

  test("without `source`, each source is judged on its own; `source` and `service` narrow", async () => {
    const story = [
      batchAt(1000, [gauge("queue", 9)], { source: "a", service: "x" }),
      batchAt(1000, [gauge("queue", 9)], { source: "b", service: "y" }),
      batchAt(2000, [gauge("queue", 1)], { source: "a", service: "x" }),
    ];
    const found = async (more: object) => {
      const incidents = await judgeAll({ metric: "queue", above: 5, ...more }, story);
      return incidents.map((incident) => incident.source).toSorted();
    };
    assert.deepEqual(await found({}), ["a", "b"]);
    assert.deepEqual(await found({ source: "a" }), ["a"]);
    assert.deepEqual(await found({ service: "y" }), ["b"]);
    assert.deepEqual(await found({ source: "a", service: "y" }), []);
  });

  test("combinations beyond the limit are counted, not judged", async () => {
    await using rules = await openRules({
      rules: parseRules({ rule: { metric: "hits", by: ["path"], above: 1 } }),
      file: ":memory:",
    });
    const paths = Array.from({ length: 1002 }, (_, path) => count("hits", 1, { path: `/${path}` }));
    await rules.consume(sliceOf([batchAt(1000, paths)]));
    assert.equal(rules.incidents({ state: "open", limit: 2000 }).length, 1000);
    assert.match(rules.problems()[0]?.text ?? "", /more than 1000 .* path: 2 samples/);
  });
});
