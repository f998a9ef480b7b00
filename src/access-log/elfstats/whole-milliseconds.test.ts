import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Distribution, valuesMaxCoarse } from "../../core/distribution.ts";
import { type Unit, toWholeMilliseconds } from "./whole-milliseconds.ts";

function count(seconds: readonly number[], unit: Unit): Record<string, number> {
  const distribution = new Distribution({ valuesMax: valuesMaxCoarse });
  seconds.forEach((value) => distribution.add(value));
  return Object.fromEntries(toWholeMilliseconds(distribution, unit));
}

test("microseconds are rounded call by call, half away from zero", () => {
  const logged = [499, 500, 1500, 2500, 1499, 2499].map((us) => us / 1_000_000);
  assert.deepEqual(count(logged, "whole"), { 0: 1, 1: 2, 2: 2, 3: 1 });
  assert.deepEqual(count([], "whole"), {});
  assert.deepEqual(count([5e9, 1], "whole"), { 1000: 1, 1_000_000_000: 1 });
});

test("seconds lose what floats lose, in 187 of the first 20 000 milliseconds", () => {
  const logged = Array.from({ length: 20_000 }, (_, ms) => Number((ms / 1000).toFixed(3)));
  const counts = count(logged, "seconds");
  const lost = logged.keys().filter((ms) => counts[ms] === undefined || (counts[ms] ?? 0) > 1);
  assert.equal(counts[1000], 2);
  assert.equal(counts[1001], undefined);
  assert.equal([...lost].length, 187 * 2);
});

test("nothing is lost or moved, whatever the durations are", () => {
  const us = fc.oneof(fc.nat(3_000), fc.nat(3_000_000), fc.nat(2 ** 31), fc.nat(2 ** 39));
  fc.assert(
    fc.property(fc.array(us, { maxLength: 60 }), (durations) => {
      const expected: Record<string, number> = {};
      for (const each of durations) {
        const ms = Math.min(Math.floor((each + 500) / 1000), 1e9);
        expected[ms] = (expected[ms] ?? 0) + 1;
      }
      const counted = count(
        durations.map((each) => each / 1_000_000),
        "whole",
      );
      assert.deepEqual(counted, expected);
    }),
  );
});
