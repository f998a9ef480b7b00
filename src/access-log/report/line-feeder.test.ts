import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LineFeeder } from "./line-feeder.ts";
import { createRecordingSink } from "./_recording-sink.ts";

const lineBytesMax = 8;

/** What the lines of a text are, by the plainest rule. */
function linesOf(text: string): string[] {
  const lines = text.split("\n");
  const whole = lines.at(-1) === "" ? lines.slice(0, -1) : lines;
  return whole.map((line) => (line.length > lineBytesMax ? "(too long)" : line));
}

test("lines are the same however the bytes arrive", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "\n"), maxLength: 120 });
  const cuts = fc.array(fc.nat(40), { maxLength: 20 });
  fc.assert(
    fc.property(text, cuts, fc.integer({ min: 1, max: 30 }), (log, sizes, blockBytes) => {
      const sink = createRecordingSink(lineBytesMax);
      const feeder = new LineFeeder(sink, lineBytesMax, blockBytes);
      let rest = Buffer.from(log);
      for (const size of sizes) {
        feeder.add(rest.subarray(0, size));
        rest = rest.subarray(size);
      }
      feeder.add(rest);
      feeder.end();
      assert.deepEqual(sink.lines, linesOf(log));
    }),
    { numRuns: 2000 },
  );
});

test("a line longer than the buffer is counted once and the next ones are there", () => {
  const sink = createRecordingSink(100);
  const feeder = new LineFeeder(sink, 100);
  feeder.add(Buffer.from("first\n"));
  for (let block = 0; block < 5; block++) {
    feeder.add(Buffer.alloc(1024 * 1024, "x"));
  }
  assert.equal(feeder.isBetweenLines, false);
  feeder.add(Buffer.from("end of it\nlast\n"));
  assert.equal(feeder.isBetweenLines, true);
  feeder.end();
  assert.deepEqual(sink.lines, ["first", "(too long)", "last"]);
});

test("a file that ends inside a long line leaves nothing for the next", () => {
  const sink = createRecordingSink(lineBytesMax);
  const feeder = new LineFeeder(sink, lineBytesMax);
  feeder.add(Buffer.from("0123456789"));
  feeder.end();
  feeder.add(Buffer.from("next\n"));
  assert.deepEqual(sink.lines, ["(too long)", "next"]);
});
