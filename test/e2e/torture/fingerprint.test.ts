import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { Fingerprint } from "./fingerprint.ts";

const number = fc.integer({ min: 1, max: 10_000_000 });
/** How much more often a number is there than it should. */
const times = fc.integer({ min: -3, max: 3 }).filter((value) => value !== 0);
const differences = fc.uniqueArray(fc.tuple(number, times), {
  selector: ([value]) => value,
  maxLength: 40,
});

test("a fingerprint names every number that is there too often or not often enough", () => {
  fc.assert(
    fc.property(differences, fc.array(number, { maxLength: 200 }), (wrong, right) => {
      const fingerprint = new Fingerprint();
      right.forEach((value) => fingerprint.add(value));
      wrong.forEach(([value, count]) => fingerprint.add(value, count));
      right.forEach((value) => fingerprint.add(value, -1));
      assert.deepEqual(fingerprint.remains(), new Map(wrong));
    }),
  );
});

test("a fingerprint names the ends of a range that is too long to be told apart", () => {
  const fingerprint = new Fingerprint();
  for (let value = 1200; value <= 9000; value++) {
    fingerprint.add(value, -1);
  }
  assert.equal(fingerprint.remains(), undefined);
  assert.deepEqual(fingerprint.range(), [1200, 9000]);
  fingerprint.add(1500);
  assert.equal(fingerprint.range(), undefined);
});
