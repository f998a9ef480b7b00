import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Key, KeyDecoder } from "./keys.ts";

function toText(key: Key): string {
  return key.kind === "named" ? `<${key.name}>` : key.isPasted ? `[${key.text}]` : key.text;
}

function decode(text: string, cuts: readonly number[] = []): string {
  const decoder = new KeyDecoder();
  const bytes = Buffer.from(text);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  const sorted = places.toSorted((a, b) => a - b);
  const keys = sorted.slice(1).flatMap((to, at) => decoder.decode(bytes.subarray(sorted[at], to)));
  return [...keys, ...decoder.flush()].map(toText).join("");
}

const cases: readonly (readonly [string, string])[] = [
  ["q/é日🙂", "q/é日🙂"],
  ["\u001b[A\u001b[B\u001bOC\u001b[D", "<up><down><right><left>"],
  ["\u001b[5~\u001b[6~\u001b[1~\u001b[F\u001b[3~", "<page-up><page-down><home><end><delete>"],
  ["\u001b[1;5A", "<up>"],
  ["\r\t\u001b[Z\u007f\b", "<enter><tab><shift-tab><backspace><backspace>"],
  ["\u0003\u001a\u000c", "<ctrl-c><ctrl-z><ctrl-l>"],
  ["\u001bj", "<escape>j"],
  ["\u001b", "<escape>"],
  ["\u001b[200~q\u001b[Aq\u001b[201~x", "[q\u001b[Aq]x"],
  ["\u001b[99~\u001b[?1;2cz", "z"],
];

test("sequences become keys", () => {
  for (const [text, expected] of cases) {
    assert.equal(decode(text), expected);
  }
});

test("wherever reads cut them", () => {
  fc.assert(
    fc.property(fc.constantFrom(...cases), fc.array(fc.nat(40)), ([text, expected], cuts) => {
      assert.equal(decode(text, cuts), expected);
    }),
  );
});

test("nothing of a pasted text that is too long is taken for keys", () => {
  for (const length of [65_520, 65_526, 65_530, 70_000, 200_000]) {
    const text = `\u001b[200~${"q".repeat(length)}\u001b[201~x`;
    const decoder = new KeyDecoder();
    const keys: Key[] = [];
    for (let at = 0; at < text.length; at += 13) {
      keys.push(...decoder.decode(Buffer.from(text.slice(at, at + 13))), ...decoder.flush());
    }
    const typed = keys.filter((key) => key.kind === "named" || !key.isPasted);
    assert.deepEqual(typed, [{ kind: "text", text: "x", isPasted: false }]);
  }
});

test("any bytes come to an end, and leave nothing behind but an unfinished sequence", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      const decoder = new KeyDecoder();
      decoder.decode(bytes);
      decoder.flush();
      const keys = decoder.decode(Buffer.from("\u001b[201~\u001b[A"));
      assert.ok(keys.length > 0);
    }),
  );
});
