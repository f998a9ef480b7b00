import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { parse } from "yaml";
import { toJsonSchema } from "./to-json-schema.ts";
import { sampleParts, sampleText } from "./_sample-parts.ts";

const schema = toJsonSchema(sampleParts);

function at(...path: readonly (string | number)[]): unknown {
  let here: unknown = schema;
  for (const step of path) {
    here = Reflect.get(Object(here), step);
  }
  return here;
}

const kinds = ["properties", "sources", "additionalProperties", "oneOf"] as const;

suite("toJsonSchema", () => {
  test("has an alternative for each kind, with common keys and its own", () => {
    assert.deepEqual(at(...kinds, 0, "properties", "kind"), {
      const: "http",
      description: "Requests a URL and looks at the answer.",
    });
    assert.deepEqual(at(...kinds, 0, "required"), ["kind", "url"]);
    assert.equal(at(...kinds, 0, "additionalProperties"), false);
    assert.deepEqual(Object.keys(Object(at(...kinds, 1, "properties"))), [
      "kind",
      "service",
      "every",
      "outputs",
      "files",
      "format",
      "groups",
      "weights",
      "from",
    ]);
  });

  test("has defaults as they are written, and descriptions", () => {
    assert.equal(at(...kinds, 0, "properties", "timeout", "default"), "10s");
    assert.equal(at(...kinds, 0, "properties", "every", "default"), "30s");
    assert.equal(at("properties", "server", "properties", "listen", "default"), "127.0.0.1:8080");
    const size = at("properties", "retention", "properties", "journal", "properties", "size");
    assert.equal(Reflect.get(Object(size), "default"), "1 GiB");
    assert.equal(
      at("properties", "rules", "description"),
      "When an incident is raised, by ids of your own.",
    );
  });

  test("is a schema that takes the sample, and not one with a slip", () => {
    const reader = z.fromJSONSchema(schema);
    const sample: unknown = parse(sampleText, { merge: true });
    assert.deepEqual(reader.safeParse(sample).error?.issues, undefined);
    for (const [right, wrong] of [
      ["every: 5s", "every: 5"],
      ["every: 5s", "evry: 5s"],
      ["kind: gelf", "kind: gelff"],
      ["level: info", "level: loud"],
      ["over: 2m", "over: [2m]"],
    ] as const) {
      const slipped: unknown = parse(sampleText.replace(right, wrong), { merge: true });
      assert.equal(reader.safeParse(slipped).success, false, wrong);
    }
  });
});
