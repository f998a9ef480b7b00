import assert from "node:assert/strict";
import test from "node:test";
import { checkKey, hashKey } from "./_key-hash.ts";
import { slackBytes } from "./_key-table.ts";

test("keys that are alike have different hashes", () => {
  const seen = new Map<string, string>();
  const bytes = new Uint8Array(64 + slackBytes);
  const view = new DataView(bytes.buffer);
  for (let number = 0; number < 300_000; number++) {
    const [low, high] = [number % 550, Math.floor(number / 550)];
    for (const key of [`10.${low}.0.${high}`, `2001:db${low.toString(16)}::${high.toString(16)}`]) {
      const { written } = new TextEncoder().encodeInto(key, bytes);
      const hashes = `${hashKey(view, 0, written)} ${checkKey(view, 0, written)}`;
      assert.equal(seen.get(hashes) ?? key, key);
      seen.set(hashes, key);
    }
  }
});

test("what stands behind a key is no part of it", () => {
  const bytes = new Uint8Array(64 + slackBytes);
  const view = new DataView(bytes.buffer);
  for (let length = 0; length < 9; length++) {
    bytes.fill(7).fill(65, 0, length);
    const before = [hashKey(view, 0, length), checkKey(view, 0, length)];
    bytes.fill(9, length);
    assert.deepEqual([hashKey(view, 0, length), checkKey(view, 0, length)], before);
  }
});
