import assert from "node:assert/strict";
import { test } from "node:test";
import { advanceTime, noTime, tickStepMaxMs } from "./journal-time.ts";

function watchedMs(...ticks: number[]): number {
  return ticks.reduce(advanceTime, noTime).watchedMs;
}

test("adds up the time between ticks", () => {
  assert.equal(watchedMs(1_000_000), 0);
  assert.equal(watchedMs(1_000_000, 1_001_000, 1_003_000), 3000);
});

test("a clock that is set moves it neither back nor far ahead", () => {
  assert.equal(watchedMs(1_000_000, 1_001_000, 5000, 6000), 2000);
  assert.equal(watchedMs(0, 1000, 3_600_000), 1000 + tickStepMaxMs);
});
