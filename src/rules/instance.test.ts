import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { afterFinding, afterTick, firing, idle, type Finding, type Phase } from "./instance.ts";
import type { Verdict } from "./verdict.ts";

function finding(at: number, verdict: Verdict): Finding {
  return { verdict, value: at, at, watchedMs: at, backfill: false };
}

function phaseAfter(verdicts: readonly Verdict[], forMs: number): Phase {
  let phase: Phase = idle;
  for (const [at, verdict] of verdicts.entries()) {
    phase = afterFinding(phase, finding(at, verdict), forMs);
  }
  return phase;
}

test("fires when the condition has held for long enough, and not before", () => {
  assert.equal(phaseAfter(["fires", "fires", "fires"], 3).isFiring, false);
  assert.equal(phaseAfter(["fires", "fires", "fires", "fires"], 3).isFiring, true);
});

test("waits anew after the condition failed once, be it between the thresholds", () => {
  assert.equal(phaseAfter(["fires", "fires", "between", "fires", "fires"], 3).isFiring, false);
  assert.equal(phaseAfter(["fires", "fires", "clears", "fires", "fires"], 3).isFiring, false);
});

test("goes on firing between the thresholds", () => {
  assert.equal(phaseAfter(["fires", "between"], 0).isFiring, true);
  assert.equal(phaseAfter(["fires", "between", "clears"], 0).isFiring, false);
});

test("what is unknown neither fires nor clears nor ends the wait", () => {
  assert.equal(phaseAfter(["unknown"], 0), idle);
  assert.equal(phaseAfter(["fires", "unknown"], 0), firing);
  const waiting = phaseAfter(["fires", "unknown", "unknown", "unknown"], 2);
  assert.equal(waiting.isFiring, false);
  assert.equal(afterFinding(waiting, finding(4, "fires"), 2).isFiring, true);
});

test("a tick makes it fire once `for` has passed by both clocks, unless the last finding was unknown", () => {
  const waiting = phaseAfter(["fires", "fires"], 10);
  assert.equal(afterTick(waiting, { at: 9, watchedMs: 9 }, 10).isFiring, false);
  assert.equal(afterTick(waiting, { at: 10, watchedMs: 9 }, 10).isFiring, false);
  assert.equal(afterTick(waiting, { at: 9, watchedMs: 10 }, 10).isFiring, false);
  assert.equal(afterTick(waiting, { at: 10, watchedMs: 10 }, 10).isFiring, true);
  const unknown = phaseAfter(["fires", "unknown"], 10);
  assert.equal(afterTick(unknown, { at: 10, watchedMs: 10 }, 10).isFiring, false);
});

test("fires exactly when the trailing run of holding findings, unknown ones aside, is long enough", () => {
  const verdict = fc.constantFrom<Verdict>("fires", "fires", "fires", "clears", "unknown");
  fc.assert(
    fc.property(fc.array(verdict, { maxLength: 12 }), fc.nat(6), (verdicts, forMs) => {
      let expected = false;
      let since: number | undefined;
      for (const [at, each] of verdicts.entries()) {
        if (each === "clears") {
          [expected, since] = [false, undefined];
        } else if (each === "fires") {
          since ??= at;
          expected ||= at - since >= forMs;
        }
      }
      assert.equal(phaseAfter(verdicts, forMs).isFiring, expected);
    }),
  );
});
