import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inventAnswers, inventSeries, shop } from "./invented-answers.ts";
import { toPastTraffic } from "./past-traffic.ts";
import { weekMs } from "./ranges.ts";

const requests = [
  inventSeries({ group: "cart" }, [10, 20]),
  inventSeries({ group: "(ungrouped)" }, [90, 90]),
  inventSeries({ source: "other", group: "api" }, [50, 50]),
];

suite("past traffic", () => {
  test("each group of the source is an area, and the totals are those of the range", () => {
    const {
      requests: chart,
      groups,
      totals,
    } = toPastTraffic(inventAnswers([["requests", requests]]), shop);
    assert.deepEqual(
      chart.series.map(({ label }) => label),
      ["cart", "(ungrouped)"],
    );
    assert.deepEqual(chart.columns.y, [
      [1, 2],
      [9, 9],
    ]);
    assert.deepEqual(groups, ["(ungrouped)", "cart"]);
    assert.equal(totals.requests, 210);
  });

  test("a chosen group is alone, in its own colour, and the others can still be chosen", () => {
    const all = toPastTraffic(inventAnswers([["requests", requests]]), shop);
    const one = toPastTraffic(
      inventAnswers([["requests", requests]], { source: "shop", group: "cart" }),
      shop,
    );
    assert.deepEqual(one.requests.series, all.requests.series.slice(0, 1));
    assert.deepEqual(one.requests.columns.y, [[1, 2]]);
    assert.deepEqual(one.groups, all.groups);
    assert.equal(one.totals.requests, 30);
  });

  test("no errors while lines were read are zero; an answer that is missing is not", () => {
    const lines = [inventSeries({}, [4, 4, 4])];
    const known = toPastTraffic(
      inventAnswers([
        ["errors", [inventSeries({ status: "502" }, [10])]],
        ["lines", lines],
      ]),
      shop,
    );
    assert.deepEqual(known.errors.columns.y, [
      [1, 0, 0],
      [0, 0, 0],
    ]);
    assert.equal(known.totals.serverErrors, 10);
    assert.equal(known.totals.clientErrors, 0);
    const unknown = toPastTraffic(inventAnswers([["lines", lines]]), shop);
    assert.equal(unknown.errors.missing, "failed");
    assert.equal(unknown.totals.serverErrors, undefined);
  });

  test("of a time in which the source was not watched no total is known", () => {
    const answers = inventAnswers([
      ["requests", []],
      ["errors", []],
      ["lines", []],
    ]);
    assert.equal(toPastTraffic(answers, shop).totals.requests, undefined);
    assert.equal(toPastTraffic(answers, shop).totals.serverErrors, undefined);
  });

  test("a week before is a dashed line where it is compared", () => {
    const before = inventSeries({}, [70, 80]).points.map(
      ([at, value]) => [at - weekMs, value] as const,
    );
    const { requests: chart } = toPastTraffic(
      inventAnswers([
        ["requests", requests],
        ["requestsBefore", [{ labels: { source: "shop" }, points: before }]],
      ]),
      shop,
    );
    assert.equal(chart.series.at(-1)?.isDashed, true);
    assert.deepEqual(chart.columns.y.at(-1), [7, 8]);
  });

  test("percentiles are three lines, and steps without requests are gaps", () => {
    const durations = [
      inventSeries({ quantile: "0.5" }, [0.1, null, null, 0.2]),
      inventSeries({ quantile: "0.9" }, [0.3, null, null, 0.4]),
      inventSeries({ quantile: "0.99" }, [0.5, null, null, 0.6]),
    ];
    const { durations: chart } = toPastTraffic(inventAnswers([["durations", durations]]), shop);
    assert.deepEqual(chart.columns.y, [
      [0.5, null, 0.6],
      [0.3, null, 0.4],
      [0.1, null, 0.2],
    ]);
    assert.deepEqual(toPastTraffic(inventAnswers([["durations", []]]), shop).durations.series, []);
  });
});
