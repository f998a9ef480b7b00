import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FrameDecoder, messageBytesMax } from "./frame-decoder.ts";

/** All messages of a connection whose bytes come cut at these places. */
function readAll(decoder: FrameDecoder, text: string, cuts: readonly number[] = []): string[] {
  const bytes = Buffer.from(text, "latin1");
  const places = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length];
  const messages: string[] = [];
  let from = 0;
  for (const to of places.toSorted((a, b) => a - b)) {
    for (const message of decoder.read(Uint8Array.from(bytes.subarray(from, to)))) {
      messages.push(message.toString("latin1"));
    }
    from = to;
  }
  const last = decoder.finish();
  return last === undefined ? messages : [...messages, last.toString("latin1")];
}

const message = fc.string({ minLength: 1, maxLength: 40 }).map((text) => `<1>${text}`);
const cuts = fc.array(fc.nat());

test("octet counting takes every message, line feeds included, however it is cut", () => {
  fc.assert(
    fc.property(fc.array(message), cuts, (messages, places) => {
      const latin1 = messages.map((text) => Buffer.from(`${text}\n`).toString("latin1"));
      const text = latin1.map((each) => `${each.length} ${each}`).join("");
      const decoder = new FrameDecoder();
      assert.deepEqual(readAll(decoder, text, places), latin1);
      assert.equal(decoder.isBroken, false);
    }),
  );
});

test("a line feed ends a message, the end of the connection the last one", () => {
  fc.assert(
    fc.property(fc.array(message), cuts, fc.boolean(), (messages, places, isEnded) => {
      const lines = messages.map((text) =>
        Buffer.from(text.replaceAll("\n", " ")).toString("latin1"),
      );
      const text = lines.join("\n") + (isEnded ? "\n" : "");
      assert.deepEqual(readAll(new FrameDecoder(), text, places), lines);
    }),
  );
});

test("what is too long is left out, and what is behind it is not", () => {
  const long = "<1>".padEnd(messageBytesMax + 1, "x");
  const longest = "<1>".padEnd(messageBytesMax, "x");
  const texts = {
    counted: `${long.length} ${long}3 <1>${longest.length} ${longest}900000 ${"y".repeat(900_000)}4 <1>b`,
    ended: `${long}\n<1>\n${longest}\n${long.repeat(9)}\n<1>b`,
  };
  for (const text of Object.values(texts)) {
    for (const step of [100_000, 65_536, 1460]) {
      const decoder = new FrameDecoder();
      const places = Array.from({ length: Math.floor(text.length / step) }, (_, at) => at * step);
      assert.deepEqual(readAll(decoder, text, places), ["<1>", longest, "<1>b"]);
      assert.equal(decoder.takeTooLong(), 2);
      assert.equal(decoder.isBroken, false);
    }
  }
});

test("a connection that is no syslog, or breaks off, is broken", () => {
  for (const text of [
    "5 <1>ab7",
    "5 <1>abx",
    "12345678901 <1>",
    "5 <1>ab9 <1>c",
    "0 ",
    "70000 x",
  ]) {
    const decoder = new FrameDecoder();
    const messages = readAll(decoder, text);
    assert.equal(decoder.isBroken, true, text);
    assert.ok(messages.length <= 1);
  }
});

test("any bytes are read to their end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 500 }), cuts, (bytes, places) => {
      readAll(new FrameDecoder(), Buffer.from(bytes).toString("latin1"), places);
    }),
  );
});
