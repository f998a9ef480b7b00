import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import { type Labels, type Sample, count, gauge } from "../core/sample.ts";
import { toGraphitePath, toGraphiteTags } from "./_graphite-path.ts";
import type { Point } from "./_points.ts";
import { graphite } from "./graphite.ts";

const never = new AbortController().signal;
const template = "{source}.{metric}.{labels}";

const text = fc.string({
  maxLength: 8,
  unit: fc.constantFrom("a", "b", ".", "/", ";", "~", " ", "é", "_"),
});
const labels = fc.dictionary(text, text, { maxKeys: 3, noNullPrototype: true });
const series = fc.record({ name: text, labels, part: fc.constantFrom("", "count", "p99") });

function toPoint({
  name,
  labels: given,
  part,
}: {
  name: string;
  labels: Labels;
  part: string;
}): Point {
  return { name, labels: given, part, kind: part === "" ? "gauge" : "distribution", value: 1 };
}

/** Labels that are empty are none. */
function toKey({ name, labels: given, part }: Point): string {
  const pairs = Object.entries(given).filter(([, value]) => value !== "");
  return JSON.stringify([name, part, pairs.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

async function write(given: object, samples: readonly Sample[]): Promise<readonly string[]> {
  const world = createWorld();
  const options = graphite.options.parse({ host: "g", transport: "udp", ...given });
  await using output = await graphite.open(options, world.context());
  await output.write([toBatch("s", 1, samples)], never);
  return (world.sent["udp://g:2003"] ?? []).flatMap((packet) => packet.split("\n"));
}

suite("names for Graphite", () => {
  for (const [form, toName] of [
    ["paths", (point: Point) => toGraphitePath(template, { source: "s.1", service: "" }, point)],
    ["tags", (point: Point) => toGraphiteTags({ source: "s.1", service: "" }, point)],
  ] as const) {
    test(`${form} are legal, and different for different series`, () => {
      fc.assert(
        fc.property(fc.array(series, { maxLength: 20 }), (given) => {
          const points = given.map(toPoint);
          const names = points.map(toName);
          const legal =
            form === "paths"
              ? /^[\w-]+(?:\.[\w-]+)*$/
              : /^[\w-]+(?:\.\w+)?(?:;[\w-]+=[^;~\s][^;\s]*)*$/u;
          names.forEach((name) => assert.match(name, legal));
          assert.equal(new Set(names).size, new Set(points.map(toKey)).size);
        }),
      );
    });
  }

  test("a label that is called as something of ours, or of Graphite's, is another tag", () => {
    const point = toPoint({ name: "n", labels: { name: "a", source: "b" }, part: "" });
    assert.equal(
      toGraphiteTags({ source: "s", service: "" }, point),
      "n;exported_name=a;exported_source=b;source=s",
    );
  });
});

suite("graphite", () => {
  test("leaves out what is no number", async () => {
    const lines = await write({}, [gauge("a", NaN), gauge("b", Infinity), count("c", 1.5)]);
    assert.deepEqual(lines, ["watchpost.s.c 1.5 1"]);
  });

  test("sends rates of counts alone", async () => {
    const samples = [gauge("g", 4), count("c", 4)];
    const window = { ...toBatch("s", 1, samples), to: 10_000 };
    const world = createWorld();
    const options = graphite.options.parse({ host: "g", transport: "udp", counts: "rate" });
    await using output = await graphite.open(options, world.context());
    await output.write([window], never);
    assert.deepEqual(world.sent["udp://g:2003"], ["watchpost.s.g 4 10\nwatchpost.s.c 0.4 10"]);
  });

  test("refuses a path in which series would overwrite each other", () => {
    for (const path of ["{source}.{metric}", "{source}_{metric}.{labels}", "a..{labels}", ""]) {
      assert.ok(!graphite.options.safeParse({ host: "g", path }).success, path);
    }
    assert.ok(!graphite.options.safeParse({ host: "g", tls: {} }).success);
  });
});
