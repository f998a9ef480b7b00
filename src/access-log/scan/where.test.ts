import assert from "node:assert/strict";
import test from "node:test";
import type { Entry } from "../format/fields.ts";
import { compileCondition } from "./_compile-condition.ts";
import { fieldsOfCondition, ignoreCase, parseWhere } from "./where.ts";

const entry: Entry = {
  status: 503,
  duration: 0.25,
  bytes: 2048,
  agent: 'Mozilla "x" (Googlebot/2.1)',
  client: "10.0.0.1",
  method: "GET",
  "header.x_tenant": "acme",
};

test("conditions hold or do not", () => {
  const cases: readonly (readonly [string, boolean])[] = [
    ["status >= 500", true],
    ["status = 503 and method = GET", true],
    ["status == 503", true],
    ["status < 500 or duration > 200ms", true],
    ["status < 500 or duration > 250ms", false],
    ["bytes >= 2KiB and not bytes > 2KiB", true],
    ['agent ~ "googleBOT"', true],
    ["agent !~ [a-c]hrome", true],
    ['agent = "Mozilla \\"x\\" (Googlebot/2.1)"', true],
    ["header.x_tenant = acme", true],
    ["client != 10.0.0.1", false],
    ["not (status = 503 or status = 200) and method = GET", false],
    ["NOT status = 200 AND method = 'GET'", true],
    ["user", false],
    ["client and not user", true],
    ["user = ann", false],
    ["user != ann", true],
    ["user ~ ann", false],
    ["user !~ ann", true],
    ["upstream_duration != 1", true],
    ["upstream_duration < 1", false],
  ];
  for (const [text, wanted] of cases) {
    const { condition, problem } = parseWhere(text);
    assert.equal(problem, undefined);
    assert.equal(compileCondition(condition)(entry), wanted, text);
  }
});

test("what is no condition is refused with its column", () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ["", 1, /expected the name of a field/],
    ["status >=", 10, /expected a value/],
    ["status >= many", 11, /status is a number; write one/],
    ["status ~ 5", 8, /compare it by = !=/],
    ["agent > 5", 7, /agent is a text/],
    ["agent ~ (", 9, /expected a value/],
    ['agent ~ "("', 9, /the pattern is not a regular expression/],
    ['agent ~ "(?=a)"', 9, /linear time/],
    ["agnet = x", 1, /there is no field agnet/],
    ["(status = 1", 12, /expected `\)`/],
    ["status = 1 status = 2", 12, /expected `and`, `or` or the end/],
    ['agent = "x', 9, /a quote is not closed/],
    [`${"not ".repeat(60)}user`, 201, /nested deeper/],
    ["x".repeat(2001), 2001, /longer than 2000/],
  ];
  for (const [text, column, problem] of cases) {
    const parsed = parseWhere(text);
    assert.match(parsed.problem ?? "", problem, text);
    assert.equal(parsed.problem === undefined ? 0 : parsed.column, column, text);
  }
});

test("the fields of a condition are known", () => {
  const { condition } = parseWhere("not (status = 1 or agent ~ x) and user");
  assert.deepEqual(fieldsOfCondition(condition), ["status", "agent", "user"]);
});

test("letters of patterns stand for both cases, escapes and names for themselves", () => {
  assert.equal(ignoreCase("a\\d[b-d]"), "[aA]\\d[b-dB-D]");
  assert.equal(ignoreCase("(?<name>x)\\x41[^q\\w]"), "(?<name>[xX])\\x41[^qQ\\w]");
});
