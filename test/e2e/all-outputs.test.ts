// All outputs at once, over outages: in the end each destination has every request, and none twice.
import assert from "node:assert/strict";
import test from "node:test";
import { skipWithout } from "./harness.ts";
import { counterpartPrograms } from "./outputs-counterparts.ts";
import { runScenario } from "./outputs-scenario.ts";

test(
  "each has exactly what it should while all of them are stopped and started at random",
  { skip: skipWithout(...counterpartPrograms) },
  async (t) => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    t.diagnostic(`seed ${seed}`);
    const options = { durationMs: 20_000, settleMs: 120_000, seed };
    const { lines, counterparts, readers } = await runScenario(options);
    for (const { name, stops, totals, isExact } of counterparts) {
      t.diagnostic(`${name}: ${stops} stops`);
      for (const [group, count] of lines) {
        const total = totals.get(group) ?? 0;
        // Of what cannot tell a repetition, none may be missing.
        assert.equal(isExact ? total : Math.min(total, count), count, `${name}, ${group}`);
      }
    }
    for (const { name, missedBatches, droppedBatches, refusedSamples } of readers) {
      assert.deepEqual([missedBatches, droppedBatches, refusedSamples], [0, 0, 0], name);
    }
  },
);
