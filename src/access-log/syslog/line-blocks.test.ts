import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LineBlocks } from "./line-blocks.ts";

const length = fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 65_536 }));
const step = fc.oneof(fc.record({ add: length }), fc.record({ take: fc.constant(true) }));

test("lines come out in order, and what was refused was counted", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.boolean(), (steps, isPatient) => {
      const blocks = new LineBlocks(1);
      const [wanted, got]: [string[], string[]] = [[], []];
      let refused = 0;
      const take = (): void => {
        const block = blocks.take();
        got.push(...(block?.bytes.toString("latin1", 0, block.end).match(/.*\n/g) ?? []));
      };
      for (const [index, each] of steps.entries()) {
        if ("take" in each) {
          take();
        } else if (!isPatient || blocks.hasRoom) {
          const line = String(index).padEnd(each.add, "-");
          const isTaken = blocks.add(Buffer.from(line));
          assert.ok(isTaken || !isPatient);
          wanted.push(...(isTaken ? [`${line}\n`] : []));
          refused += isTaken ? 0 : 1;
        }
      }
      while (!blocks.isEmpty) {
        take();
      }
      assert.deepEqual(got, wanted);
      assert.equal(blocks.takeRefused(), refused);
    }),
  );
});

test("a line stays one line", () => {
  const blocks = new LineBlocks(1);
  blocks.add(Buffer.from("a\nb\n"));
  const block = blocks.take();
  assert.equal(block?.bytes.toString("latin1", 0, block.end), "a b \n");
});
