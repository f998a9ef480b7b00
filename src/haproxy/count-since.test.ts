import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { createFakeWorker, type FakeWorker, toCsv, toShowInfo } from "../../test/fake-haproxy.ts";
import { counterColumns } from "./columns.ts";
import { countSince, type CountedPoll, type Dump } from "./count-since.ts";
import { parseStats } from "./parse-stats.ts";
import { counterCount, type Position, toWorkerBases } from "./position.ts";
import { parseShowInfo } from "./process-info.ts";

const sessionsTotal = counterColumns.findIndex(({ column }) => column === "stot");
const startS = 1_795_000_000;

test("the first dump counts nothing, the second what came in between", () => {
  const worker = createFakeWorker(1, startS);
  const poll = createPoller();
  worker.requests = 1_000_000;
  assert.equal(poll([worker], 10).count, undefined);
  worker.requests += 7;
  assert.deepEqual(poll([worker], 20), { count: 7, isPartial: false });
  assert.deepEqual(poll([worker], 30), { count: 0, isPartial: false });
});

test("a new process counts from zero, and says that the end of the old one is missing", () => {
  const old = createFakeWorker(1, startS);
  const poll = createPoller();
  old.requests = 5_000;
  poll([old], 10);
  const young = { ...createFakeWorker(2, startS + 12), requests: 30 };
  assert.deepEqual(poll([young], 20), { count: 30, isPartial: true });
  young.requests += 5;
  assert.deepEqual(poll([young], 30), { count: 5, isPartial: false });
});

test("the same number is another process when it started at another time, as in containers", () => {
  const poll = createPoller();
  poll([{ ...createFakeWorker(8, startS), requests: 10 }], 10);
  const again = { ...createFakeWorker(8, startS + 15), requests: 4_000 };
  assert.deepEqual(poll([again], 600), { count: 4_000, isPartial: true });
});

test("processes that answer in turn are strangers, and never a spike", () => {
  const [a, b] = [createFakeWorker(1, startS), createFakeWorker(2, startS)];
  const poll = createPoller();
  [a.requests, b.requests] = [1_000_000, 900_000];
  poll([a], 1_000);
  for (let at = 1_010; at < 1_100; at += 20) {
    a.requests += 10;
    b.requests += 10;
    assert.deepEqual(poll([b], at), { count: undefined, isPartial: true });
    assert.deepEqual(poll([a], at + 10), { count: undefined, isPartial: true });
  }
});

test("without a process to name, a smaller counter is another process", () => {
  const poll = createPoller({ isNamed: false });
  const worker = { ...createFakeWorker(1, startS), requests: 500 };
  poll([worker], 10);
  worker.requests = 520;
  assert.deepEqual(poll([worker], 20), { count: 20, isPartial: false });
  // Its backend changed 7 s ago: it may be as young as that.
  worker.requests = 40;
  assert.deepEqual(poll([worker], 30), { count: 40, isPartial: true });
});

test("counters that are cleared begin again; one that slips back alone does not", () => {
  const worker = { ...createFakeWorker(1, startS), requests: 500 };
  const poll = createPoller();
  poll([worker], 10);
  worker.requests = 3;
  assert.deepEqual(poll([worker], 20), { count: 3, isPartial: true });
  const dump = toDump(worker, 30, true);
  const slipped = dump.stats.numbers.with(dump.stats.numbers.indexOf(3), 2);
  const before = toPosition([dump], 30);
  const counted = countSince(before, [{ ...dump, stats: { ...dump.stats, numbers: slipped } }], 0);
  assert.equal(counted.dumps[0]?.hasReset, false);
  assert.equal(counted.dumps[0]?.counts[sessionsTotal], 0);
});

