import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { type LogFile, planShares } from "./plan-shares.ts";

const file: fc.Arbitrary<Omit<LogFile, "file" | "path">> = fc.record({
  sizeBytes: fc.option(fc.nat(5000), { nil: undefined }),
  isDivisible: fc.boolean(),
  isCompressed: fc.boolean(),
  format: fc.constant("common"),
});

test("shares cover every file once, in order, without gaps", () => {
  fc.assert(
    fc.property(
      fc.array(file, { maxLength: 12 }),
      fc.integer({ min: 1, max: 900 }),
      (shapes, min) => {
        const files = shapes.map((shape, at) => ({ ...shape, file: at, path: `log-${at}` }));
        const pieces = planShares(files, min).flatMap((share) => share.pieces);
        assert.deepEqual(
          [...new Set(pieces.map((piece) => piece.file))],
          files.map((one) => one.file),
        );
        for (const { file: index, sizeBytes, isCompressed, isDivisible } of files) {
          const own = pieces.filter((piece) => piece.file === index);
          if (sizeBytes === undefined || isCompressed) {
            assert.deepEqual(
              own.map(({ range }) => range),
              [undefined],
            );
          } else {
            const bounds = own.map(({ range }) => [range?.from, range?.to]);
            assert.equal(bounds[0]?.[0], 0);
            assert.equal(bounds.at(-1)?.[1], sizeBytes);
            bounds.slice(1).forEach(([from], at) => assert.equal(from, bounds[at]?.[1]));
            assert.ok(isDivisible || own.length === 1);
          }
        }
      },
    ),
  );
});

test("a large file is cut, small files share", () => {
  const one = { isDivisible: true, isCompressed: false, format: "common" };
  const large = planShares([{ ...one, file: 0, path: "a", sizeBytes: 1000 }], 100);
  assert.equal(large.length, 10);
  const small = Array.from({ length: 9 }, (_, at) => ({
    ...one,
    file: at,
    path: "b",
    sizeBytes: 30,
  }));
  assert.deepEqual(
    planShares(small, 100).map(({ pieces }) => pieces.length),
    [3, 3, 3],
  );
});
