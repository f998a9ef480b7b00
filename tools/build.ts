// npm run build: src/ to JavaScript in dist/. The page in dist/ui is built by tools/set-up.mjs, which npm runs first.

import { existsSync, readdirSync, rmSync } from "node:fs";
import { runCommand } from "./run-command.ts";

// What a renamed file left behind must not be published.
const leftovers = existsSync("dist") ? readdirSync("dist").filter((name) => name !== "ui") : [];
leftovers.forEach((name) => rmSync(`dist/${name}`, { recursive: true }));

const { isOk } = await runCommand("node_modules/.bin/tsc", ["-p", "tsconfig.build.json"], {
  isShown: true,
});
process.exitCode = isOk ? 0 : 1;
