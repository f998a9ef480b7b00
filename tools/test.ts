// npm test [-- NAME… --FLAG…]: all tests, or those that a name selects: `unit`, `e2e`, or a part of a path such as
// `e2e/nginx`. Flags go to Node's test runner. Unit tests share one process, so that what one leaks another feels;
// end-to-end tests have one each.

import { globSync } from "node:fs";
import { installServers } from "./install-servers.ts";
import { runCommand } from "./run-command.ts";

const patterns = ["src/**/*.test.ts", "ui/**/*.test.ts", "tools/**/*.test.ts", "test/**/*.test.ts"];
const unit = {
  flags: ["--test-isolation=none", "--test-timeout=60000"],
  timeoutMs: 4 * 60_000,
};
const endToEnd = {
  flags: ["--test-concurrency=2", "--test-timeout=240000"],
  timeoutMs: 8 * 60_000,
};

const args = process.argv.slice(2);
const flags = args.filter((arg) => arg.startsWith("-"));
const names = args.filter((arg) => !arg.startsWith("-"));

const selected = globSync(patterns).toSorted().filter(isSelected);
const unitFiles = selected.filter((file) => !isEndToEnd(file));
const endToEndFiles = selected.filter(isEndToEnd);

if (selected.length === 0) {
  console.error(
    `No test file is called ${names.join(" or ")}: name unit, e2e or a part of a path.`,
  );
  process.exitCode = 2;
} else if (endToEndFiles.length > 0 && !(await installServers())) {
  process.exitCode = 1;
} else {
  // Both run, whatever the first says. The last lines on the screen are the runner's own.
  const isUnitOk = await runTests(unitFiles, unit);
  const isEndToEndOk = await runTests(endToEndFiles, endToEnd);
  process.exitCode = isUnitOk && isEndToEndOk ? 0 : 1;
}

function isSelected(file: string): boolean {
  const isNamed = (name: string): boolean =>
    name === "unit" ? !isEndToEnd(file) : name === "e2e" ? isEndToEnd(file) : file.includes(name);
  return names.length === 0 || names.some(isNamed);
}

function isEndToEnd(file: string): boolean {
  return file.startsWith("test/e2e/");
}

async function runTests(files: readonly string[], kind: typeof unit): Promise<boolean> {
  if (files.length === 0) {
    return true;
  }
  const command = ["--test", "--test-reporter=spec", ...kind.flags, ...flags, ...files];
  const options = { isShown: true, timeoutMs: kind.timeoutMs };
  const { isOk, durationMs } = await runCommand(process.execPath, command, options);
  if (durationMs > kind.timeoutMs) {
    console.error(`The tests took over ${kind.timeoutMs / 60_000} minutes and were ended.`);
  }
  return isOk;
}
