import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseWhere } from "../../access-log/scan/where.ts";
import { joinWhere, toStatusWhere, toTargetWhere, toTextWhere } from "./row-where.ts";

test("a row becomes the condition of its lines", () => {
  assert.equal(toTextWhere("client", "192.0.2.7"), 'client = "192.0.2.7"');
  assert.equal(toStatusWhere("404"), "status = 404");
  assert.equal(toStatusWhere("none"), undefined);
  assert.equal(toTargetWhere("/a.b(c"), String.raw`target ~ "^/a\.b\(c([?]|$)"`);
  assert.equal(toTargetWhere("(malformed)"), undefined);
  assert.equal(toTextWhere("agent", "x".repeat(256)), undefined, "it was cut");
});

test("what a condition cannot say is no condition, rather than another one", () => {
  const quoted = fc.constantFrom("\\", '"', "'", "a", " ", "]");
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: "grapheme" }), fc.string({ unit: quoted })), (key) => {
      const where = toTextWhere("agent", key);
      const { condition } = where === undefined ? {} : parseWhere(where);
      assert.ok(where === undefined || (condition?.kind === "text" && condition.value === key));
      const target = toTargetWhere(`/${key}`);
      if (target !== undefined) {
        const { condition: pattern } = parseWhere(target);
        assert.ok(pattern?.kind === "text");
        const compiled = new RegExp(pattern.value);
        assert.ok(compiled.test(`/${key}`) && compiled.test(`/${key}?x=1`));
        assert.ok(!compiled.test(`/${key}x`) && !compiled.test(`x/${key}`));
      }
    }),
  );
});

test("two conditions both hold", () => {
  assert.equal(joinWhere("", "status = 404"), "status = 404");
  assert.equal(
    joinWhere("status = 404 or status = 500", 'client = "a"'),
    '(status = 404 or status = 500) and client = "a"',
  );
});
