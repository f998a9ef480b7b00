// The alerts of HttpMonitor as ordinary rules: an average of T hits a second over W seconds is `above: T/s, over: Ws`
// on windows of one second. Its message names the second that was evaluated, :01; the incident opens at that second's
// end, :02, when all of it is known.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Batch } from "../core/batch.ts";
import { count } from "../core/sample.ts";
import { batchAt, judgeAll } from "./story.test.ts";

const start = Date.parse("2016-11-20T16:01:00Z");

/** One batch a second, with so many requests each. */
function seconds(frequencies: readonly number[]): Batch[] {
  return frequencies.map((hits, second) =>
    batchAt(start + (second + 1) * 1000, [count("http_requests_total", hits)]),
  );
}

/** [second that triggered, hits a second, second that recovered], as HttpMonitor words them. */
async function alerts(frequencies: readonly number[], perSecond: number, overSeconds: number) {
  const rule = {
    metric: "http_requests_total",
    over: `${overSeconds}s`,
    above: `${perSecond}/s`,
  };
  const incidents = await judgeAll(rule, seconds(frequencies));
  return incidents.map(({ openedAt, value, clearedAt = Number.NaN }) => [
    (openedAt - start) / 1000 - 1,
    Math.trunc(value),
    (clearedAt - start) / 1000 - 1,
  ]);
}

suite("HttpMonitor's alerts", () => {
  test("2, 4, 4, 3, 2, 1 hits over (3, 2)", async () => {
    assert.deepEqual(await alerts([2, 4, 4, 3, 2, 1], 3, 2), [[1, 3, 4]]);
  });

  test("2, 4, 3, 3, 5, 2, 1, 1 hits over (3, 3) and (4, 2)", async () => {
    const frequencies = [2, 4, 3, 3, 5, 2, 1, 1];
    assert.deepEqual(await alerts(frequencies, 3, 3), [[2, 3, 6]]);
    assert.deepEqual(await alerts(frequencies, 4, 2), [[4, 4, 5]]);
  });

  test("the average divides by the whole window, also right after the start", async () => {
    const rule = { metric: "http_requests_total", over: "3s" };
    const [first] = await judgeAll({ ...rule, above: "0.5/s" }, seconds([2, 1]));
    assert.partialDeepStrictEqual(first, { openedAt: start + 1000, value: 2 / 3 });
    const [second] = await judgeAll({ ...rule, above: "1/s" }, seconds([2, 1]));
    assert.partialDeepStrictEqual(second, { openedAt: start + 2000, value: 1 });
  });

  test("a late second counts in its old place and is not judged again", async () => {
    const [first, second, third, fourth] = seconds([2, 2, 4, 1]);
    assert.ok(first && second && third && fourth);
    const rule = { metric: "http_requests_total", over: "3s", above: "2.3/s" };
    const [incident] = await judgeAll(rule, [first, third, second, fourth]);
    assert.partialDeepStrictEqual(incident, { openedAt: start + 4000, value: 7 / 3 });
  });
});
