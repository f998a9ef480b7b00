import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Corrupt } from "./errors.ts";

type Field =
  | { readonly as: "byte" | "varint" | "zigzag" | "float64"; readonly value: number }
  | { readonly as: "text"; readonly value: string }
  | { readonly as: "bytes"; readonly value: Uint8Array };

const largest = Number.MAX_SAFE_INTEGER;
const field: fc.Arbitrary<Field> = fc.oneof(
  fc.record({ as: fc.constant("byte" as const), value: fc.nat(255) }),
  fc.record({ as: fc.constant("varint" as const), value: fc.maxSafeNat() }),
  fc.record({
    as: fc.constant("zigzag" as const),
    value: fc.integer({ min: -(2 ** 52) + 1, max: 2 ** 52 - 1 }),
  }),
  fc.record({ as: fc.constant("float64" as const), value: fc.double() }),
  fc.record({ as: fc.constant("text" as const), value: fc.string({ unit: "grapheme" }) }),
  fc.record({ as: fc.constant("bytes" as const), value: fc.uint8Array() }),
);

function write(out: ByteWriter, { as, value }: Field): void {
  if (as === "text") {
    out.text(value);
  } else if (as === "bytes") {
    out.bytes(value);
  } else {
    out[as](value);
  }
}

function writeAll(fields: readonly Field[], sizeBytes?: number): Uint8Array {
  const out = new ByteWriter(sizeBytes);
  for (const each of fields) {
    write(out, each);
  }
  assert.equal(out.length, out.finish().length);
  return out.finish();
}

suite("bytes", () => {
  test("what was written is read back, whatever the first size of the buffer", () => {
    fc.assert(
      fc.property(fc.array(field), fc.nat(8), (fields, sizeBytes) => {
        const input = new ByteReader(writeAll(fields, sizeBytes));
        for (const { as, value } of fields) {
          assert.deepEqual(input[as](), value);
        }
        assert.equal(input.left, 0);
      }),
    );
  });

  test("whole numbers up to 2^53 - 1 are exact at every power of two", () => {
    for (let power = 0; power <= 53; power++) {
      for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
        if (value <= largest) {
          assert.equal(new ByteReader(writeAll([{ as: "varint", value }])).varint(), value);
        }
        for (const signed of [value, -value].filter((one) => Math.abs(one) < 2 ** 52)) {
          const bytes = writeAll([{ as: "zigzag", value: signed }]);
          assert.equal(new ByteReader(bytes).zigzag(), signed === 0 ? 0 : signed);
        }
      }
    }
  });

  test("a text keeps a byte order mark and its NULs", () => {
    for (const text of ["\uFEFFa", "\uFEFF", "a\0b", "\u{1F600}"]) {
      assert.equal(new ByteReader(writeAll([{ as: "text", value: text }])).text(), text);
    }
  });

  test("bytes are read where they stand in a larger buffer", () => {
    const written = writeAll([{ as: "float64", value: Math.PI }]);
    const around = new Uint8Array(32);
    around.set(written, 7);
    assert.equal(new ByteReader(around.subarray(7, 15)).float64(), Math.PI);
  });

  test("a number beyond 2^53 - 1 is refused instead of rounded", () => {
    const beyond = [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10];
    assert.throws(() => new ByteReader(Uint8Array.from(beyond)).varint(), Corrupt);
    const endless = new Uint8Array(64).fill(0x80);
    assert.throws(() => new ByteReader(endless).varint(), Corrupt);
  });

  test("hostile bytes lead to a value or to Corrupt, never past the end", () => {
    const read = fc.constantFrom("byte", "varint", "zigzag", "float64", "text", "bytes");
    fc.assert(
      fc.property(fc.uint8Array(), fc.array(read, { minLength: 1 }), (bytes, reads) => {
        const input = new ByteReader(bytes);
        for (const as of reads) {
          try {
            const value = input[as]();
            assert.ok(as !== "varint" || Number.isSafeInteger(value));
          } catch (error) {
            assert.ok(error instanceof Corrupt, String(error));
          }
          assert.ok(input.left >= 0 && input.left <= bytes.length);
        }
      }),
    );
  });

  test("a record that is cut off anywhere is Corrupt", () => {
    fc.assert(
      fc.property(field, (one) => {
        const bytes = writeAll([one]);
        for (let length = 0; length < bytes.length; length++) {
          assert.throws(() => new ByteReader(bytes.subarray(0, length))[one.as](), Corrupt);
        }
      }),
    );
  });
});
