import assert from "node:assert/strict";
import { suite, test } from "node:test";
import zlib from "node:zlib";
import { createDecompressor, detectCompression } from "./decompress.ts";

const text = Buffer.from(
  Array.from({ length: 40_000 }, (_, at) => `line ${at} ${(at * 7919 * at) % 1_000_003}\n`).join(
    "",
  ),
);

const codecs = {
  gzip: (bytes: Uint8Array) => zlib.gzipSync(bytes),
  zstd: (bytes: Uint8Array) => zlib.zstdCompressSync(bytes),
};

/** What comes out, and the error that ended it. */
async function run(
  compression: "gzip" | "zstd",
  bytes: Uint8Array,
  chunkBytes: number,
): Promise<{ readonly out: Buffer; readonly code: string | undefined }> {
  const out: Uint8Array[] = [];
  const decompressor = createDecompressor(compression, (piece) => void out.push(piece));
  try {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      await decompressor.write(bytes.subarray(at, at + chunkBytes));
    }
    await decompressor.end();
    return { out: Buffer.concat(out), code: undefined };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "?";
    return { out: Buffer.concat(out), code };
  }
}

for (const [name, compress] of Object.entries(codecs)) {
  const compression = name === "gzip" ? "gzip" : "zstd";
  suite(name, () => {
    const member = compress(text);
    const sizes = [1000, 77, member.length, member.length + 1, member.length - 1, 1_000_000];
    for (const chunkBytes of sizes) {
      test(`one member after the other, in chunks of ${chunkBytes} bytes`, async () => {
        const three = Buffer.concat([member, compress(Buffer.from("between\n")), member]);
        const { out, code } = await run(compression, three, chunkBytes);
        assert.equal(code, undefined);
        assert.ok(out.equals(Buffer.concat([text, Buffer.from("between\n"), text])));
      });
    }

    test("what is cut off is an error, and what came before is there", async () => {
      const { out, code } = await run(compression, member.subarray(0, -20), 1000);
      assert.equal(code, "Z_BUF_ERROR");
      assert.ok(out.length > 0 && text.subarray(0, out.length).equals(out));
    });

    test("what is no further member is an error", async () => {
      const { code } = await run(
        compression,
        Buffer.concat([member, Buffer.from("no magic number")]),
        1000,
      );
      assert.match(code ?? "", /^Z/);
    });

    test("it is known by its first bytes", () => {
      assert.equal(detectCompression(member), name);
    });
  });
}

test("what is not read is named with what reads it", () => {
  const found = detectCompression(Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]));
  assert.ok(typeof found === "object");
  assert.match(found.problem, /xz -dc FILE \| watchpost report -/);
  assert.equal(detectCompression(Buffer.from("192.0.2.1 - -")), "none");
  assert.equal(detectCompression(new Uint8Array()), "none");
});
