// A month of a seeded simulator: percentiles over any range against all observations sorted.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Distribution } from "../../src/core/distribution.ts";
import type { Sample } from "../../src/core/sample.ts";
import { openSqliteHistory } from "../../src/history/sqlite.ts";
import { batch, day, hour, levels, minute, nextPlace, slice } from "./_history-adapters.ts";

const start = Date.UTC(2026, 0, 1);
const windowMs = 5 * minute;
const windows = (30 * day) / windowMs;
const perWindow = 12;
const groups = ["shop", "api"];
/** A distribution's, at its scale. */
const errorMax = 0.006;

test("a percentile over any range of a month is right to 0.6 percent", async () => {
  const random = createRandom(7);
  const observations = groups.map(() => new Float64Array(windows * perWindow));
  let now = start;
  await using history = openSqliteHistory({ file: nextPlace(), levels, now: () => now });
  for (let window = 0; window < windows; window++) {
    now = start + (window + 1) * windowMs;
    const samples = groups.map((group, at): Sample => {
      const value = new Distribution();
      for (let each = 0; each < perWindow; each++) {
        // Slower by day, and a slow tail.
        const byDay = 1 + Math.sin((now / day) * 2 * Math.PI);
        const seconds = 0.02 * Math.exp(byDay + 1.3 * (random() + random() + random() - 1.5));
        value.add(seconds);
        observations[at]?.set([seconds], window * perWindow + each);
      }
      return { kind: "distribution", name: "duration", labels: { group }, value };
    });
    await history.consume(slice(batch({ seq: window + 1, to: now }, ...samples)));
  }
  for (let question = 0; question < 16; question++) {
    const from = start + Math.floor(random() * 29 * 24) * hour;
    const to = Math.min(now, from + Math.ceil(random() ** 3 * 30 * 24) * hour);
    const [by, quantiles] = [question % 2 === 0 ? ["group"] : [], [0.5, 0.9, 0.99, 0.999]];
    const aggregation = { aggregate: "quantile", quantiles, by } as const;
    const { series, spans } = await history.queryInstant({
      metric: "duration",
      from,
      to,
      ...aggregation,
    });
    assert.deepEqual(spans, [{ from, to, stepMs: to - from }]);
    assert.equal(series.length, quantiles.length * (by.length === 0 ? 1 : groups.length));
    const [first, last] = [from, to].map((at) => ((at - start) / windowMs) * perWindow);
    for (const { labels, quantile = 0, points } of series) {
      const exact = observations
        .filter((_, at) => by.length === 0 || groups[at] === labels["group"])
        .flatMap((values) => [...values.subarray(first, last)])
        .toSorted((a, b) => a - b);
      const expected = exact[Math.max(0, Math.ceil(quantile * exact.length) - 1)] ?? 0;
      const found = points[0]?.[1] ?? 0;
      assert.ok(Math.abs(found / expected - 1) < errorMax, `${found} for ${expected}`);
    }
  }
});

/** Mulberry32. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
