import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { decompressSnappy } from "../../test/snappy.ts";
import { compressSnappy } from "./_snappy.ts";

function roundTrip(bytes: Uint8Array): Uint8Array {
  return decompressSnappy(compressSnappy(bytes));
}

suite("snappy", () => {
  test("is undone by a reader of its own", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.constantFrom(...["", "a", "abcd", "http_requests_total"].map((text) => Buffer.from(text))),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 8 }), fc.nat(3000))
        .map(([bytes, times]) =>
          new Uint8Array(bytes.length * times).map((_, i) => bytes[i % bytes.length] ?? 0),
        ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const bytes = new Uint8Array(Buffer.concat(pieces));
        assert.deepEqual(roundTrip(bytes), bytes);
      }),
    );
  });

  test("takes what is longer than a block, and matches at most within one", () => {
    const text = Array.from({ length: 20_000 }, (_, i) => `series ${i % 977} `).join("");
    const bytes = new TextEncoder().encode(text);
    const compressed = compressSnappy(bytes);
    assert.deepEqual(decompressSnappy(compressed), bytes);
    assert.ok(compressed.length < bytes.length / 2, `${compressed.length} of ${bytes.length}`);
  });

  test("writes the bytes of the format's description", () => {
    assert.equal(Buffer.from(compressSnappy(Buffer.from("ab"))).toString("hex"), "02046162");
    // A literal of one byte, and a copy of 63 bytes from one before.
    const run = Buffer.from(compressSnappy(Buffer.alloc(64, "a"))).toString("hex");
    assert.equal(run, "400061fa0100");
  });
});
