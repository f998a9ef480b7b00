import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { duration, oneOrMore, quantities, secret, size, threshold } from "./options.ts";
import { Secret } from "./secret.ts";

function messageOf(schema: z.ZodType, input: unknown): string | undefined {
  return schema.safeParse(input).error?.issues[0]?.message;
}

suite("options", () => {
  test("a quantity without its unit is answered with the likely one", () => {
    assert.equal(messageOf(duration(), 10), "has no unit; did you mean 10s?");
    assert.equal(messageOf(duration(), " 2.5 "), "has no unit; did you mean 2.5s?");
    assert.equal(messageOf(size(), 64), "has no unit; did you mean 64 MiB?");
    assert.match(messageOf(duration(), "soon") ?? "", /^is not a duration; write a number/);
    assert.match(messageOf(size(), true) ?? "", /^is not a size; write a number/);
    assert.match(messageOf(threshold(), []) ?? "", /^is not a threshold; write a number/);
  });

  test("what is missing is left for the configuration to tell", () => {
    for (const schema of [duration(), size(), threshold(), secret()]) {
      const result = schema.safeParse(undefined, { error: () => "is missing" });
      assert.equal(result.error?.issues[0]?.message, "is missing");
    }
  });

  test("a quantity is printed as it would be written, also after it was described", () => {
    for (const [schema, value, text] of [
      [duration().describe("How long."), 90_000, "1m30s"],
      [size(), 1_048_576, "1 MiB"],
      [size(), 1_048_577, "1048577 B"],
      [threshold(), { value: 30, perSecond: true }, "30/s"],
      [threshold(), { value: 0.05, perSecond: false }, 0.05],
    ] as const) {
      assert.equal(quantities.get(schema)?.print(value), text);
    }
  });

  test("patterns for editors take what is taken", () => {
    for (const [schema, good, bad] of [
      [duration(), ["10s", "1h30m", "2.5 d"], ["10", "s", "1x"]],
      [size(), ["1 GiB", "5B", "1.5kB"], ["5", "1 kb", "GiB"]],
    ] as const) {
      const { pattern } = z.toJSONSchema(schema, { io: "input" });
      const expression = new RegExp(pattern ?? assert.fail());
      for (const text of [...good, ...bad]) {
        assert.equal(expression.test(text), schema.safeParse(text).success, text);
      }
    }
  });

  test("one or more is always a list", () => {
    const schema = oneOrMore(z.union([z.string(), z.number()]));
    assert.deepEqual(schema.parse("a"), ["a"]);
    assert.deepEqual(schema.parse(["a", 1]), ["a", 1]);
    assert.deepEqual(schema.parse([]), []);
    assert.equal(schema.safeParse({}).success, false);
  });

  test("a secret is a place, never a value", () => {
    assert.deepEqual(secret().parse({ env: "A" }).place, { env: "A" });
    assert(secret().parse({ file: "a" }) instanceof Secret);
    for (const wrong of ["hunter2", { env: "A", file: "b" }, { env: "" }, {}]) {
      assert.equal(secret().safeParse(wrong).success, false);
    }
    assert(!(messageOf(secret(), "hunter2") ?? "").includes("hunter2"));
  });
});
