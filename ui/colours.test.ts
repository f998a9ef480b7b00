import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { assignColours, coloursMax, quietColour } from "./colours.ts";

suite("colours", () => {
  test("no two names share a colour, and nobody changes it while shown", () => {
    const names = fc.uniqueArray(fc.string({ maxLength: 4 }), { maxLength: coloursMax });
    fc.assert(
      fc.property(names, names, (first, second) => {
        const before = assignColours(new Map(), first);
        const after = assignColours(before, second);
        assert.equal(new Set(after.values()).size, second.length);
        for (const name of second) {
          assert.equal(after.get(name), before.get(name) ?? after.get(name));
        }
      }),
    );
  });

  test("a name has the same colour after a reload, in whatever order names come", () => {
    const there = assignColours(new Map(), ["api", "static", "checkout"]);
    const back = assignColours(new Map(), ["checkout", "api", "static"]);
    assert.deepEqual(Object.fromEntries(there), Object.fromEntries(back));
  });

  test("beyond the palette names are grey", () => {
    const names = Array.from({ length: coloursMax + 1 }, (_, index) => `g${index}`);
    const grey = [...assignColours(new Map(), names).values()].filter((one) => one === quietColour);
    assert.equal(grey.length, 1);
  });
});
