import assert from "node:assert/strict";
import { test } from "node:test";
import { assert as assertAlways, constantFrom, property, string } from "fast-check";
import { parseUserPattern } from "../../core/user-pattern.ts";
import { isOnePass, isQuickSearch } from "./_one-pass-pattern.ts";

const onePass = [
  '^(\\S+) \\[([^\\]]+)\\] "([^"]*)"$',
  "^/api/(?<group>\\w+)/(?<method>\\w+)",
  "^/users(?:/|$)",
  "\\.(?:css|js|html)$",
  "a{1,3}b?c",
  "(?:\\d+|-) x",
  "^\\s+\\d+é",
];
const others = [
  "(a+)+$",
  "(a*)*b",
  "(?:a|b)*c",
  "(.*) (.*)",
  ".*?x",
  "\\S+\\w",
  "a?a",
  "(?:a|ab)c",
  "(?:|a)b",
  "[^a]*é",
  "\\d+\\u0031",
  "a\\b",
  "x{2,}x",
  "[à-ü]+x",
  "(?=a)a",
];

test("expressions that need no backtracking are told from those that might", () => {
  assert.deepEqual(onePass.filter(isOnePass), onePass);
  assert.deepEqual(others.filter(isOnePass), []);
});

test("a search is quick when it is anchored, or each try is short", () => {
  const quick = ["bot|spider|[sS]lurp", "^/a|^/b$", "\\.(?:css|js)$", "^\\d+x", "a.c\\.d"];
  assert.deepEqual(quick.filter(isQuickSearch), quick);
  const slow = ["\\d+x", "(a|a)(a|a)", "x{3,}", "x{1,5000}y", "(?:bot|b)x", "a?a", "\\1", "[^a]*b"];
  assert.deepEqual(slow.filter(isQuickSearch), []);
});

test("one-pass expressions match what the linear engine matches", () => {
  const texts = string({ unit: constantFrom(...'ab01 -/."[]\\é\u00a0\n'.split("")) });
  for (const source of onePass) {
    const [quick, linear] = [new RegExp(source, "y"), parseUserPattern(source).pattern];
    assert.equal(linear?.flags, "l");
    assertAlways(
      property(texts, (text) => {
        quick.lastIndex = 0;
        const found = quick.exec(text);
        if (found !== null) {
          assert.deepEqual([...found], [...(linear.exec(text) ?? [])]);
        }
      }),
    );
  }
});
