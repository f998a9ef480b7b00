import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import {
  backStepMs,
  latenessMsDefault as latenessMs,
  OpenWindows,
  type ClosedWindow,
} from "./open-windows.ts";
import { compileMetrics } from "../scan/metric-tallies.ts";
import { requestsOf, scanLimits } from "../scan/log-scanner.ts";
import { Tallies } from "../scan/tallies.ts";
import { WindowAggregate } from "./window-aggregate.ts";

const everyMs = 10_000;

test("a window closes when the clock is a little past its end", () => {
  const windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
  addLine(windows, 12_000, 12_100);
  windows.passTime(20_000 + latenessMs - 1);
  assert.equal(windows.isDue, false);
  windows.passTime(20_000 + latenessMs);
  assert.deepEqual(closeDue(windows), ["10000-20000: 1"]);
});

test("in a backlog a window closes when a line is a little past its end", () => {
  const windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
  addLine(windows, 12_000, 1e9);
  addLine(windows, 20_000, 1e9);
  assert.equal(windows.isDue, false);
  addLine(windows, 21_000, 1e9);
  assert.deepEqual(closeDue(windows), ["10000-20000: 1"]);
});

test("a late line counts into the oldest open window", () => {
  const windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
  addLine(windows, 12_000, 12_000);
  windows.passTime(31_000);
  closeDue(windows);
  addLine(windows, 13_000, 31_000);
  windows.passTime(41_000);
  const [closed] = closeAll(windows);
  assert.equal(closed?.from, 30_000);
  assert.equal(closed.aggregate.late, 1);
  assert.equal(closed.aggregate.result.lines.parsed, 1);
});

test("nothing is late before any file was read up to somewhere", () => {
  const windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
  for (const timeMs of [50_000, 12_000, 31_000]) {
    windows.forLine(timeMs, 1e9).window.tallies.lines.parsed++;
  }
  assert.equal(windows.forLine(12_500, 1e9).timing, "on_time");
  windows.advance(61_000);
  assert.deepEqual(closeDue(windows).slice(0, 3), [
    "10000-20000: 1",
    "20000-30000: 0",
    "30000-40000: 1",
  ]);
  assert.equal(windows.forLine(12_500, 1e9).timing, "late");
});

test("a line from the future counts into the clock's window, unless its own is near", () => {
  const windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
  addLine(windows, 5_000, 5_000);
  addLine(windows, 5_000 + 60_001, 5_000);
  addLine(windows, 5_000 + 60_000, 5_000);
  assert.equal(windows.isDue, false);
  windows.passTime(71_000);
  const closed = closeAll(windows);
  assert.deepEqual(
    closed.map(({ aggregate }) => aggregate.result.lines.parsed),
    [2, 0, 0, 0, 0, 0, 1],
  );
  assert.equal(closed[0]?.aggregate.early, 1);
});

test("when the clock is set back, windows begin anew, and what was open is not lost", () => {
  const windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
  addLine(windows, 3_600_000, 3_600_000);
  windows.passTime(3_605_000 - backStepMs);
  assert.deepEqual(closeDue(windows), []);
  windows.passTime(2_999_000);
  addLine(windows, 2_998_000, 2_999_000);
  windows.passTime(3_001_000);
  assert.deepEqual(closeDue(windows), ["2990000-3000000: 2"]);
});

test("a long silence is one window, a short one several", () => {
  const windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
  addLine(windows, 0, 0);
  windows.passTime(31_000);
  assert.deepEqual(closeDue(windows), ["0-10000: 1", "10000-20000: 0", "20000-30000: 0"]);
  addLine(windows, 5_000_000, 1e9);
  assert.deepEqual(closeDue(windows), ["30000-4990000: 0"]);
  windows.passTime(5_011_000);
  assert.deepEqual(closeDue(windows), ["4990000-5000000: 0", "5000000-5010000: 1"]);
});

