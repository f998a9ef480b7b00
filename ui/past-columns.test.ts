import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import {
  type Line,
  type Points,
  shiftLine,
  sumPoints,
  toPastColumns,
  toRates,
  totalOf,
} from "./past-columns.ts";

const stepMs = 10;

function line(points: Readonly<Record<number, number>>, own: Partial<Line> = {}): Line {
  const listed = Object.entries(points).map(([at, value]) => [Number(at), value] as const);
  return { points: listed, stepMs, spans: [], ...own };
}

function sumValues(points: Points): number {
  return points.reduce((total, [, value]) => total + value, 0);
}

const shared = { everyMs: 10, until: 1000 };

suite("past columns", () => {
  test("a step in which nothing was measured is a gap", () => {
    const columns = toPastColumns({ ...shared, lines: [line({ 0: 1, 10: 2, 50: 3, 60: 4 })] });
    assert.deepEqual(columns, { x: [0, 10, 30, 50, 60], y: [[1, 2, null, 3, 4]] });
  });

  test("what was not counted while the source was watched is zero, else a gap", () => {
    const columns = toPastColumns({
      ...shared,
      lines: [line({ 0: 1, 40: 3 }), line({ 0: 5 })],
      watched: line({ 0: 9, 10: 0, 40: 7 }).points,
    });
    assert.deepEqual(columns.x, [0, 10, 25, 40]);
    assert.deepEqual(columns.y, [
      [1, 0, null, 3],
      [5, 0, null, 0],
    ]);
  });

  test("looks further apart than steps follow each other", () => {
    const lines = [line({ 0: 1, 30: 2, 60: 3, 120: 4 })];
    const columns = toPastColumns({ ...shared, lines, everyMs: 30 });
    assert.deepEqual(columns.y, [[1, 2, 3, null, 4]]);
  });

  test("what is kept in coarser steps is no gap", () => {
    const spans = [
      { from: 0, to: 120, stepMs: 60 },
      { from: 120, to: 140, stepMs: 10 },
    ];
    const lines = [line({ 0: 1, 60: 2, 120: 3, 130: 4 }, { spans })];
    assert.deepEqual(toPastColumns({ ...shared, lines }).y, [[1, 2, 3, 4]]);
    const counts = line({ 0: 60, 60: 120, 120: 20 }, { spans });
    assert.deepEqual(toRates(counts, 200_000).points, [
      [0, 1000],
      [60, 2000],
      [120, 2000],
    ]);
  });

  test("a step that is not over is left out while little is known of it", () => {
    const two = [line({ 0: 1, 1000: 2 }, { stepMs: 1000 })];
    const one = [line({ 1000: 2 }, { stepMs: 1000 })];
    assert.deepEqual(toPastColumns({ ...shared, until: 1099, lines: two }).x, [0]);
    assert.deepEqual(toPastColumns({ ...shared, until: 1100, lines: two }).x, [0, 1000]);
    assert.deepEqual(toPastColumns({ ...shared, until: 1001, lines: one }).x, [1000]);
  });

  test("a step of the finest spacing is shown once it is over", () => {
    const columns = toPastColumns({ ...shared, until: 15, lines: [line({ 0: 1, 10: 2 })] });
    assert.deepEqual(columns.x, [0]);
  });

  test("what was counted is the total, also of a step that is not over, whose rate is of its part", () => {
    const day = 86_400_000;
    const counts = line({ 0: 86_400, [day]: 7_200 }, { stepMs: day });
    assert.equal(totalOf(counts), 93_600);
    assert.deepEqual(toRates(counts, day + 3_600_000).points, [
      [0, 1],
      [day, 2],
    ]);
  });

  test("a week before has longer steps of its own, also where there is nothing now", () => {
    const before = shiftLine(line({ 0: 7, 20: 8 }, { stepMs: 20 }), 100);
    const columns = toPastColumns({
      ...shared,
      lines: [line({ 100: 1, 110: 2 })],
      linesBefore: [before],
    });
    assert.deepEqual(columns.x, [100, 110, 120]);
    assert.deepEqual(columns.y, [
      [1, 2, null],
      [7, 7, 8],
    ]);
  });

  test("sums have every instant once, and lose nothing", () => {
    const points = fc
      .uniqueArray(fc.integer({ min: 0, max: 50 }))
      .map((instants) => instants.toSorted((a, b) => a - b).map((at) => [at, at + 1] as const));
    fc.assert(
      fc.property(fc.array(points, { maxLength: 4 }), (list) => {
        const summed = sumPoints(list);
        const instants = summed.map(([at]) => at);
        assert.deepEqual(
          instants,
          [...new Set(instants)].toSorted((a, b) => a - b),
        );
        assert.equal(sumValues(summed), sumValues(list.flat()));
      }),
    );
  });
});
