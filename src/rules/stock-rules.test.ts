import assert from "node:assert/strict";
import { test } from "node:test";
import { ruleOptions } from "./rule-options.ts";
import { stockRules } from "./stock-rules.ts";

for (const [name, { rule, help }] of Object.entries(stockRules)) {
  test(`${name} is a rule as one would write it`, () => {
    const parsed = ruleOptions.safeParse({ stock: name, ...rule });
    assert.deepEqual(parsed.error?.issues ?? [], []);
    assert.match(help, /^[A-Z].*\.$/);
  });
}