test("the position brings everything back, also with another interval", () => {
  const windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
  addLine(windows, 12_000, 12_000);
  addLine(windows, 27_000, 27_000);
  closeDue(windows);
  windows.markPartial(27_000);
  const position = structuredClone(windows.position);
  const again = new OpenWindows({ everyMs, latenessMs }, createTallies, position);
  assert.deepEqual(again.position, windows.position);
  const wider = new OpenWindows({ everyMs: 60_000, latenessMs }, createTallies, position);
  wider.passTime(61_000);
  assert.deepEqual(closeDue(wider), ["0-60000: 1"]);
});

test("every line is in exactly one window, and windows follow one another", () => {
  const step = fc.oneof(
    fc.record({ lineAfterMs: fc.integer({ min: -100_000, max: 100_000 }) }),
    fc.record({ clockMs: fc.nat(30_000) }),
    // Somebody sets the host's clock.
    fc.record({ clockMs: fc.integer({ min: -7_200_000, max: 7_200_000 }) }),
    fc.record({ restart: fc.constant(true) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      let windows = new OpenWindows({ everyMs, latenessMs }, createTallies);
      let nowMs = 1e9;
      let lines = 0;
      const closed: ClosedWindow[] = [];
      for (const each of steps) {
        if ("lineAfterMs" in each) {
          addLine(windows, nowMs + each.lineAfterMs, nowMs);
          lines++;
        } else if ("clockMs" in each) {
          nowMs += each.clockMs;
          windows.passTime(nowMs);
        } else {
          windows = new OpenWindows(
            { everyMs, latenessMs },
            createTallies,
            structuredClone(windows.position),
          );
        }
        closed.push(...closeAll(windows));
      }
      windows.passTime(nowMs + 1e9);
      closed.push(...closeAll(windows));
      assert.equal(sum(closed.map(({ aggregate }) => aggregate.result.lines.parsed)), lines);
      for (const [index, { from }] of closed.entries()) {
        const before = closed[index - 1]?.to ?? from;
        assert.ok(from === before || from < before - backStepMs + 2 * everyMs);
      }
    }),
  );
});

test("an aggregate survives its bytes, and restoring twice is adding", () => {
  const requests = fc.array(
    fc.record({ group: fc.nat(3), status: fc.integer({ min: 0, max: 999 }) }),
  );
  fc.assert(
    fc.property(requests, requests, fc.boolean(), (first, second, isPartial) => {
      const [one, other] = [first, second].map((items) => {
        const aggregate = new WindowAggregate(createTallies());
        for (const { group, status } of items) {
          aggregate.tallies.lines.parsed++;
          aggregate.tallies.groupOf(group + 3).add({ status, bytes: 7 }, Infinity);
        }
        return aggregate;
      });
      assert.ok(one !== undefined && other !== undefined);
      one.isPartial = isPartial;
      one.late = 3;
      const both = new WindowAggregate(createTallies());
      both.restore(one.toBytes());
      both.restore(other.toBytes());
      assert.deepEqual([both.isPartial, both.late, both.early], [isPartial, 3, 0]);
      assert.equal(requestsOf(both.result), first.length + second.length);
      const [byStatus, wanted] = [both.result.groups, [...first, ...second]];
      for (const { group, status } of wanted) {
        const requestsOfBoth = byStatus.get(`g${group}`)?.statuses.get(status);
        const same = wanted.filter((each) => each.group === group && each.status === status);
        assert.equal(requestsOfBoth, same.length);
      }
    }),
  );
});

const nameOf = (id: number): string => `g${id - 3}`;

function createTallies(): Tallies {
  const metrics = compileMetrics();
  return new Tallies({ limits: scanLimits, windowMs: undefined, metrics, nameOf });
}

function addLine(windows: OpenWindows, timeMs: number, nowMs: number): void {
  const { window, timing } = windows.forLine(timeMs, nowMs);
  if (timing !== "early") {
    windows.advance(Math.min(timeMs, nowMs));
  }
  window.tallies.lines.parsed++;
  if (timing !== "on_time") {
    window[timing]++;
  }
}

function closeAll(windows: OpenWindows): ClosedWindow[] {
  const closed: ClosedWindow[] = [];
  while (windows.isDue) {
    closed.push(windows.close());
  }
  return closed;
}

function closeDue(windows: OpenWindows): string[] {
  return closeAll(windows).map(
    ({ from, to, aggregate }) => `${from}-${to}: ${aggregate.result.lines.parsed}`,
  );
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
