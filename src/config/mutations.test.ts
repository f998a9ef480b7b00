// Whatever is done to a file: reading it never throws, and every problem points at a place in it.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseConfig } from "./parse-config.ts";
import { sampleParts, sampleText } from "./_sample-parts.ts";

const scraps = [
  ..."{}[]:,-#&*!|>'\"%@`\t\n ~?<=\\".split(""),
  "  ",
  "<<: *home",
  "*home",
  "&home",
  "---\n",
  "__proto__: ",
  "constructor: ",
  "null",
  "10",
  "1e999",
  ".nan",
  "kind: http",
  "outputs: [a]",
  "\r\n",
  "\uFEFF",
  "\u0000",
  "💥",
];

const mutation = fc.record({
  at: fc.nat(sampleText.length),
  cut: fc.nat(30),
  put: fc.oneof(fc.constant(""), fc.constantFrom(...scraps), fc.string({ maxLength: 8 })),
});

test("no mutation of a file throws or is reported outside of it", () => {
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 5 }), (mutations) => {
      let text = sampleText;
      for (const { at, cut, put } of mutations) {
        text = text.slice(0, at) + put + text.slice(at + cut);
      }
      checkPlaces(text);
    }),
    { numRuns: 500 },
  );
});

test("neither does any text", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.constantFrom(...scraps), fc.string()), { maxLength: 40 }),
      (parts) => {
        checkPlaces(parts.join(""));
      },
    ),
    { numRuns: 300 },
  );
});

test("explosive and bottomless texts are refused", () => {
  const bomb = ["a: &a [0,0,0,0,0,0,0,0,0,0]"];
  for (const [name, inner] of ["ba", "cb", "dc", "ed"].map((pair) => pair.split(""))) {
    bomb.push(`${name}: &${name} [${Array(10).fill(`*${inner}`).join(",")}]`);
  }
  for (const [text, message] of [
    [bomb.join("\n"), /aliases stand for too many values/],
    [`a: ${"[".repeat(200)}${"]".repeat(200)}`, /nested too deeply/],
    ["[".repeat(100_000), /nested too deeply/],
    [`a: ${"x".repeat(5 * 1024 * 1024)}`, /larger than 4 MiB/],
  ] as const) {
    const { problems } = checkPlaces(text);
    assert.match(problems[0]?.message ?? "", message);
  }
});

function checkPlaces(text: string): ReturnType<typeof parseConfig> {
  const parsed = parseConfig({ text, file: "w.yml", parts: sampleParts, hostName: "box" });
  assert.equal(parsed.config === undefined, parsed.problems.length > 0);
  const lines = text.split("\n");
  for (const { line, column, message } of parsed.problems) {
    const length = lines[line - 1]?.length ?? -1;
    assert(line >= 1 && column >= 1 && column <= length + 1, `${line}:${column} ${message}`);
    assert(message.length > 0 && !message.includes("\n"), message);
    assert.doesNotMatch(message, /Invalid input|expected .*received|undefined/, text);
  }
  return parsed;
}
