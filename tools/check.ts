// npm run check: everything that a machine can say about a change without running the program. One line a step;
// the whole output only of what failed.

import { existsSync } from "node:fs";
import { type CommandResult, runCommand } from "./run-command.ts";

interface Step {
  readonly name: string;
  readonly command: readonly string[];
  /** The step is left out while this file does not exist. */
  readonly needs?: string;
}

const steps: readonly Step[] = [
  { name: "format", command: ["oxfmt", "--check", "."] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings", "."] },
  { name: "types", command: ["tsc", "-p", "."] },
  { name: "page types", command: ["tsc", "-p", "ui"], needs: "ui/tsconfig.json" },
  { name: "tidy", command: ["node", "--test", "test/tidy.test.ts"] },
  { name: "docs", command: ["node", "tools/docs.ts", "--check"], needs: "tools/docs.ts" },
];

const present = steps.filter(({ needs }) => needs === undefined || existsSync(needs));
const failures = (await Promise.all(present.map(runStep))).filter((failure) => failure !== "");
if (failures.length > 0) {
  console.log(failures.join(""));
  process.exitCode = 1;
}

/** Resolves with what to print about a failure; empty when all is well. */
async function runStep({ name, command: [program = "", ...args] }: Step): Promise<string> {
  const result = await runCommand(`node_modules/.bin/${program}`, args);
  console.log(toLine(name, result));
  return result.isOk ? "" : `\n${name}: ${[program, ...args].join(" ")}\n${result.output}`;
}

function toLine(name: string, { isOk, durationMs }: CommandResult): string {
  const seconds = (durationMs / 1000).toFixed(1);
  return `${isOk ? "ok    " : "FAILED"}  ${name.padEnd(12)} ${seconds.padStart(5)} s`;
}
