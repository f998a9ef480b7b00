import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { widthOf } from "../../access-log/report/render/printable.ts";
import { toBar, toSparkline } from "../../access-log/report/render/text-charts.ts";
import { encodeLine, toPlainText } from "./encode-line.ts";
import { beside, fitLine, fitSpan, span, spread, widthOfLine } from "./line.ts";

const colored = { hasColors: true, isAscii: false };
/** What we write ourselves: colours, and the move into a column. */
// oxlint-disable-next-line no-control-regex -- a terminal is spoken to in control characters
const own = /\u001b\[(?:\d+(?:;\d+)*m|\d+G)/gu;
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
const anyText = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme" }),
  fc
    .array(fc.constantFrom("\u001b[2J", "\u001b]0;", "\u009b", "\u0007", "x"))
    .map((all) => all.join("")),
);

suite("no text can make a terminal obey", () => {
  test("whatever is in it", () => {
    fc.assert(
      fc.property(anyText, fc.nat(40), fc.boolean(), (text, columns, isAscii) => {
        const look = { hasColors: true, isAscii };
        const { text: encoded, width } = encodeLine([span(text, "bad"), span(text)], columns, look);
        assert.doesNotMatch(encoded.replaceAll(own, ""), unprintable);
        assert.ok(width <= columns);
        assert.doesNotMatch(toPlainText([span(text)], look), unprintable);
      }),
    );
  });

  test("the title of the window, the 8-bit introducer, a change of direction", () => {
    const nasty = "\u001b]0;x\u0007\u009b2J\u202e";
    const shown = String.raw`\x1b]0;x\x07\x9b2J\u{202e}`;
    assert.deepEqual(encodeLine([span(nasty)], 80, colored).text, shown);
  });
});

test("ASCII alone is as wide, and says what the other says", () => {
  const ascii = { hasColors: false, isAscii: true };
  assert.equal(toPlainText([span("350 µs … – ▼p99")], ascii), "350 us ~ - vp99");
  assert.equal(toPlainText([span(toBar(0.44, 4))], ascii), "#=");
  assert.equal(toPlainText([span(toSparkline([1, 4, 8]))], ascii), ".=#");
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const line = fitLine([span(text)], 20);
      const { text: encoded } = encodeLine(line, 20, ascii);
      assert.match(encoded, /^[ -~]{20}$/);
    }),
  );
});

test("without colours there are none, but what is marked is", () => {
  const line = [span("a", "bad"), span("b", "dim"), { text: "c", isReversed: true }];
  const { text } = encodeLine(line, 9, { hasColors: false, isAscii: false });
  assert.equal(text, "\u001b[1ma\u001b[0mb\u001b[7mc\u001b[0m");
});

test("behind a character whose width is not sure, the next span is put into its column", () => {
  const { text, width } = encodeLine([span("日本"), span("x")], 9, colored);
  assert.deepEqual([text, width], ["日本\u001b[5Gx", 5]);
});

test("lines are cut and filled to their width, wide characters and all", () => {
  fc.assert(
    fc.property(anyText, anyText, fc.nat(30), (one, other, width) => {
      assert.equal(widthOfLine(fitLine([span(one), span(other)], width)), width);
      assert.equal(widthOf(fitSpan(span(one), width, "right").text), width);
      const [first = []] = beside([[span(one)]], [[span("right")]], width);
      assert.equal(widthOfLine(first), width + 5);
    }),
  );
  assert.equal(toPlainText(spread([span("left")], [span("right")], 12), colored), "left   right");
  assert.equal(toPlainText(spread([span("too long")], [span("right")], 9), colored), "too…right");
});
