// Properties of the code itself: who may import whom, what is listed where, how files are named, how long they are.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { suite, test } from "node:test";
import { findUntidy } from "./tidy/find-untidy.ts";

const root = path.resolve(import.meta.dirname, "..");
const patterns = ["src", "ui", "test", "tools", "bench"].map((folder) => `${folder}/**/*.{ts,tsx}`);

test("the tree is tidy", () => {
  const names = globSync(patterns, { cwd: root, exclude: ["**/node_modules/**"] });
  const files = new Map(names.map((name) => [name, readFileSync(path.join(root, name), "utf8")]));
  assert.ok(files.has("src/core/batch.ts"));
  assert.deepEqual(findUntidy(files), []);
});

suite("the tidy test catches", () => {
  const planted: readonly (readonly [string, Readonly<Record<string, string>>, RegExp])[] = [
    [
      "an import upwards",
      { "src/journal/a.ts": `import { b } from "../engine/b.ts";`, "src/engine/b.ts": "" },
      /^src\/journal\/a\.ts may not import src\/engine\/b\.ts: it is in a layer above$/,
    ],
    [
      "a type import upwards",
      { "src/core/a.ts": `import type { B } from "../config/b.ts";`, "src/config/b.ts": "" },
      /layer above/,
    ],
    [
      "an import() type upwards",
      { "src/core/a.ts": `type B = import("../config/b.ts").B;`, "src/config/b.ts": "" },
      /layer above/,
    ],
    [
      "a re-export upwards",
      { "src/core/a.ts": `export { b } from "../config/b.ts";`, "src/config/b.ts": "" },
      /layer above/,
    ],
    [
      "a star re-export upwards",
      { "src/core/a.ts": `export type * from "../config/b.ts";`, "src/config/b.ts": "" },
      /layer above/,
    ],
    [
      "a dynamic import upwards",
      { "src/core/a.ts": `await import("../config/b.ts");`, "src/config/b.ts": "" },
      /layer above/,
    ],
    [
      "an import sideways",
      { "src/journal/a.ts": `import "../history/b.ts";`, "src/history/b.ts": "" },
      /^src\/journal\/a\.ts may not import src\/history\/b\.ts: it is in a layer beside$/,
    ],
    [
      "a worker's URL upwards",
      {
        "src/access-log/a.ts": `new Worker(new URL("../engine/b.ts", import.meta.url));`,
        "src/engine/b.ts": "",
      },
      /layer above/,
    ],
    [
      "a worker's URL upwards whose extension is chosen when it runs",
      {
        "src/access-log/a.ts":
          'const extension = ".ts"; new URL(`../engine/b${extension}`, import.meta.url);',
        "src/engine/b.ts": "",
      },
      /layer above/,
    ],
    [
      "a worker's URL to nowhere",
      { "src/access-log/a.ts": `new URL("./gone.ts", import.meta.url);` },
      /no such file/,
    ],
    [
      "a cycle through types",
      {
        "src/core/a.ts": `import type { B } from "./b.ts"; export type A = B;`,
        "src/core/b.ts": `export type B = typeof import("./c.ts");`,
        "src/core/c.ts": `import { type A } from "./a.ts"; export const c: A | 1 = 1;`,
      },
      /^cycle: src\/core\/a\.ts → src\/core\/b\.ts → src\/core\/c\.ts → src\/core\/a\.ts$/,
    ],
    [
      "a component that imports another",
      {
        "src/sources/index.ts": `import "./a.ts"; import "./b.ts";`,
        "src/sources/a.ts": `import "./b.ts";`,
        "src/sources/b.ts": "",
      },
      /components do not know one another/,
    ],
    ["a component missing from the list", { "src/outputs/a.ts": "" }, /not in .*outputs\/index/],
    ["a route missing from the list", { "src/server/routes/a.ts": "" }, /not in .*\/routes\.ts/],
    ["a command missing from the list", { "src/cli/a.ts": "" }, /not in src\/cli\/index\.ts/],
    [
      "the use of a file that is private to another folder",
      { "src/engine/a.ts": `import "../journal/_b.ts";`, "src/journal/_b.ts": "" },
      /private to its folder/,
    ],
    ["an import out of src", { "src/core/a.ts": `import "../../test/b.ts";` }, /in no layer/],
    ["a folder without a layer", { "src/new/a.ts": `import "../core/b.ts";` }, /in no layer/],
    ["process.exit", { "src/core/a.ts": "process.exit(1);" }, /process\.exit is main\.ts's/],
    ["process.env", { "src/core/a.ts": "export const a = process.env;" }, /process\.env/],
    ["exit by import", { "src/core/a.ts": `import { exit } from "node:process";` }, /process/],
    ["a name in camel case", { "test/someThing.ts": "" }, /kebab-case/],
    ["a name that says nothing", { "src/core/string-utils.ts": "" }, /"utils" says nothing/],
    ["a folder that says nothing", { "test/helpers/a.ts": "" }, /"helpers" says nothing/],
    ["a long file", { "bench/a.ts": "\n".repeat(400) + "1;\n" }, /401 lines/],
  ];
  for (const [name, files, expected] of planted) {
    test(name, () => {
      const found = findUntidy(new Map(Object.entries(files)));
      assert.equal(found.length, 1, found.join("\n"));
      assert.match(found[0] ?? "", expected);
    });
  }
});

test("what is allowed is not reported", () => {
  const files = {
    "src/main.ts": `import "./cli/index.ts"; process.exit(0);`,
    "src/cli/index.ts": `import "./run.ts"; import "./_x.ts";`,
    "src/cli/run.ts": `import "./_x.ts"; import "../engine/a.ts";`,
    "src/cli/_x.ts": "",
    "src/cli/program.ts": `import "./index.ts";`,
    "src/engine/a.ts": `// import "../cli/run.ts";\n/** @see {import("../cli/run.ts")} */`,
    "src/sources/index.ts": `import { a } from "./a.ts";`,
    "src/sources/a.ts": `import "./_x.ts"; import "../core/b.ts"; import "node:fs";`,
    "src/sources/_x.ts": "",
    "src/core/b.ts": `new URL("../page.html", import.meta.url); new URL("./x.ts", "http://x");`,
    "src/core/b.test.ts": `import "../engine/a.ts";`,
  };
  assert.deepEqual(findUntidy(new Map(Object.entries(files))), []);
});
