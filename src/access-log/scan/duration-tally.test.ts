import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Distribution } from "../../core/distribution.ts";
import { DurationTally } from "./_duration-tally.ts";

const millis = fc.oneof(fc.nat(100), fc.nat(3000));

test("milliseconds by their number are what adding each to a distribution gives", () => {
  fc.assert(
    fc.property(fc.array(millis), fc.array(millis), (whole, others) => {
      const tally = new DurationTally();
      const merged = new DurationTally();
      const wanted = new Distribution();
      for (const value of whole) {
        tally.add(value / 1000, value);
        wanted.add(value / 1000);
      }
      for (const value of others) {
        merged.add(value / 7000);
        merged.add(value / 1000, value);
        wanted.add(value / 7000);
        wanted.add(value / 1000);
      }
      tally.merge(merged);
      assert.deepEqual(tally.toDistribution().toBytes(), wanted.toBytes());
    }),
  );
});
