import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";
import type { Block } from "./_block.ts";
import { decodeChunk, encodeChunk } from "./_chunk-codec.ts";
import { readColumn, writeColumn, type ColumnPrecision } from "./_chunk-column.ts";
import type { SeriesKind } from "./history.ts";

const stepMs = 10_000;
const anyDouble = fc.double({ noNaN: true, noDefaultInfinity: true });
const aDecimal = fc.integer({ min: -1e9, max: 1e9 }).map((units) => units / 1000);
const aColumn = fc.oneof(
  fc.array(anyDouble),
  fc.array(aDecimal),
  fc.array(fc.constantFrom(0, -0, 1, 1, 1, 0.1)),
  fc.array(fc.oneof(aDecimal, anyDouble)),
);

suite("columns", () => {
  test("give back every bit when they are exact", () => {
    fc.assert(
      fc.property(aColumn, (column) => {
        assert.ok(pass(column, "exact").every((value, at) => Object.is(value, column[at])));
      }),
    );
  });

  test("when they are rounded, a value moves by less than a 30-millionth of a millionth", () => {
    fc.assert(
      fc.property(aColumn, (column) => {
        for (const [at, value] of pass(column, "rounded").entries()) {
          assert.ok(Math.abs(value - (column[at] ?? 0)) <= Math.abs(value) * 2 ** -44);
        }
      }),
    );
    assert.deepEqual(pass([0.1 + 0.2, 1.1 + 2.2], "rounded"), [0.3, 3.3]);
  });

  test("take a byte or two for what changes little", () => {
    const loads = Array.from({ length: 120 }, (_, at) => Math.round(500 + 40 * Math.sin(at)) / 100);
    assert.ok(write(loads, "exact").length < 200);
    assert.ok(
      write(
        loads.map(() => 4096),
        "exact",
      ).length < 8,
    );
  });
});

suite("chunks", () => {
  const kinds: readonly SeriesKind[] = ["gauge", "count", "distribution", "distinct", "top"];

  test("give back what was put in", () => {
    const aChunk = fc.tuple(
      fc.constantFrom(...kinds),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 1e4 }), aDecimal, fc.uint8Array()), {
        minLength: 1,
      }),
      fc.boolean(),
    );
    fc.assert(
      fc.property(aChunk, ([kind, points, isSingle]) => {
        const block = toBlock(kind, points, isSingle);
        assert.deepEqual(decodeChunk(kind, encodeChunk(kind, block, stepMs), stepMs), block);
      }),
    );
  });

  test("refuse other bytes with Corrupt, without running away", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), fc.uint8Array({ maxLength: 60 }), (kind, bytes) => {
        try {
          decodeChunk(kind, bytes, stepMs);
        } catch (error) {
          assert.ok(error instanceof Corrupt, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  test("refuse what was cut short or made longer", () => {
    const points = [1, 2, 3].map((gap) => [gap, gap / 4, new Uint8Array(gap)] as const);
    for (const kind of kinds) {
      const bytes = encodeChunk(kind, toBlock(kind, points, false), stepMs);
      assert.throws(() => decodeChunk(kind, bytes.subarray(0, -1), stepMs), Corrupt);
      assert.throws(() => decodeChunk(kind, Buffer.concat([bytes, bytes]), stepMs), Corrupt);
    }
  });
});

function toBlock(
  kind: SeriesKind,
  points: readonly (readonly [gap: number, value: number, summary: Uint8Array])[],
  isSingle: boolean,
): Block {
  let time = 1_700_000_000_000;
  const times = points.map(([gap]) => (time += gap * stepMs));
  const values = points.map(([, value]) => value);
  if (kind === "count") {
    return { times, columns: [values], summaries: [] };
  }
  if (kind === "gauge") {
    const [counts, mins] = isSingle
      ? [values.map(() => 1), values]
      : [values.map((_, at) => at + 2), values.map((value) => value - 1)];
    return { times, columns: [values, counts, mins, values], summaries: [] };
  }
  return { times, columns: [], summaries: points.map(([, , summary]) => summary) };
}

function pass(column: readonly number[], precision: ColumnPrecision): number[] {
  const input = new ByteReader(write(column, precision));
  const read = readColumn(input, column.length);
  assert.equal(input.left, 0);
  return read;
}

function write(column: readonly number[], precision: ColumnPrecision): Uint8Array {
  const out = new ByteWriter();
  writeColumn(out, column, precision);
  return out.finish();
}
