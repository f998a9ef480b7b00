// npm run bench -- soak [--minutes 10] [--seed N] [--lanes a,b] [--rotations a,b] [--logrotate]:
// test/e2e/torture.test.ts, or with --logrotate test/e2e/logrotate.test.ts, for as long as wanted, in rounds of a minute
// on the same logs and the same journal. Ends at the first number that is not counted exactly
// once, with what happened about it, and leaves the folder behind.
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { toDurationText, toSizeText } from "../src/core/units.ts";
import { lanes, pickLanes } from "../test/e2e/torture/lanes.ts";
import { type Round, Torture } from "../test/e2e/torture/run-torture.ts";
import { servedLanes } from "../test/e2e/torture/served-lanes.ts";

const roundMs = 60_000;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "10" },
    seed: { type: "string", default: String(Date.now() % 1e9) },
    lanes: { type: "string" },
    rotations: { type: "string" },
    logrotate: { type: "boolean", default: false },
  },
});
const seed = Number(values.seed);
const endsAt = Date.now() + Number(values.minutes) * 60_000;

console.log(`seed ${seed}, ${values.minutes} minutes`);
const folder = await mkdtemp(path.join(os.tmpdir(), "watchpost-soak-"));
const problems = await soak();
if (problems.length === 0) {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  console.log("every number was counted exactly once");
} else {
  console.log(`${problems.join("\n")}\nseed ${seed}; the logs and the journal are in ${folder}`);
  process.exitCode = 1;
}

async function soak(): Promise<readonly string[]> {
  await using torture = await Torture.create({
    seed,
    folder,
    lanes: pickLanes(values.logrotate ? servedLanes : lanes, values.lanes?.split(",")),
    rotations: values.rotations?.split(","),
  });
  for (let number = 1; Date.now() < endsAt; number++) {
    const round = await torture.round(Math.min(roundMs, endsAt - Date.now()));
    console.log(`${new Date().toISOString()} round ${number}: ${toText(round)}`);
    if (round.problems.length > 0) {
      return round.problems;
    }
  }
  return [];
}

function toText({ residentBytes = 0, ...round }: Round): string {
  return [
    `${round.written} lines`,
    `${round.kills} kills`,
    values.logrotate ? `${round.forced} forced rotations` : "",
    `${round.rotations} rotations`,
    `${round.truncations} truncations`,
    `${round.destroyed} lines (${round.destroyedBytes} bytes) destroyed unread`,
    `${round.lostBytes} bytes called lost`,
    `${round.late} late`,
    `memory ${toSizeText(residentBytes)}`,
    `journal ${toSizeText(round.journalBytes)}`,
    `settled in ${toDurationText(round.settledMs)}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
}
