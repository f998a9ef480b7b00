// npm run bench [-- NAME… --FLAG…]: the benchmarks in bench/, or those whose file name contains a name, one after the
// other, each in a process of its own, with the flags. What takes long runs only when it is named.

import { globSync } from "node:fs";
import path from "node:path";
import { runCommand } from "./run-command.ts";

/** Ten minutes, or hours. */
const long = new Set(["outputs-soak.ts", "soak.ts"]);

const args = process.argv.slice(2);
const firstFlag = args.findIndex((arg) => arg.startsWith("-"));
const names = args.slice(0, firstFlag < 0 ? args.length : firstFlag);
const flags = args.slice(names.length);
const files = globSync("bench/*.ts").toSorted().filter(isSelected);

if (files.length === 0) {
  console.error(
    `bench/ has no benchmark${names.length > 0 ? ` called ${names.join(" or ")}` : ""}.`,
  );
  process.exitCode = 2;
}
for (const file of files) {
  console.log(`\n${file}`);
  const { isOk } = await runCommand(process.execPath, [file, ...flags], { isShown: true });
  process.exitCode = isOk ? process.exitCode : 1;
}

function isSelected(file: string): boolean {
  const name = path.basename(file);
  const isBenchmark = !name.startsWith("_") && !name.endsWith(".test.ts");
  const isNamed = names.some((part) => name.includes(part));
  return isBenchmark && (isNamed || (names.length === 0 && !long.has(name)));
}
