import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { lastRanges, live, type Range } from "./ranges.ts";
import { overview, parseRoute, type Route, toFragment } from "./route.ts";

const text = fc.string({ minLength: 1, unit: "grapheme" });
const second = fc.integer({ min: 0, max: 4_000_000_000 }).map((seconds) => seconds * 1000);
const range: fc.Arbitrary<Range> = fc.oneof(
  fc.constant(live),
  fc.constantFrom(...lastRanges).map(({ name, ms }) => ({ kind: "last" as const, name, ms })),
  fc
    .tuple(second, fc.integer({ min: 1, max: 1_000_000 }))
    .map(([from, seconds]) => ({ kind: "fixed" as const, from, to: from + seconds * 1000 })),
);

suite("route", () => {
  test("every view can be linked to, whatever its source and group are called", () => {
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), range, (source, group, shown) => {
        const isCompared = shown.kind !== "live";
        const route: Route = { page: "sources", source, group, range: shown, isCompared };
        assert.deepEqual(parseRoute(toFragment(route)), route);
      }),
    );
  });

  test("what is not understood is the overview, live", () => {
    for (const fragment of [
      "",
      "#",
      "#/",
      "#/sources/",
      "#/sources/a/b",
      "#/sources/%E0%A4",
      "#x",
      "#/?range=tomorrow",
      "#/?range=2026-11-20T16:20:00Z~2026-11-20T16:04:00Z",
      "#/?group=cart",
      "#/?compare=week",
    ]) {
      assert.deepEqual(parseRoute(fragment), overview, fragment);
    }
    assert.equal(toFragment(overview), "#/");
  });

  test("addresses can be read", () => {
    const route: Route = {
      page: "sources",
      source: "shop",
      group: "cart",
      range: { kind: "fixed", from: Date.UTC(2026, 10, 20, 16, 4), to: Date.UTC(2026, 10, 20, 17) },
      isCompared: true,
    };
    assert.equal(
      toFragment(route),
      "#/sources/shop?range=2026-11-20T16:04:00Z~2026-11-20T17:00:00Z&group=cart&compare=week",
    );
    assert.equal(toFragment(route, { source: undefined, range: live }), "#/");
    assert.deepEqual(parseRoute("#/outputs"), { ...overview, page: "outputs" });
    assert.equal(toFragment({ ...overview, page: "outputs" }), "#/outputs");
  });
});
