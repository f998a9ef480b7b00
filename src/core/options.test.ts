import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { duration, filePath, oneOrMore, quantities, secret, size, threshold } from "./options.ts";
import { Secret } from "./secret.ts";

function messageOf(schema: z.ZodType, input: unknown): string | undefined {
  return schema.safeParse(input).error?.issues[0]?.message;
}

suite("options", () => {
  test("a quantity without its unit is answered with those it may have meant", () => {
    for (const [schema, input, units] of [
      [duration(), 10, "10ms, 10s, 10m, 10h or 10d"],
      [duration(), 500, "500ms, 500s, 500m, 500h or 500d"],
      [duration(), 7, "7s, 7m, 7h or 7d"],
      [duration(), " 2.5 ", "2.5s, 2.5m, 2.5h or 2.5d"],
      [duration(), 5000, "5000ms, 5000s, 5000m or 5000h"],
      [size(), 64, "64 KiB, 64 MiB or 64 GiB"],
      [size(), 4096, "4096 B, 4096 KiB or 4096 MiB"],
      [size(), 1048576, "1048576 B"],
    ] as const) {
      assert.equal(messageOf(schema, input), `has no unit; write ${units}`);
    }
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
      [threshold(), threshold().parse("30/s"), "30/s"],
      [threshold(), threshold().parse(0.05), 0.05],
      [threshold(), threshold().parse("7%"), "7%"],
      [threshold(), threshold().parse("800ms"), "0.8s"],
      [threshold(), threshold().parse("1 MiB/s"), "1048576 B/s"],
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

  test("a path is not one for a shell", () => {
    for (const path of ["/var/log/a.log", "logs/*.log", "./a~", "/a$1", "/srv/50$/x"]) {
      assert.equal(filePath().parse(path), path);
    }
    for (const path of ["~/a.log", "~", "~shop/a", "$HOME/a", "/var/${NAME}/a"]) {
      assert.match(messageOf(filePath(), path) ?? "", /^is taken as it is written: ~ and \$HOME/);
    }
    assert.equal(filePath().safeParse("").success, false);
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
