import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ruleOptions } from "./rule-options.ts";
import type { RuleInput } from "./story.test.ts";

const metric = "http_requests_total";
const p99 = { metric: "http_request_duration_seconds", quantile: 0.99 };

test("takes the rules of the sample configuration", () => {
  assert.deepEqual(ruleOptions.parse({ source: "shop", metric, over: "2m", above: "30/s" }), {
    source: "shop",
    metric,
    over: 120_000,
    above: { value: 30, perSecond: true, unit: "none" },
  });
  const slow = { ...p99, over: "5m", above: "800ms", clear: "500ms", for: "2m", minimum: 120 };
  assert.deepEqual(ruleOptions.parse(slow), {
    ...p99,
    over: 300_000,
    above: { value: 0.8, perSecond: false, unit: "time" },
    clear: { value: 0.5, perSecond: false, unit: "time" },
    for: 120_000,
    minimum: 120,
  });
});

test("label values may be a text, a number or a list", () => {
  const labels = { group: "api", status: 500, method: ["GET", "PUT"] };
  const parsed = ruleOptions.parse({ metric, labels, above: 1 });
  assert.deepEqual(parsed.labels, { group: ["api"], status: ["500"], method: ["GET", "PUT"] });
});

test("every option is described", () => {
  const { properties = {} } = z.toJSONSchema(ruleOptions, { io: "input" });
  assert.ok(Object.keys(properties).length > 10);
  for (const [name, property] of Object.entries(properties)) {
    assert.ok(typeof property === "object" && property.description, `${name} is not described`);
  }
});

suite("refuses, at the field to change", () => {
  const faults: readonly (readonly [string, RuleInput, string, RegExp])[] = [
    ["no threshold", { metric }, "", /has no threshold; write either above or below/],
    ["both thresholds", { metric, above: 2, below: 1 }, "below", /beside above/],
    ["a rate without window", { metric, above: "3/s" }, "above", /add one, such as over: 2m/],
    ["a rate of a quantile", { ...p99, over: "1m", above: "3/s" }, "above", /without \/s/],
    ["clear above `above`", { metric, above: 2, clear: 3 }, "clear", /the same or less/],
    ["clear below `below`", { metric, below: 2, clear: 1 }, "clear", /the same or more/],
    ["clear no rate", { metric, over: "1m", above: "2/s", clear: 1 }, "clear", /write a rate/],
    ["clear a rate", { metric, over: "1m", above: 2, clear: "1/s" }, "clear", /without \/s/],
    ["an empty window", { metric, over: "0s", above: 2 }, "over", /out of range/],
    ["an endless window", { metric, over: "1y", above: 2 }, "over", /at most 31d/],
    ["source as a label", { metric, above: 2, labels: { source: "a" } }, "labels.source", /beside/],
    ["service in by", { metric, above: 2, by: ["a", "service"] }, "by.1", /each source/],
    ["a label twice", { metric, above: 2, by: ["a", "a"] }, "by.1", /twice/],
    ["an unknown word", { metric, above: 2, summary: "{valeu}" }, "summary", /one of value/],
    ["no metric", { above: 2 }, "metric", /stock/],
    [
      "of and baseline",
      { metric, above: 2, over: "1m", of: {}, baseline: "1h" },
      "baseline",
      /each/,
    ],
    ["a baseline alone", { metric, above: 2, baseline: "1h" }, "baseline", /over: 5m/],
    ["a short baseline", { metric, above: 2, over: "2h", baseline: "1h" }, "baseline", /shorter/],
    ["a share a second", { metric, above: "2/s", over: "1h", of: {} }, "above", /a share/],
    [
      "source of a share",
      { metric, above: 2, of: { labels: { source: "a" } } },
      "of.labels.source",
      /beside/,
    ],
    ["check_up below 1", { metric: "check_up", below: 1 }, "below", /write below: 0/],
  ];
  for (const [name, input, path, message] of faults) {
    test(name, () => {
      const issues = ruleOptions.safeParse(input).error?.issues ?? [];
      assert.deepEqual(
        issues.map((issue) => issue.path.join(".")),
        [path],
      );
      assert.match(issues[0]?.message ?? "", message);
    });
  }

  test("several faults at once", () => {
    const parsed = ruleOptions.safeParse({ metric, above: "3/s", clear: 2, by: ["a", "a"] });
    assert.equal(parsed.error?.issues.length, 3);
  });
});
