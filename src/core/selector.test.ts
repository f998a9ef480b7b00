import assert from "node:assert/strict";
import test from "node:test";
import { parseSelector } from "./selector.ts";

test("a metric alone selects all of its series", () => {
  assert.deepEqual(parseSelector(" http_requests_total "), {
    selector: { metric: "http_requests_total", matchers: [] },
  });
});

test("conditions on labels, with every operator", () => {
  const { selector } = parseSelector('m{a="x", b!="y",c=~"p|q" , d!~"r.*"}');
  assert.deepEqual(
    selector?.matchers.map(({ label, op, value }) => [label, op, value]),
    [
      ["a", "=", "x"],
      ["b", "!=", "y"],
      ["c", "=~", "p|q"],
      ["d", "!~", "r.*"],
    ],
  );
  const matches = (values: readonly string[]): boolean[] =>
    values.map((value, i) => selector?.matchers[i]?.isMatch(value) ?? false);
  assert.deepEqual(matches(["x", "z", "q", "s"]), [true, true, true, true]);
  assert.deepEqual(matches(["xx", "y", "pq", "rest"]), [false, false, false, false]);
});

test("quoted values may hold anything", () => {
  const { selector } = parseSelector(String.raw`m{a="say \"hi\", {you}\\"}`);
  assert.equal(selector?.matchers[0]?.value, String.raw`say "hi", {you}\ `.trim());
});

test("what is wrong is named with its column", () => {
  const problems = [
    "",
    "m{",
    "m}",
    'm{a="x"',
    "m{a=x}",
    "m{a}",
    'm{a="x" b="y"}',
    'm{a=~"("}',
    'm{a=~"(?=x)"}',
    'm{a="x"} m',
  ].map((text) => parseSelector(text).problem);
  assert.deepEqual(problems, [
    "begins with no metric name",
    "does not end with }, in column 3",
    'has "}" where { was expected, in column 2',
    "does not end with }, in column 8",
    "has no text in double quotes in column 5",
    "has no label and operator (=, !=, =~ or !~) in column 3",
    "has no comma or } in column 9",
    "has a pattern for a that is not a regular expression: Unterminated group",
    "has a pattern for a that cannot be matched in linear time; leave out look-around, back references, inline flags and repeat counts above 16",
    "does not end with }, in column 8",
  ]);
});
