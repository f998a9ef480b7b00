import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { checkKey, hashKey } from "./_key-hash.ts";
import { KeyTable, slackBytes } from "./_key-table.ts";

const scratch = new Uint8Array(1000 + slackBytes);
const view = new DataView(scratch.buffer);

test("with few keys everything is exact", () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 12 })), (keys) => {
      const table = new KeyTable(1000);
      const wanted = new Map<string, number>();
      for (const key of keys) {
        count(table, key.toWellFormed());
        wanted.set(key.toWellFormed(), (wanted.get(key.toWellFormed()) ?? 0) + 1);
      }
      const top = table.toTop(1000);
      assert.equal(top.errorMax, 0);
      assert.deepEqual(new Map(top.entries(1000).map((row) => [row.key, row.count])), wanted);
    }),
  );
});

test("with too many keys, what is said of them stays true", () => {
  const step = fc.record({
    key: fc.integer({ min: 0, max: 400 }),
    times: fc.integer({ min: 1, max: 30 }),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 900 }), (steps) => {
      const table = new KeyTable(64);
      const wanted = new Map<string, number>();
      let total = 0;
      for (const { key, times } of steps) {
        const text = `/path/${key}`;
        for (let rest = times; rest > 0; rest--) {
          count(table, text);
        }
        wanted.set(text, (wanted.get(text) ?? 0) + times);
        total += times;
      }
      const top = table.toTop(20);
      assert.equal(top.total, total);
      const rows = top.entries(100);
      for (const row of rows) {
        const real = wanted.get(row.key) ?? 0;
        assert.ok(row.count >= real && row.count - row.error <= real, row.key);
      }
      const listed = new Set(rows.map(({ key }) => key));
      for (const [key, real] of wanted) {
        assert.ok(listed.has(key) || real <= top.errorMax, key);
      }
      assert.ok(top.other(100) >= 0);
    }),
  );
});

test("the heaviest of very many keys are found, in bounded room", () => {
  const table = new KeyTable(1000);
  for (let line = 0; line < 200_000; line++) {
    count(table, line % 10 === 0 ? `/heavy/${line % 7}` : `/once/${line}`);
  }
  const heaviest = table.toTop(100).entries(7);
  assert.ok(heaviest.every(({ key }) => key.startsWith("/heavy/")));
  assert.ok(table.size <= 1000);
});

test("a new key is told of, also when it comes again", () => {
  const news: string[] = [];
  const onNew = (bytes: Uint8Array, start: number, end: number): void =>
    void news.push(new TextDecoder().decode(bytes.subarray(start, end)));
  const table = new KeyTable(64, { onNew });
  for (const key of ["a", "b", "a", "", "b"]) {
    count(table, key);
  }
  assert.deepEqual(news, ["a", "b", ""]);
});

function count(table: KeyTable, key: string): void {
  const { written } = new TextEncoder().encodeInto(key, scratch);
  const hash = hashKey(view, 0, written);
  table.count(scratch, 0, written, hash, checkKey(view, 0, written));
}
