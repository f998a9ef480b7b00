// nginx and Apache under wrk's load, their logs rotated again and again by Debian's logrotate as it is usually told to:
// every line that the server wrote is counted once, also while the node is killed and started again.
// `npm run bench -- soak --logrotate` does the same for longer.
//
// LOGROTATE_SEED repeats a run's choices, LOGROTATE_SECONDS sets how long it takes.
import assert from "node:assert/strict";
import test from "node:test";
import { createTempFolder, skipWithout } from "./harness.ts";
import { Torture } from "./torture/run-torture.ts";
import { servedLanes } from "./torture/served-lanes.ts";

// oxlint-disable-next-line node/no-process-env -- for who looks for a rare failure, or repeats one
const environment = process.env;
const seed = Number(environment["LOGROTATE_SEED"] ?? Date.now() % 1e9);
const seconds = Number(environment["LOGROTATE_SECONDS"] ?? 15);

const known =
  "kills in the middle of a rotation still cost or double some lines: found by this test, not mended yet";

test(
  `logrotate loses and doubles nothing (LOGROTATE_SEED=${seed})`,
  {
    skip: skipWithout("nginx", "apache2", "logrotate", "wrk"),
    timeout: (seconds + 120) * 1000,
    todo: known,
  },
  async (context) => {
    await using folder = await createTempFolder();
    await using torture = await Torture.create({ seed, folder: folder.path, lanes: servedLanes });
    const { problems, ...facts } = await torture.round(seconds * 1000);
    context.diagnostic(`LOGROTATE_SEED=${seed}: ${JSON.stringify(facts)}`);
    assert.equal(problems.join("\n"), "");
    assert.ok(facts.written > 0 && facts.forced > 0);
  },
);
