// npm run docs: writes docs/reference/ and the JSON Schema from the definitions in the code.
// With --check it writes nothing and fails when a page is stale, missing or left over.

import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { toJsonSchema } from "../src/config/to-json-schema.ts";
import { parts } from "../src/engine/parts.ts";
import {
  commandsPage,
  configurationPage,
  errorsPage,
  metricsPage,
  outputPage,
  routesPage,
  sourcePage,
} from "./docs-pages.ts";

const folder = "docs/reference";

const pages = new Map<string, string>([
  ["docs/watchpost.schema.json", `${JSON.stringify(toJsonSchema(parts), undefined, 2)}\n`],
  [`${folder}/api.md`, routesPage()],
  [`${folder}/commands.md`, commandsPage()],
  [`${folder}/configuration.md`, configurationPage()],
  [`${folder}/errors.md`, errorsPage()],
  [`${folder}/metrics.md`, metricsPage()],
  ...parts.sources.map((one) => [`${folder}/source-${one.name}.md`, sourcePage(one)] as const),
  ...parts.outputs.map((one) => [`${folder}/output-${one.name}.md`, outputPage(one)] as const),
]);

const leftOver = globSync(`${folder}/**/*.md`).filter((file) => !pages.has(file));
const stale = [...pages].filter(([file, text]) => readOrEmpty(file) !== text).map(([file]) => file);

if (process.argv.includes("--check")) {
  for (const file of [...stale, ...leftOver]) {
    console.error(`${file} is stale; run \`npm run docs\``);
  }
  process.exitCode = stale.length + leftOver.length > 0 ? 1 : 0;
} else {
  leftOver.forEach((file) => rmSync(file));
  for (const file of stale) {
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, pages.get(file) ?? "");
    console.log(file);
  }
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
