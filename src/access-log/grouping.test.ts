import assert from "node:assert/strict";
import test from "node:test";
import { Grouping, groupsMax, otherGroup, ungrouped, type GroupRule } from "./grouping.ts";
import { parseUserPattern } from "../core/user-pattern.ts";

test("the first rule that gives a name wins", () => {
  const grouping = new Grouping([
    rule("^/api/(?<group>\\w+)/(?<method>\\w+)"),
    rule("^/api/(?<group>\\w*)"),
    rule("\\.(?:css|js)$", "static"),
    rule("^/v2/(?<method>\\w+)", "v2"),
    rule("^/(?<method>\\w+)"),
  ]);
  assert.equal(grouping.nameOf("/api/cart/add"), "cart/add");
  assert.equal(grouping.nameOf("/api/cart"), "cart");
  assert.equal(grouping.nameOf("/x/a.css"), "static");
  assert.equal(grouping.nameOf("/v2/go"), "v2/go");
  assert.equal(grouping.nameOf("/api/"), "api", "a match without a name goes on to the next rule");
  assert.equal(grouping.nameOf("/"), ungrouped);
  assert.equal(grouping.nameOf(undefined), ungrouped);
});

test("the number of groups is bounded, also over a restart", () => {
  const rules = [rule("^/(?<group>\\w+)")];
  const grouping = new Grouping(rules);
  for (let number = 0; number < groupsMax; number++) {
    assert.equal(grouping.nameOf(`/g${number}`), `g${number}`);
  }
  assert.equal(grouping.nameOf("/more"), otherGroup);
  assert.equal(grouping.nameOf("/g0"), "g0");
  const again = new Grouping(rules, grouping.names);
  assert.equal(again.nameOf("/more"), otherGroup);
  assert.equal(again.nameOf("/g7"), "g7");
});

test("patterns that may take long are refused, with what to do", () => {
  for (const slow of ["(?=a)", "(a)\\1", "(?:a{20}){20}", "(?!a)b", "(?i:a)"]) {
    assert.match(parseUserPattern(slow).problem ?? "", /linear time; leave out look-around/);
  }
  assert.match(parseUserPattern("(").problem ?? "", /is not a regular expression: /);
  assert.match(parseUserPattern("(?P<group>a)").problem ?? "", /write \(\?<name>…\) instead/);
});

test("a pattern that ruins a backtracking engine ends at once", () => {
  const { pattern } = parseUserPattern("^(?:a|a)*$|^(?:a*)*b$");
  assert.equal(pattern?.test(`${"a".repeat(5000)}!`), false);
});

function rule(match: string, group?: string): GroupRule {
  const { pattern, problem } = parseUserPattern(match);
  assert.equal(problem, undefined);
  assert.ok(pattern !== undefined);
  return { pattern, group };
}
