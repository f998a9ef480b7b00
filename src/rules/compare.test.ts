// Rules that judge a share, a factor or the heaviest of a top.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { suite, test } from "node:test";
import type { Batch } from "../core/batch.ts";
import { count } from "../core/sample.ts";
import { Top } from "../core/top.ts";
import { openRules } from "./rules.ts";
import {
  batchAt,
  distribution,
  judgeAll,
  parseRules,
  type RuleInput,
  sliceOf,
  spans,
} from "./story.test.ts";

/** Second after second, the requests that went well and those that did not. */
function requests(...seconds: (readonly [ok: number, failed: number])[]): Batch[] {
  return seconds.map(([ok, failed], index) =>
    batchAt((index + 1) * 1000, [
      count("requests", ok, { status: "200", group: "a" }),
      count("requests", failed, { status: "503", group: "a" }),
    ]),
  );
}

function hits(...values: readonly number[]): Batch[] {
  return values.map((value, index) => batchAt((index + 1) * 1000, [count("hits", value)]));
}

const failing: RuleInput = {
  metric: "requests",
  labels: { status: "5*" },
  of: {},
  over: "2s",
  above: "10%",
  clear: "5%",
};

suite("a share", () => {
  test("is of the same window, and has the words for it", async () => {
    const story = requests([99, 1], [90, 10], [89, 11], [100, 0], [100, 0]);
    const incidents = await judgeAll(failing, story);
    assert.deepEqual(spans(incidents), ["3-5"]);
    assert.partialDeepStrictEqual(incidents[0], {
      value: 0.105,
      condition: "above 10%",
      summary: "shop: 10.5% of the requests by status over 2s, above 10%",
    });
  });

  test("of nothing is not known: an incident neither opens nor clears by it", async () => {
    const story = requests([0, 9], [0, 9], [0, 0], [0, 0], [0, 0], [50, 1], [50, 1]);
    assert.deepEqual(spans(await judgeAll(failing, story)), ["1-6"]);
  });

  test("needs as many to divide by as the minimum says", async () => {
    const story = requests([5, 4], [5, 4], [50, 40]);
    assert.deepEqual(spans(await judgeAll({ ...failing, minimum: 20 }, story)), ["3-"]);
  });

  test("is judged by group, each divided by its own", async () => {
    const labels = { status: "500" };
    const busy = count("requests", 1000, { status: "200", group: "busy" });
    const samples = [busy, count("requests", 1, { ...labels, group: "small" })];
    const other = count("requests", 3, { status: "200", group: "small" });
    const story = [batchAt(1000, [...samples, other])];
    const incidents = await judgeAll({ ...failing, by: ["group"] }, story);
    assert.deepEqual(
      incidents.map(({ labels: { group }, value }) => [group, value]),
      [["small", 0.25]],
    );
  });

  test("may be of another metric", async () => {
    const rule: RuleInput = { metric: "retries", of: { metric: "hits" }, over: "2s", above: 0.5 };
    const story = [batchAt(1000, [count("retries", 6), count("hits", 10)])];
    assert.deepEqual(spans(await judgeAll(rule, story)), ["1-"]);
  });
});

const spike: RuleInput = { metric: "hits", over: "2s", baseline: "4s", above: 3 };

suite("a baseline", () => {
  test("is the time before the window, and all of it has to be known", async () => {
    assert.deepEqual(spans(await judgeAll(spike, hits(2, 2, 2, 2, 6, 6, 6))), ["6-7"]);
    assert.deepEqual(spans(await judgeAll(spike, hits(2, 2, 2, 6, 6, 6))), []);
  });

  test("of which nothing is known says nothing", async () => {
    const [first, second, ...rest] = hits(2, 2, 2, 2, 6, 6, 6);
    assert.ok(first && second);
    const story = [first, { ...second, partial: true }, ...rest];
    assert.deepEqual(spans(await judgeAll(spike, story)), []);
  });

  test("shows a drop, also one to nothing", async () => {
    const drop: RuleInput = {
      metric: "hits",
      over: "2s",
      baseline: "4s",
      below: "30%",
      minimum: 8,
    };
    const incidents = await judgeAll(drop, hits(4, 4, 4, 4, 0, 0, 4, 4, 4));
    assert.deepEqual(spans(incidents), ["6-8"]);
    assert.match(incidents[0]?.summary ?? "", /^shop: hits 0% times that of the 4s before over 2s/);
    assert.deepEqual(spans(await judgeAll(drop, hits(3, 3, 3, 3, 0, 0, 3))), [], "too few to tell");
  });

  test("compares quantiles of merged distributions", async () => {
    const story = [0.1, 0.1, 0.1, 0.1, 0.5, 0.5].map((seconds, index) =>
      batchAt((index + 1) * 1000, [distribution("t_seconds", [seconds, seconds])]),
    );
    const rule: RuleInput = { metric: "t_seconds", quantile: 0.5, over: "2s", baseline: "4s" };
    const [incident] = await judgeAll({ ...rule, above: 3 }, story);
    assert.partialDeepStrictEqual(incident, { openedAt: 6000 });
    assert.ok(Math.abs((incident?.value ?? 0) - 5) < 0.1);
  });

  test("is the same after a restart anywhere", async () => {
    const story = hits(2, 2, 2, 2, 6, 6, 6, 1, 1, 1, 1, 9, 9, 9, 1, 1);
    const once = spans(await judgeAll(spike, story));
    assert.ok(once.length > 1);
    for (const cut of story.keys()) {
      assert.deepEqual(await judgeInTwo(spike, story, cut), once, `cut at ${cut}`);
    }
  });
});

suite("a top", () => {
  test("is judged by the certain share of its heaviest, which the incident names", async () => {
    const story = [
      top({ ann: 3, bob: 7 }),
      top({ ann: 8, bob: 2 }),
      top({ ann: 1, bob: 1, cy: 8 }),
    ];
    const rule: RuleInput = { metric: "clients_top", over: "2s", above: "60%", minimum: 10 };
    const batches = story.map((value, index) =>
      batchAt((index + 1) * 1000, [], { tops: [{ name: "clients_top", labels: {}, value }] }),
    );
    const incidents = await judgeAll(rule, batches);
    assert.deepEqual(spans(incidents), ["1-2"]);
    assert.match(
      incidents[0]?.summary ?? "",
      /^shop: bob has 70% of the clients over 2s, above 60%/,
    );
  });

  test("that is not sure of its heaviest does not fire", async () => {
    const value = new Top(2);
    for (const key of ["a", "b", "c", "d", "e", "f"]) {
      value.add(key);
    }
    const story = [batchAt(1000, [], { tops: [{ name: "clients_top", labels: {}, value }] })];
    assert.deepEqual(await judgeAll({ metric: "clients_top", above: "30%" }, story), []);
  });
});

function top(counts: Readonly<Record<string, number>>): Top {
  const value = new Top(10);
  for (const [key, times] of Object.entries(counts)) {
    value.add(key, times);
  }
  return value;
}

async function judgeInTwo(
  rule: RuleInput,
  batches: readonly Batch[],
  cut: number,
): Promise<string[]> {
  const folder = mkdtempSync(path.join(tmpdir(), "watchpost-compare-"));
  const options = { rules: parseRules({ rule }), file: path.join(folder, "incidents.db") };
  try {
    for (const part of [batches.slice(0, cut), batches.slice(cut)]) {
      await using rules = await openRules(options);
      await rules.consume(sliceOf(part));
    }
    await using rules = await openRules(options);
    return spans(rules.incidents({ state: "all", limit: 100 }).toReversed());
  } finally {
    rmSync(folder, { recursive: true });
  }
}
