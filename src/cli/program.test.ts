import assert from "node:assert/strict";
import { test } from "node:test";
import { Command as Program } from "commander";
import { addFlag } from "./program.ts";

test("a flag that may be repeated takes one value each time, and leaves the files alone", () => {
  const program = new Program().argument("[file...]");
  addFlag(program, "--group <regex>...", "names groups");
  addFlag(program, "--slow <duration>", "slow");
  program.parse(["--group", "a", "x.log", "--group=b", "--slow", "1s", "y.log"], { from: "user" });
  assert.deepEqual(program.opts(), { group: ["a", "b"], slow: "1s" });
  assert.deepEqual(program.args, ["x.log", "y.log"]);
  assert.match(program.helpInformation(), /--group <regex> +names groups/);
});
