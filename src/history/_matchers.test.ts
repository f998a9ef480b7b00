import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { compileSimplePattern } from "./_matchers.ts";
import { QueryInvalid } from "./history.ts";

suite("simple patterns", () => {
  test("match whole texts as regular expressions do", () => {
    const aPiece = fc.constantFrom("a", "b", "ab", ".*", ".+", "|", "\\.", "\\|", "\\\\", "é");
    const aText = fc.array(fc.constantFrom("a", "b", ".", "|", "\\", "é"), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(aPiece, { maxLength: 8 }), aText, (pieces, letters) => {
        const [pattern, text] = [pieces.join(""), letters.join("")];
        const expected = new RegExp(`^(?:${pattern})$`, "u").test(text);
        assert.equal(compileSimplePattern(pattern)(text), expected, `${pattern} on ${text}`);
      }),
      { numRuns: 5000 },
    );
  });

  test("anything else is refused with a reason", () => {
    for (const pattern of ["(a)", "[a]", "a?", "^a", "a{2}", ".", "\\d", "a\\"]) {
      assert.throws(() => compileSimplePattern(pattern), QueryInvalid, pattern);
    }
  });

  test("a hostile text takes no more than its length", () => {
    const isMatch = compileSimplePattern(`${".*a".repeat(200)}b`);
    assert.equal(isMatch("a".repeat(100_000)), false);
  });
});
