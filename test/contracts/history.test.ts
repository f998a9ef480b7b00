// What every history owes its readers, whatever keeps it.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Distinct } from "../../src/core/distinct.ts";
import { Distribution } from "../../src/core/distribution.ts";
import { count, gauge, type Sample } from "../../src/core/sample.ts";
import { Top } from "../../src/core/top.ts";
import { QueryInvalid, type Matcher } from "../../src/history/history.ts";
import {
  batch,
  day,
  historyAdapters,
  hour,
  levels,
  minute,
  second,
  slice,
  values,
} from "./_history-adapters.ts";

const start = Date.UTC(2026, 0, 5, 8);

for (const { name, open } of historyAdapters) {
  suite(`history: ${name}`, () => {
    test("counts add up, rates divide by the step, and gaps stay gaps", async () => {
      await using history = open({ now: () => start + hour });
      const at = [10, 20, 30, 60].map((seconds) => start + seconds * second);
      await history.consume(
        slice(...at.map((to, index) => batch({ seq: index + 1, to }, count("hits", 5)))),
      );
      const query = { metric: "hits", from: start, to: start + 70 * second };
      const ten = await history.query({ ...query, stepMs: 10 * second, aggregate: "sum" });
      assert.deepEqual(values(ten), [
        [start, 5],
        [start + 10 * second, 5],
        [start + 20 * second, 5],
        [start + 50 * second, 5],
      ]);
      const rate = await history.query({ ...query, stepMs: minute, aggregate: "rate" });
      assert.deepEqual(values(rate), [[start, 20 / 60]]);
    });

    test("several windows of a second make one point of ten", async () => {
      await using history = open({ now: () => start + hour });
      const windows = [4, 1, 7].map((value, at) =>
        batch({ seq: at + 1, to: start + (at + 1) * second }, gauge("load", value)),
      );
      await history.consume(slice(...windows));
      const ask = async (aggregate: "avg" | "min" | "max" | "count"): Promise<unknown> => {
        const range = { from: start, to: start + minute, stepMs: 10 * second };
        return values(await history.query({ metric: "load", ...range, aggregate }));
      };
      assert.deepEqual(await ask("avg"), [[start, 4]]);
      assert.deepEqual(await ask("min"), [[start, 1]]);
      assert.deepEqual(await ask("max"), [[start, 7]]);
      assert.deepEqual(await ask("count"), [[start, 3]]);
    });

    test("the sum of gauges adds each series' average, not each measurement", async () => {
      await using history = open({ now: () => start + hour });
      await history.consume(
        slice(
          batch({ seq: 1, to: start + second }, gauge("sessions", 10, { server: "a" })),
          batch({ seq: 2, to: start + 2 * second }, gauge("sessions", 30, { server: "a" })),
          batch({ seq: 3, to: start + 3 * second }, gauge("sessions", 5, { server: "b" })),
        ),
      );
      const range = { from: start, to: start + minute, stepMs: minute };
      const sum = await history.query({ metric: "sessions", ...range, aggregate: "sum" });
      assert.deepEqual(values(sum), [[start, 25]]);
    });

    test("quantiles and distincts come of what all series saw together", async () => {
      await using history = open({ now: () => start + day });
      const whole = new Distribution();
      const all = new Distinct();
      for (let hours = 0; hours < 6; hours++) {
        const samples = ["a", "b"].flatMap((group, at): Sample[] => {
          const duration = new Distribution();
          const clients = new Distinct();
          for (let each = 1; each < 200; each++) {
            duration.add(each * (at + 1) * (hours + 1) * 0.0007);
            clients.add(`client ${(each * (hours + 2)) % 150} ${at}`);
          }
          whole.merge(duration);
          all.merge(clients);
          const labels = { group };
          return [
            { kind: "distribution", name: "duration", labels, value: duration },
            { kind: "distinct", name: "clients", labels, value: clients },
          ];
        });
        const to = start + hours * hour + minute;
        await history.consume(slice(batch({ seq: hours + 1, to }, ...samples)));
      }
      const range = { from: start, to: start + 6 * hour };
      const aggregation = { aggregate: "quantile", quantiles: [0.5, 0.99] } as const;
      const { series } = await history.queryInstant({
        metric: "duration",
        ...range,
        ...aggregation,
      });
      assert.deepEqual(
        series.map(({ quantile, points }) => [quantile, points]),
        [0.5, 0.99].map((share) => [share, [[start, whole.quantile(share)]]]),
      );
      const clients = { metric: "clients", ...range, aggregate: "distinct" } as const;
      assert.deepEqual(values(await history.queryInstant(clients)), [[start, all.count]]);
    });

    test("series are chosen by their labels, source and service among them, and grouped by them", async () => {
      await using history = open({ now: () => start + hour });
      const samples = ["200", "404", "500"].map((status, at) => count("hits", at + 1, { status }));
      await history.consume(
        slice(
          batch({ seq: 1, to: start + second }, ...samples),
          batch({ source: "api", seq: 1, to: start + second }, ...samples),
        ),
      );
      const ask = async (...matchers: Matcher[]): Promise<unknown> => {
        const range = { from: start, to: start + minute, matchers, by: ["source", "status"] };
        const { series } = await history.queryInstant({
          metric: "hits",
          aggregate: "sum",
          ...range,
        });
        return series.map(({ labels }) => `${labels["source"]} ${labels["status"]}`);
      };
      const shop = { label: "source", op: "=", value: "shop" } as const;
      assert.deepEqual(await ask(shop), ["shop 200", "shop 404", "shop 500"]);
      assert.deepEqual(await ask(shop, { label: "status", op: "!=", value: "404" }), [
        "shop 200",
        "shop 500",
      ]);
      assert.deepEqual(await ask({ label: "status", op: "=~", value: "4.*|5.+" }), [
        "api 404",
        "api 500",
        "shop 404",
        "shop 500",
      ]);
      assert.deepEqual(await ask({ label: "status", op: "!~", value: "4.*|5.+" }), [
        "api 200",
        "shop 200",
      ]);
      assert.deepEqual(await ask({ label: "service", op: "=", value: "web" }, shop), [
        "shop 200",
        "shop 404",
        "shop 500",
      ]);
      assert.deepEqual(await ask({ label: "missing", op: "=", value: "" }, shop), [
        "shop 200",
        "shop 404",
        "shop 500",
      ]);
      assert.deepEqual(await ask({ label: "constructor", op: "!=", value: "" }), []);
    });

    test("older parts of a range come in the steps in which they are kept", async () => {
      let now = start;
      await using history = open({ now: () => now });
      const hours = 24 * 40;
      for (let hourly = 0; hourly < hours; hourly++) {
        now = start + (hourly + 1) * hour;
        await history.consume(slice(batch({ seq: hourly + 1, to: now }, count("hits", 60))));
      }
      await history.flush();
      await history.trim();
      const { spans, series } = await history.query({
        metric: "hits",
        from: start,
        to: now,
        stepMs: 30 * second,
        aggregate: "sum",
      });
      assert.deepEqual(
        spans.map(({ stepMs }) => stepMs),
        [hour, minute, 30 * second],
      );
      assert.deepEqual([spans[0]?.from, spans.at(-1)?.to], [start, now]);
      assert.equal(spans[0]?.to, spans[1]?.from);
      assert.equal(series[0]?.points.length, hours);
      assert.ok(series[0]?.points.every(([, value]) => value === 60));
    });

    test("steps are no shorter than the windows of what is measured", async () => {
      await using history = open({ now: () => start + hour });
      const windows = [1, 2].map((at) => {
        const to = start + at * minute;
        return { ...batch({ seq: at, to }, count("hits", 600)), from: to - minute };
      });
      await history.consume(slice(...windows));
      const range = { from: start, to: start + 2 * minute, stepMs: 10 * second };
      const rate = await history.query({ metric: "hits", ...range, aggregate: "rate" });
      assert.deepEqual(rate.spans, [{ ...range, stepMs: minute }]);
      assert.deepEqual(values(rate), [
        [start, 10],
        [start + minute, 10],
      ]);
    });

    test("a late batch is merged into what was rolled up long ago", async () => {
      let now = start;
      await using history = open({ now: () => now });
      for (let each = 0; each < 24 * 60; each++) {
        now = start + (each + 1) * minute;
        await history.consume(slice(batch({ seq: each + 1, to: now }, gauge("load", 2))));
      }
      await history.flush();
      const late = batch({ seq: 9999, to: start + 90 * minute }, gauge("load", 62));
      await history.consume(slice(late));
      await history.flush();
      const range = { from: start + hour, to: start + 2 * hour, stepMs: hour };
      const max = await history.query({ metric: "load", ...range, aggregate: "max" });
      assert.deepEqual(values(max), [[start + hour, 62]]);
      const average = await history.query({ metric: "load", ...range, aggregate: "avg" });
      assert.deepEqual(values(average), [[start + hour, (60 * 2 + 62) / 61]]);
    });

    test("tops are merged over a range, and other is what the rows leave", async () => {
      await using history = open({ now: () => start + hour });
      for (let each = 0; each < 30; each++) {
        const value = new Top(20);
        value.add("/", 3);
        value.add(`/page/${each % 3}`, 1);
        const tops = [{ name: "paths", labels: {}, value }];
        await history.consume(
          slice(batch({ seq: each + 1, to: start + (each + 1) * minute, tops })),
        );
      }
      await history.flush();
      const range = { from: start, to: start + 30 * minute };
      const tops = await history.queryTops({ metric: "paths", ...range }, 2);
      assert.deepEqual(tops, {
        range,
        entries: [
          { key: "/", count: 90, error: 0 },
          { key: "/page/0", count: 10, error: 0 },
        ],
        other: 20,
        total: 120,
        errorMax: 0,
      });
    });

    test("a heat map spreads the observations of each step over rows", async () => {
      await using history = open({ now: () => start + hour });
      const value = new Distribution();
      [0.001, 0.01, 0.01, 0.1, 1].forEach((each) => value.add(each));
      const sample: Sample = { kind: "distribution", name: "duration", labels: {}, value };
      await history.consume(slice(batch({ seq: 1, to: start + minute }, sample)));
      const range = { from: start, to: start + hour, stepMs: minute, rowsMax: 4 };
      const { bounds, columns } = await history.queryHeatMap({ metric: "duration", ...range });
      assert.deepEqual(
        bounds.map((bound) => Number(bound.toPrecision(6))),
        [0.001, 0.01, 0.1, 1],
      );
      const [[at, rows] = []] = columns;
      assert.equal(at, start);
      assert.equal(
        rows?.reduce((sum, each) => sum + each, 0),
        5,
      );
      assert.equal(columns.length, 1);
    });

    test("tells which series and labels there are in a range", async () => {
      await using history = open({ now: () => start + hour });
      await history.consume(
        slice(
          batch({ seq: 1, to: start + minute }, gauge("load", 1, { core: "0" })),
          batch({ seq: 2, to: start + 2 * minute }, gauge("load", 1, { core: "1" })),
        ),
      );
      const labels = { source: "shop", service: "web", core: "1" };
      const at = start + 2 * minute - 10 * second;
      assert.deepEqual(await history.series({ from: start + minute, to: start + hour }), [
        { metric: "load", kind: "gauge", labels, firstAt: at, lastAt: at },
      ]);
      assert.deepEqual(await history.labels({ metric: "load" }, 1), [
        { label: "core", values: ["0"], total: 2 },
        { label: "service", values: ["web"], total: 1 },
        { label: "source", values: ["shop"], total: 1 },
      ]);
    });

    test("refuses a question that makes no sense, and says why", async () => {
      await using history = open({ now: () => start });
      await history.consume(slice(batch({ seq: 1, to: start }, count("hits", 1))));
      const range = { metric: "hits", from: start - hour, to: start };
      const refused: readonly (readonly [Promise<unknown>, RegExp])[] = [
        [history.queryInstant({ ...range, aggregate: "max" }), /hits is a count, which has no max/],
        [history.queryInstant({ ...range, aggregate: "quantile" }), /shares from 0 to 1/],
        [history.query({ ...range, stepMs: 7, aggregate: "sum" }), /multiple of 10000 ms/],
        [history.queryInstant({ ...range, to: 0, aggregate: "sum" }), /has to end after it begins/],
        [
          history.queryInstant({
            ...range,
            matchers: [{ label: "a", op: "=~", value: "(x+)+\\1" }],
            aggregate: "sum",
          }),
          /linear time/,
        ],
      ];
      for (const [answer, reason] of refused) {
        await assert.rejects(
          answer,
          (error) => error instanceof QueryInvalid && reason.test(error.message),
        );
      }
      const nothing = await history.queryInstant({ ...range, metric: "gone", aggregate: "sum" });
      assert.deepEqual(nothing.series, []);
    });

    test("a query over a year of ten-second steps is refused, not tried", async () => {
      await using history = open({ now: () => start });
      const range = { metric: "hits", from: start - 365 * day, to: start, stepMs: 10 * second };
      await assert.rejects(history.query({ ...range, aggregate: "sum" }), {
        code: "QUERY_TOO_LARGE",
      });
      assert.equal(levels.length, 3);
    });
  });
}
