// The exact lines that users see, mistake by mistake.
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseConfig } from "./parse-config.ts";
import { toProblemText } from "./problem.ts";
import { sampleParts } from "./_sample-parts.ts";

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  [
    "an empty file",
    ``,
    [
      "w.yml:1:1 the file is empty; begin with `sources:`, below it an id of your own, and below that `kind:`",
    ],
  ],
  [
    "a file of comments alone",
    `# nothing yet
`,
    [
      "w.yml:1:1 the file is empty; begin with `sources:`, below it an id of your own, and below that `kind:`",
    ],
  ],
  [
    "a list",
    `- a
`,
    ["w.yml:1:1 the file must hold `key: value` lines, such as `sources:`"],
  ],
  [
    "no space after the colon",
    `sources:1
`,
    [
      "w.yml:1:1 the file must hold `key: value` lines, such as `sources:` (a space after each `:`)",
    ],
  ],
  [
    "a tab",
    `sources:
	home: 1
`,
    ["w.yml:2:1 a tab stands where YAML takes spaces only; indent with two spaces"],
  ],
  [
    "an open brace",
    `sources:
  home: { kind: http
`,
    ["w.yml:2:21 what was opened here or above ends without its closing }; add it"],
  ],
  [
    "an open quote",
    `log: { level: 'info }
`,
    ["w.yml:1:22 the text ends without its closing '; add it"],
  ],
  [
    "a second colon",
    `data: b: c
`,
    [
      "w.yml:1:7 there is a second `: ` on this line; put the text in quotes, or the key on a line of its own",
    ],
  ],
  [
    "an indicator",
    `node: { name: @x }
`,
    ["w.yml:1:15 a text cannot begin with `@`; put it in quotes"],
  ],
  [
    "an escape",
    `node:
  name: "a\\w"
`,
    [
      "w.yml:2:11 a backslash in double quotes begins an escape, and this is none; use single quotes, or two backslashes",
    ],
  ],
  [
    "text after a quoted text",
    `data: "$a" $b
`,
    ["w.yml:1:12 there is something left over here; put the whole value in quotes"],
  ],
  [
    "an IPv6 address without quotes",
    `server:
  listen: [::1]:8080
`,
    ["w.yml:2:16 there is something left over here; put the whole value in quotes"],
  ],
  [
    "a key without colon",
    `sources:
  home:
    kind http
    url: x
`,
    ["w.yml:3:5 there is no `:` after this key; write `key: value`"],
  ],
  [
    "a crooked indent",
    `sources:
  home:
    kind: http
   url: x
`,
    ["w.yml:4:1 this is not in one column with what it belongs to; indent it like its neighbours"],
  ],
  [
    "two documents",
    `sources:
  home: { kind: http, url: https://a.example/ }
---
sources:
  home: { kind: http, url: https://a.example/ }
`,
    ["w.yml:3:1 a second document starts here; keep everything in one and remove this `---`"],
  ],
  [
    "a tag",
    `node: { name: !secret x }
`,
    ["w.yml:1:15 `!secret` is a tag, which has no meaning here; put the text in quotes"],
  ],
  [
    "an alias of nothing",
    `node: { name: *x }
`,
    [
      "w.yml:1:15 `*x` repeats a value marked `&x`, which is nowhere above; put the text in quotes if none is meant",
    ],
  ],
  [
    "an alias of itself",
    `node: &n { name: *n }
`,
    ["w.yml:1:18 `*n` repeats what it is itself a part of; write the value out"],
  ],
  [
    "a key twice, and all else that is wrong",
    `node: { name: a, name: b }
logg: {}
`,
    [
      "w.yml:1:18 `name` is here twice; the first is on line 1, remove or rename one",
      "w.yml:2:1 logg: is not known here; did you mean `log`?",
    ],
  ],
  [
    "an id twice",
    `sources:
  home: { kind: http, url: https://a.example/ }
  home: { kind: http, url: https://b.example/ }
`,
    ["w.yml:3:3 `home` is here twice; the first is on line 2, remove or rename one"],
  ],
  [
    "keys that are no text",
    `? [a, b]
: 1
~: 2
__proto__: 3
`,
    [
      "w.yml:1:3 this key cannot be used; write plain text",
      "w.yml:3:1 this key cannot be used; write plain text",
      "w.yml:4:1 this key cannot be used; write plain text",
    ],
  ],
  [
    "a key twice, of which the last one counts and is wrong",
    `data: a
data: 5
`,
    [
      "w.yml:2:1 `data` is here twice; the first is on line 1, remove or rename one",
      "w.yml:2:7 data: must be text, not a number; put it in quotes",
    ],
  ],
];

for (const [title, text, lines] of cases) {
  test(title, () => {
    const parsed = parseConfig({ text, file: "w.yml", parts: sampleParts, hostName: "box" });
    assert.deepEqual(parsed.problems.map(toProblemText), lines);
    assert.equal(parsed.config, undefined);
  });
}
