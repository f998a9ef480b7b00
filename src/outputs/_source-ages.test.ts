import assert from "node:assert/strict";
import { test } from "node:test";
import { toBatch } from "../../test/engine-fixtures.ts";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { SourceAges } from "./_source-ages.ts";

const minute = 60_000;

function hear(minutes: readonly number[]): SourceAges {
  const ages = new SourceAges();
  minutes.forEach((at, i) => {
    ages.note({ ...toBatch("s", i + 1), from: (at - 1) * minute, to: at * minute });
  });
  return ages;
}

test("a source is silent after so many of its intervals", () => {
  const ages = hear([0, 5, 10]);
  assert.equal(ages.isSilent("s", 25 * minute, 3), false);
  assert.equal(ages.isSilent("s", 25 * minute + 1, 3), true);
  assert.equal(ages.isSilent("other", 1e9, 3), false);
});

test("a single pause does not make the interval longer", () => {
  assert.equal(hear([0, 5, 100]).isSilent("s", 115 * minute + 1, 3), true);
  assert.equal(hear([0, 5, 100, 105]).isSilent("s", 120 * minute + 1, 3), true);
});

test("late windows do not make a source younger, and nothing is forgotten in bytes", () => {
  const ages = hear([0, 5, 10, 7]);
  const out = new ByteWriter();
  ages.write(out);
  for (const each of [ages, SourceAges.read(new ByteReader(out.finish()))]) {
    assert.equal(each.isSilent("s", 25 * minute, 3), false);
    assert.equal(each.isSilent("s", 25 * minute + 1, 3), true);
  }
});
