// Numbered lines are written to logs that are rotated in every way while the node is killed at any moment; in the end
// every number is counted exactly once, whatever happened, and what a truncation destroyed is not called anything else.
//
// TORTURE_SEED repeats a run's choices (not the timing of the machine), TORTURE_SECONDS sets how long it takes;
// TORTURE_LANES and TORTURE_ROTATIONS, lists with commas, choose among the logs and what is done to them.
// `npm run bench -- soak` does the same for hours.
import assert from "node:assert/strict";
import test from "node:test";
import { createTempFolder } from "./harness.ts";
import { lanes, pickLanes } from "./torture/lanes.ts";
import { Torture } from "./torture/run-torture.ts";

// oxlint-disable-next-line node/no-process-env -- for who looks for a rare failure, or repeats one
const environment = process.env;
const seed = Number(environment["TORTURE_SEED"] ?? Date.now() % 1e9);
const seconds = Number(environment["TORTURE_SECONDS"] ?? 25);
const names = environment["TORTURE_LANES"]?.split(",");
const rotations = environment["TORTURE_ROTATIONS"]?.split(",");

const known =
  "kills in the middle of a rotation still cost or double some lines: found by this test, not mended yet";

test(
  `every number is counted once (TORTURE_SEED=${seed})`,
  { timeout: (seconds + 120) * 1000, todo: known },
  async (context) => {
    await using folder = await createTempFolder();
    await using torture = await Torture.create({
      seed,
      folder: folder.path,
      lanes: pickLanes(lanes, names),
      rotations,
    });
    const { problems, ...facts } = await torture.round(seconds * 1000);
    context.diagnostic(`TORTURE_SEED=${seed}: ${JSON.stringify(facts)}`);
    assert.equal(problems.join("\n"), "");
    assert.ok(facts.written > 0);
    assert.deepEqual(await torture.askTotals(), torture.journalTotals(), "the interface agrees");
  },
);
