import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { BoundedQueue } from "./bounded-queue.ts";

type Step = { readonly offer: number } | { readonly take: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ offer: fc.integer({ min: 1, max: 3000 }) }),
  fc.record({ take: fc.nat(3000) }),
);

suite("bounded queue", () => {
  test("behaves as a plain list with a limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), fc.array(step), (itemsMax, steps) => {
        const queue = new BoundedQueue<number>(itemsMax);
        const model: number[] = [];
        let [next, refused] = [0, 0];
        for (const each of steps) {
          if ("take" in each) {
            assert.deepEqual(queue.take(each.take), model.splice(0, each.take));
          } else {
            for (let i = 0; i < each.offer; i++) {
              const hasRoom = model.length < itemsMax;
              assert.equal(queue.offer(next), hasRoom);
              model.push(...(hasRoom ? [next] : []));
              refused += hasRoom ? 0 : 1;
              next++;
            }
          }
          assert.equal(queue.size, model.length);
        }
        assert.equal(queue.refused, refused);
        assert.equal(queue.takeRefused(), refused);
        assert.equal(queue.takeRefused(), 0);
      }),
      { numRuns: 50 },
    );
  });
});
