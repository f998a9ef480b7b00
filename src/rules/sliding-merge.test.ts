import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Mergeable, type Placed, SlidingMerge } from "./sliding-merge.ts";

/** A sum that can be merged, as the plainest of sketches. */
class Sum implements Mergeable<Sum> {
  total: number;

  constructor(total: number) {
    this.total = total;
  }

  clone(): Sum {
    return new Sum(this.total);
  }

  merge(other: Sum): void {
    this.total += other.total;
  }
}

test("reads what merging every slot anew would give, and leaves the slots alone", () => {
  const step = fc.record({
    leave: fc.nat(3),
    value: fc.nat(100),
    /** How far back a late value goes; 0 for none. */
    late: fc.constantFrom(0, 0, 0, 1, 2, 5),
    isRead: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { size: "max", maxLength: 60 }), (steps) => {
      const merge = new SlidingMerge<Sum>();
      const slots: Placed<Sum>[] = [];
      for (const [at, { leave, value, late, isRead }] of steps.entries()) {
        slots.splice(0, slots.length > 4 ? leave : 0);
        slots.push({ at, value: new Sum(value) });
        merge.invalidate(at);
        const old = slots.at(-1 - late);
        if (old !== undefined && late > 0) {
          old.value.total += 1000;
          merge.invalidate(old.at);
        }
        const [first, ...rest] = slots;
        if (isRead && first !== undefined) {
          const expected = slots.reduce((sum, slot) => sum + slot.value.total, 0);
          assert.equal(merge.read([first, ...rest]).total, expected);
        }
      }
    }),
    { numRuns: 500 },
  );
});
