import assert from "node:assert/strict";
import { test } from "node:test";
import { format, inspect } from "node:util";
import { Secret } from "./secret.ts";

function resolved(value: string, place = { env: "A" }): Secret {
  const secret = new Secret(place);
  secret.resolve(value);
  return secret;
}

test("a secret is seen by reveal alone", () => {
  const secret = resolved("hunter2");
  assert.equal(secret.reveal(), "hunter2");
  const shown = [
    String(secret),
    secret.toString(),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    format("%s %o %j", secret, secret, secret),
    JSON.stringify({ secret }),
  ];
  assert(!shown.join("").includes("hunter2"), shown.join("\n"));
  assert.equal(JSON.stringify(secret), '{"env":"A"}');
});

test("a secret that was not resolved is a mistake in the program", () => {
  assert.throws(() => new Secret({ env: "A" }).reveal(), /was not resolved/);
});

test("secrets are equal when place and value are", () => {
  assert(resolved("a").equals(resolved("a")));
  assert(!resolved("a").equals(resolved("b")));
  assert(!resolved("a").equals(resolved("a", { env: "B" })));
  assert(!resolved("a").equals(new Secret({ env: "A" })));
});
