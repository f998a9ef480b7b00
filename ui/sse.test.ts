import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { createSseParser, type SseEvent } from "./sse.ts";

function parseAll(...pieces: readonly string[]): SseEvent[] {
  const parser = createSseParser("");
  return pieces.flatMap((piece) => parser.push(piece));
}

suite("sse", () => {
  test("an event has its name and its data lines joined", () => {
    assert.deepEqual(parseAll("event: batch\ndata: a\ndata:b\n\n"), [
      { name: "batch", data: "a\nb" },
    ]);
  });

  test("an event without a name is a message, and one without data is not dispatched", () => {
    assert.deepEqual(parseAll("event: tick\n\ndata: x\n\n"), [{ name: "message", data: "x" }]);
  });

  test("comments and unknown fields are passed over", () => {
    assert.deepEqual(parseAll(": ping\n\nfoo: bar\ndata\n\n"), [{ name: "message", data: "" }]);
  });

  test("the id counts only once its event is complete", () => {
    const parser = createSseParser("6");
    parser.push("id: 7\ndata: x\n");
    assert.equal(parser.lastEventId, "6");
    parser.push("\n");
    assert.equal(parser.lastEventId, "7");
    parser.push("data: y\n\n");
    assert.equal(parser.lastEventId, "7");
  });

  test("the server may ask for a pause, in digits only", () => {
    const parser = createSseParser("");
    parser.push("retry: 1500\n");
    parser.push("retry: soon\n");
    assert.equal(parser.retryMs, 1500);
  });

  test("an event that never ends is refused", () => {
    const parser = createSseParser("");
    const piece = "x".repeat(1024 * 1024);
    assert.throws(() => {
      for (let i = 0; i < 9; i++) {
        parser.push(i === 0 ? `data:${piece}` : piece);
      }
    }, RangeError);
  });

  test("where the stream is cut, and how its lines end, makes no difference", () => {
    const lines = ["event: batch", "id: 1", "data: {}", "", ": ping", "", "data: a", "data: b", ""];
    const whole = parseAll(`${lines.join("\n")}\n`);
    assert.equal(whole.length, 2);
    const ending = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(ending, fc.array(fc.nat(80), { maxLength: 6 }), (end, cuts) => {
        // A comment at the end shows the parser that the last CR stands alone.
        const text = `${lines.join(end)}${end}:`;
        const bounds = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const pieces = bounds.map((from, index) => text.slice(from, bounds[index + 1]));
        assert.deepEqual(parseAll(...pieces), whole);
      }),
    );
  });
});
