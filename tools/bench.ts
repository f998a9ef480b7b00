// npm run bench [-- NAME…]: the benchmarks in bench/, or those whose file name contains a name, one after the other,
// each in a process of its own.

import { globSync } from "node:fs";
import path from "node:path";
import { runCommand } from "./run-command.ts";

const names = process.argv.slice(2);
const files = globSync("bench/*.ts").toSorted().filter(isSelected);

if (files.length === 0) {
  console.error(
    `bench/ has no benchmark${names.length > 0 ? ` called ${names.join(" or ")}` : ""}.`,
  );
  process.exitCode = 2;
}
for (const file of files) {
  console.log(`\n${file}`);
  const { isOk } = await runCommand(process.execPath, [file], { isShown: true });
  process.exitCode = isOk ? process.exitCode : 1;
}

function isSelected(file: string): boolean {
  const name = path.basename(file);
  const isBenchmark = !name.startsWith("_") && !name.endsWith(".test.ts");
  return isBenchmark && (names.length === 0 || names.some((part) => name.includes(part)));
}
