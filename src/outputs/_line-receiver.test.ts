import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toPackets } from "./_line-receiver.ts";

const line = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });

suite("packets of lines", () => {
  test("hold every line once and in order, and no more than asked unless one line is longer", () => {
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 10, max: 100 }), (given, sizeBytes) => {
        const lines = given.map((text) => text.replaceAll("\n", " "));
        const packets = toPackets(lines, "\n", sizeBytes);
        assert.deepEqual(
          packets.flatMap((packet) => packet.toString().split("\n")),
          lines,
        );
        for (const packet of packets) {
          assert.ok(packet.length <= sizeBytes || !packet.includes("\n"));
        }
      }),
    );
  });

  test("are filled as far as they go", () => {
    const packets = toPackets(["aaaa", "bbbb", "cc", "dddddddddddd", "e"], "\n", 9);
    assert.deepEqual(packets.map(String), ["aaaa\nbbbb", "cc", "dddddddddddd", "e"]);
  });

  test("are one a line without a separator", () => {
    assert.deepEqual(toPackets(["a", "b"], undefined, 100).map(String), ["a", "b"]);
  });
});
