import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { planInstant, planRange, type Plan } from "./_plan.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const levels = [
  { stepMs: 10_000, ageMs: 2 * day },
  { stepMs: minute, ageMs: 30 * day },
  { stepMs: hour, ageMs: 730 * day },
];
const now = Date.UTC(2026, 0, 5, 8, 17, 23) + 123;
/** Where the last of the finest steps that are over ends. */
const lastEnd = Date.UTC(2026, 0, 5, 8, 17, 20);

const aRange = fc
  .tuple(fc.integer({ min: 0, max: 40 * day }), fc.integer({ min: 1, max: 2 * day }))
  .map(([ago, length]) => ({ from: now - ago, to: now - ago + length }));
const aStep = fc.constantFrom(10_000, 30_000, minute, 90_000, 7 * minute, hour, 3 * hour, day);

suite("the plan of a query", () => {
  test("covers the range without holes, in whole steps of levels that are kept", () => {
    fc.assert(
      fc.property(aRange, aStep, (range, stepMs) => {
        const plan = planRange(levels, { ...range, stepMs }, now);
        const isFinest = stepMs === levels[0]?.stepMs;
        checkCover(plan, isFinest ? { ...range, to: Math.min(range.to, lastEnd) } : range);
        for (const segment of plan.segments) {
          assert.equal(segment.stepMs % segment.level.stepMs, 0);
          assert.equal(segment.from % segment.stepMs, 0);
          assert.equal(segment.to % segment.stepMs, 0);
          assert.ok(segment.stepMs >= stepMs);
          assert.ok(segment.from >= now - segment.level.ageMs);
        }
      }),
    );
  });

  test("leaves the finest step out that is not over, and no longer one", () => {
    assert.deepEqual(
      [10_000, 20_000, minute].map((stepMs) => endOf(stepMs)),
      [lastEnd, lastEnd + 20_000, lastEnd + 40_000],
    );
  });

  test("takes the coarsest level that divides the step", () => {
    const range = { from: now - hour, to: now };
    const levelOf = (stepMs: number): unknown =>
      planRange(levels, { ...range, stepMs }, now).segments.at(-1)?.level.stepMs;
    assert.deepEqual(
      [10_000, 90_000, 5 * minute, 2 * hour].map((stepMs) => levelOf(stepMs)),
      [10_000, 10_000, minute, hour],
    );
  });

  test("of an instant, covers the range as exactly as it is kept", () => {
    fc.assert(
      fc.property(aRange, (range) => {
        const plan = planInstant(levels, range, now);
        checkCover(plan, range);
        const { from, to } = {
          from: plan.segments[0]?.from ?? 0,
          to: plan.segments.at(-1)?.to ?? 0,
        };
        const widest =
          range.from < now - 30 * day ? hour : range.from < now - 2 * day ? minute : 10_000;
        assert.ok(range.from - from < widest && to - Math.min(range.to, now + hour) < widest);
      }),
    );
  });

  test("answers ranges outside of what is kept with nothing", () => {
    const past = { from: 0, to: 1000 };
    assert.equal(planRange(levels, { ...past, stepMs: hour }, now).steps, 0);
    assert.equal(planInstant(levels, past, now).steps, 0);
  });
});

function endOf(stepMs: number): number | undefined {
  return planRange(levels, { from: now - hour, to: now, stepMs }, now).segments.at(-1)?.to;
}

function checkCover({ segments }: Plan, { from, to }: { from: number; to: number }): void {
  if (from >= to) {
    assert.deepEqual(segments, []);
    return;
  }
  assert.ok((segments[0]?.from ?? Infinity) <= from, "begins too late");
  assert.ok((segments.at(-1)?.to ?? 0) >= Math.min(to, now + hour), "ends too early");
  for (const [at, segment] of segments.entries()) {
    assert.ok(segment.from < segment.to);
    assert.equal(segment.from, segments[at - 1]?.to ?? segment.from);
  }
}
