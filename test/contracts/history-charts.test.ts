// What charts need of a history: ends without a dip, years within a second, rows that show something.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Distribution } from "../../src/core/distribution.ts";
import { count, type Sample } from "../../src/core/sample.ts";
import {
  batch,
  day,
  historyAdapters,
  hour,
  minute,
  second,
  slice,
  values,
} from "./_history-adapters.ts";

const start = Date.UTC(2026, 0, 5, 8);

for (const { name, open } of historyAdapters) {
  suite(`history, for charts: ${name}`, () => {
    test("a rate is not lower because its step is not over", async () => {
      // The last window of ten seconds ended at :40, and the next one is on its way.
      let now = start + 47 * second;
      await using history = open({ now: () => now });
      const windows = [1, 2, 3, 4].map((at) =>
        batch({ seq: at, to: start + at * 10 * second }, count("hits", 50)),
      );
      const early = batch({ source: "hasty", seq: 1, to: start + 45 * second }, count("hits", 7));
      await history.consume(slice(...windows, early));
      const query = { metric: "hits", from: start, to: start + hour, aggregate: "rate" } as const;
      const shop = [{ label: "source", op: "=" as const, value: "shop" }];
      const minutes = { ...query, matchers: shop, stepMs: minute };
      assert.deepEqual(values(await history.query(minutes)), [[start, 5]]);
      const finest = values(await history.query({ ...query, stepMs: 10 * second }));
      assert.deepEqual(
        finest,
        [0, 1, 2, 3].map((at) => [start + at * 10 * second, 5]),
      );
      // Nothing has come for longer than a window: this is silence, which lowers the rate.
      now = start + 55 * second;
      assert.deepEqual(values(await history.query(minutes)), [[start, 200 / 45]]);
      now = start + 2 * minute;
      assert.deepEqual(values(await history.query(minutes)), [[start, 200 / 60]]);
    });

    test("a chart of a year is made of days, which grow by the hour", async () => {
      const from = Date.UTC(2025, 0, 1);
      let now = from;
      await using history = open({ now: () => now });
      for (let each = 1; each <= 400 * 8; each++) {
        now = from + each * 3 * hour;
        const value = new Distribution();
        value.add(each / 1000);
        const sample: Sample = { kind: "distribution", name: "duration", labels: {}, value };
        await history.consume(slice(batch({ seq: each, to: now }, sample, count("hits", 1))));
      }
      const query = { from: now - 365 * day, to: now, stepMs: day };
      const hits = await history.query({ ...query, metric: "hits", aggregate: "sum" });
      assert.equal(values(hits).length, 365);
      assert.ok(values(hits).every(([, sum]) => sum === 8));
      const slowest = await history.query({
        ...query,
        metric: "duration",
        aggregate: "quantile",
        quantiles: [1],
      });
      const expected = values(hits).map((_, at) => [query.from + at * day, (at + 36) * 8]);
      assert.deepEqual(
        values(slowest).map(([at, value]) => [at, Math.round(value * 1000)]),
        expected,
      );
      const odd = { from: now - 33 * hour, to: now, metric: "hits", aggregate: "sum" } as const;
      assert.deepEqual(values(await history.queryInstant(odd)), [[odd.from, 11]]);
    });

    test("zeros are in the first row of a heat map, and do not stretch it", async () => {
      await using history = open({ now: () => start + hour });
      const query = { from: start, to: start + hour, stepMs: minute, metric: "duration" };
      const spread = async (seq: number, ...observed: number[]): Promise<readonly number[]> => {
        const value = new Distribution();
        observed.forEach((each) => value.add(each));
        const sample: Sample = { kind: "distribution", name: "duration", labels: {}, value };
        await history.consume(slice(batch({ seq, to: start + seq * minute }, sample)));
        const { bounds } = await history.queryHeatMap({ ...query, rowsMax: 4 });
        return bounds.map((bound) => Number(bound.toPrecision(2)));
      };
      assert.deepEqual(await spread(1, 0, 0), [0]);
      assert.deepEqual(await spread(2, 0, 0.001), [0.001]);
      assert.deepEqual(await spread(3, 0, 1), [0.001, 0.01, 0.1, 1]);
      const many = Array.from({ length: 200 }, (_, at) => (at % 100) / 100);
      assert.deepEqual(await spread(4, ...many), [0.001, 0.01, 0.1, 1]);
      const { columns } = await history.queryHeatMap({ ...query, rowsMax: 4 });
      const rows = columns.map(([, counts]) => counts);
      assert.deepEqual(rows.slice(0, 3), [
        [2, 0, 0, 0],
        [2, 0, 0, 0],
        [1, 0, 0, 1],
      ]);
      assert.deepEqual(rows[3]?.[0], 2);
    });
  });
}
