import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { planQueries, quote, type View } from "./queries.ts";
import { weekMs } from "./ranges.ts";

const view: View = {
  source: undefined,
  group: undefined,
  range: { from: Date.UTC(2026, 10, 20, 10), to: Date.UTC(2026, 10, 20, 16) },
  isCompared: false,
  hasLogs: true,
  hasChecks: true,
  hasBalancers: false,
};

function asked(changes: Partial<View>): Map<string, URLSearchParams> {
  const { queries } = planQueries({ ...view, ...changes });
  return new Map(queries.map(({ name, params }) => [name, new URLSearchParams(params)]));
}

suite("queries", () => {
  test("all sources are asked for at once: one request for each kind of chart", () => {
    const queries = asked({});
    const names = ["requests", "errors", "durations", "bytes", "lines", "up", "unknown", "phases"];
    assert.deepEqual([...queries.keys()], names);
    assert.equal(queries.get("requests")?.get("select"), "http_requests_total");
    assert.equal(queries.get("requests")?.get("by"), "source,group");
    assert.equal(queries.get("requests")?.get("aggregate"), "sum");
    assert.equal(queries.get("requests")?.get("from"), "2026-11-20T10:00:00.000Z");
    assert.equal(planQueries(view).heatMap, undefined);
    assert.equal(planQueries(view).tops, undefined);
  });

  test("only what the sources can have is asked for", () => {
    assert.deepEqual([...asked({ hasLogs: false }).keys()], ["up", "unknown", "phases"]);
    assert.equal(asked({ hasChecks: false }).has("up"), false);
  });

  test("a group narrows every chart but the list of groups", () => {
    const queries = asked({ source: "shop", group: 'a"b', hasChecks: false, isCompared: true });
    const narrowed = String.raw`source="shop",group="a\"b"`;
    assert.equal(queries.get("requests")?.get("select"), 'http_requests_total{source="shop"}');
    assert.equal(queries.get("requestsBefore")?.get("select"), `http_requests_total{${narrowed}}`);
    assert.equal(
      queries.get("errors")?.get("select"),
      `http_requests_total{${narrowed},status=~"4.*|5.*"}`,
    );
    assert.equal(queries.get("lines")?.get("select"), 'log_lines_total{source="shop"}');
    const { heatMap } = planQueries({ ...view, source: "shop", group: "cart" });
    assert.equal(
      new URLSearchParams(heatMap).get("select"),
      'http_request_duration_seconds{source="shop",group="cart"}',
    );
  });

  test("a comparison asks for the same time a week before", () => {
    const before = asked({ isCompared: true }).get("durationsBefore");
    const from = Date.parse(before?.get("from") ?? "");
    const to = Date.parse(before?.get("to") ?? "");
    assert.deepEqual([from, to], [view.range.from - weekMs, view.range.to - weekMs]);
  });

  test("percentiles of a week are made of hours", () => {
    const week = { from: view.range.to - weekMs, to: view.range.to };
    assert.equal(asked({ range: week }).get("durations")?.get("step"), "1h");
    assert.equal(asked({ range: week }).get("requests")?.get("step"), "auto");
    assert.equal(asked({}).get("durations")?.get("step"), "auto");
  });

  test("a value cannot end its quotes", () => {
    assert.equal(quote('a"b\\c\nd'), String.raw`"a\"b\\c\nd"`);
  });
});
