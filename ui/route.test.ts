import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { parseRoute, toFragment } from "./route.ts";

suite("route", () => {
  test("every source can be linked to, whatever its id", () => {
    const id = fc.string({ minLength: 1, unit: "grapheme" });
    fc.assert(
      fc.property(id, (source) => {
        const route = { view: "source", source } as const;
        assert.deepEqual(parseRoute(toFragment(route)), route);
      }),
    );
  });

  test("what is not understood is the overview", () => {
    for (const fragment of [
      "",
      "#",
      "#/",
      "#/sources/",
      "#/sources/a/b",
      "#/sources/%E0%A4",
      "#x",
    ]) {
      assert.deepEqual(parseRoute(fragment), { view: "overview" });
    }
    assert.equal(toFragment({ view: "overview" }), "#/");
  });
});
