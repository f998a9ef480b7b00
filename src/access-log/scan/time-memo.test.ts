import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readTime } from "../format/read-time.ts";
import { clfTime, haproxyTime, isoTime, type TimeLayout } from "../format/time-layout.ts";
import { TimeMemo } from "./_time-memo.ts";

const two = (max: number): fc.Arbitrary<string> =>
  fc.nat(max).map((number) => String(number).padStart(2, "0"));
const minute = fc.constantFrom("00", "07");
const second = fc.oneof(two(61), fc.constantFrom("0x", " 1", "7"));
const zone = fc.constantFrom("+0000", "+02", "+0200", "-03:30", "Z", "+023", "");
const rest = fc.constantFrom("", "0", "30", ":15", "] x", " 7");

const layouts: readonly (readonly [string, TimeLayout, fc.Arbitrary<string>])[] = [
  [
    "clf",
    clfTime,
    fc
      .tuple(minute, second, zone, rest)
      .map(([m, s, offset, more]) => `10/Oct/2026:13:${m}:${s} ${offset}${more}`),
  ],
  [
    "RFC 3339",
    isoTime,
    fc
      .tuple(minute, second, fc.constantFrom("", ".5", ".25"), zone, rest)
      .map(([m, s, part, offset, more]) => `2026-10-10T13:${m}:${s}${part}${offset}${more}`),
  ],
  [
    "HAProxy",
    haproxyTime,
    fc
      .tuple(minute, second, fc.constantFrom("001", "250"), rest)
      .map(([m, s, part, more]) => `10/Oct/2026:13:${m}:${s}.${part}${more}`),
  ],
];

for (const [name, layout, text] of layouts) {
  test(`a time is read the same, whatever was read before: ${name}`, () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 30 }), (texts) => {
        const memo = new TimeMemo({ kind: "time", layout, isUsed: true }, true);
        for (const one of texts) {
          const wanted = readTime(one, 0, layout);
          assert.equal(memo.read(one), wanted?.end ?? 0, one);
          if (wanted !== undefined) {
            const { fractionMs = 0, ...components } = memo.components;
            const { fractionMs: wantedMs = 0, ...others } = wanted.components;
            assert.deepEqual(components, others, one);
            assert.equal(fractionMs + memo.fractionMs, wantedMs, one);
            const kept = Buffer.from(memo.bytes.subarray(0, memo.length)).toString("latin1");
            assert.equal(kept, one.slice(0, wanted.end));
          }
        }
      }),
    );
  });
}