test("a row that was refused once does not count all it ever had", () => {
  const worker = { ...createFakeWorker(1, startS), requests: 500 };
  const whole = toDump(worker, 10, true);
  const before = toPosition([whole], 10);
  const hurt = parseStats(toCsv(worker).replace("app,a,0,500", "app,a,?,500"), all);
  assert.equal(hurt.refused, 1);
  const known = before.workers[0];
  const after = { ...before, workers: [toWorkerBases(hurt, whole.process, known)] };
  const counted = countSince(after, [whole], 20_000);
  assert.equal(
    Math.max(...counted.dumps.flatMap(({ counts }) => [...counts].filter(Number.isFinite))),
    0,
  );
});

/** One thing that happens in the life of a HAProxy. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("requests"), n: fc.nat(1_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("poll"), n: fc.integer({ min: 1, max: 30 }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reload"), n: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("oldEnds"), n: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("late"), n: fc.nat(100) }) },
);

for (const isMaster of [false, true]) {
  const what = isMaster ? "seen through the master socket" : "of which only the newest is seen";
  test(`workers ${what}: no window counts more than there was, and all of it unless it says so`, () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const poll = createPoller();
        const workers = [createFakeWorker(100, startS)];
        let [nowS, pid] = [1, 100];
        let served = 0;
        poll(workers, nowS);
        for (const { kind, n } of steps) {
          const [current] = workers;
          if (kind === "requests" && current !== undefined) {
            current.requests += n;
            served += n;
          } else if (kind === "late") {
            // An old worker goes on with what it has.
            const old = workers.at(-1);
            if (old !== undefined) {
              old.requests += n;
              served += n;
            }
          } else if (kind === "reload") {
            nowS += n;
            workers.unshift(createFakeWorker(++pid, startS + nowS));
          } else if (kind === "oldEnds" && workers.length > 1) {
            workers.pop();
          } else if (kind === "poll") {
            nowS += n;
            const { count = 0, isPartial } = poll(isMaster ? workers : workers.slice(0, 1), nowS);
            assert.ok(count <= served, `${count} counted of ${served}`);
            if (isMaster && !isPartial) {
              assert.equal(count, served);
            }
            // What the newest alone could not tell stays owed, and is never made up for.
            served = isMaster ? 0 : served - count;
          }
        }
      }),
      { numRuns: 300 },
    );
  });
}

const all = { isWanted: () => true, end: "\n" } as const;

interface Polled {
  /** Sessions of the frontend; undefined when it cannot be known. */
  readonly count: number | undefined;
  readonly isPartial: boolean;
}

/** Polls at seconds since the start, each going on where the one before stopped, as bytes do. */
function createPoller({ isNamed = true } = {}): (
  workers: readonly FakeWorker[],
  atS: number,
) => Polled {
  let position: Position | undefined;
  return (workers, atS) => {
    const dumps = workers.map((worker) => toDump(worker, atS, isNamed));
    const counted = countSince(position, dumps, atS * 1_000);
    position = structuredClone(toPosition(counted.dumps, atS));
    return toPolled(counted);
  };
}

function toDump(worker: FakeWorker, atS: number, isNamed: boolean): Dump {
  const process = isNamed ? parseShowInfo(toShowInfo(worker, startS + atS)) : undefined;
  return { process, stats: parseStats(toCsv(worker), all) };
}

function toPosition(dumps: readonly (Dump & { before?: unknown })[], atS: number): Position {
  const workers = dumps.map(({ stats, process }) => toWorkerBases(stats, process, undefined));
  return { version: 1, question: "", answeredAt: atS * 1_000, isUp: true, workers };
}

function toPolled({ dumps, hasLostWorker }: CountedPoll): Polled {
  const counts = dumps.map(({ counts: own }) => own[sessionsTotal] ?? NaN);
  const known = counts.filter((count) => !Number.isNaN(count));
  const isPartial =
    hasLostWorker || dumps.some(({ hasReset, isStranger }) => hasReset || isStranger);
  const count = known.length === 0 ? undefined : known.reduce((sum, one) => sum + one, 0);
  return { count, isPartial };
}

test("a row has as many counters as the table of columns", () => {
  assert.equal(counterCount, counterColumns.length);
});
