import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toLegalText } from "./_legal-text.ts";

const illegal = /[^A-Za-z0-9_-]/g;

suite("a legal text", () => {
  test("is the text itself when it can be", () => {
    assert.equal(toLegalText("http_requests_total", illegal), "http_requests_total");
    assert.equal(toLegalText("(other)", /;/g), "(other)");
    assert.equal(toLegalText("(other)", illegal), "_other_");
  });

  test("is legal, not too long, and different for different texts", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "_", "(", ")", ".", "é") });
    fc.assert(
      fc.property(fc.uniqueArray(text), (texts) => {
        const names = texts.map((each) => toLegalText(each, illegal, 12));
        names.forEach((name) => assert.match(name, /^[A-Za-z0-9_-]{1,12}$/));
        assert.equal(new Set(names).size, texts.length);
      }),
    );
  });
});
