import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { readBatches, toSourceRun } from "../../test/engine-fixtures.ts";
import { createFakeNode } from "../../test/fake-environment.ts";
import type { Batch } from "../core/batch.ts";
import type { Observation, SourceContext } from "../core/component.ts";
import { gauge } from "../core/sample.ts";
import { runSource } from "./run-source.ts";
import type { SourceWork } from "./source-run.ts";

type Observe = (options: unknown, context: SourceContext) => Promise<Observation>;

function toCheck(observe: Observe): SourceWork {
  return { observe, check: true };
}

/** A look that takes no time and sees `value`. */
function look({ now }: SourceContext, value = 1): Observation {
  return { from: now(), to: now() + 1, samples: [gauge("check_up", value)] };
}

function samplesOf({ samples }: Batch): Record<string, unknown> {
  return Object.fromEntries(samples.map(({ name, value }) => [name, value]));
}

suite("a scheduled source", () => {
  test("looks first within two seconds, then once per interval at instants of its own", async () => {
    const instants = new Map<string, number[]>();
    for (const id of ["a", "b", "c"]) {
      const node = createFakeNode({ random: () => 0.5 });
      const at: number[] = [];
      instants.set(id, at);
      const run = toSourceRun(
        toCheck(async (_options, context) => {
          at.push(node.environment.clock.monotonic());
          return look(context);
        }),
        node,
        { id },
      );
      const stop = new AbortController();
      const done = runSource(run, stop.signal);
      await node.advance(60_000);
      stop.abort();
      await done;
      assert.equal(at[0], 1_000, "half of two seconds");
      const steps = at.slice(1).map((each, i) => each - (at[i] ?? 0));
      assert.ok(at.length >= 6 && at.length <= 8);
      assert.deepEqual(new Set(steps.slice(1)), new Set([10_000]));
      assert.equal(node.sleepers(), 0);
    }
    const phases = [...instants.values()].map((at) => (at[1] ?? 0) % 10_000);
    assert.equal(new Set(phases).size, 3, "spread over the interval");
  });

  test("keeps to its interval when a timer fires early and when the clock is set", async () => {
    const node = createFakeNode();
    const at: number[] = [];
    const observe: Observe = async (_options, context) => {
      at.push(node.environment.clock.monotonic());
      return look(context);
    };
    const stop = new AbortController();
    const done = runSource(toSourceRun(toCheck(observe), node), stop.signal);
    await node.advance(30_000);
    node.setClock(-1);
    await node.advance(30_000);
    node.setClock(-3_600_000);
    await node.advance(30_000);
    node.setClock(7_200_000);
    await node.advance(30_000);
    stop.abort();
    await done;
    const steps = at.slice(2).map((each, i) => each - (at[i + 1] ?? 0));
    assert.ok(
      steps.every((step) => step >= 1_000 && step <= 20_000),
      String(steps),
    );
    assert.ok(at.length >= 11 && at.length <= 14, String(at));
  });

  test("what a look says of its outcome stands until the next one", async () => {
    const node = createFakeNode();
    let turn = 0;
    const observe: Observe = async (_options, context) => {
      turn++;
      if (turn === 3) {
        throw new Error("out of sockets");
      }
      return turn === 4 ? look(context) : { ...look(context, 0), remark: `refused ${turn}` };
    };
    const run = toSourceRun(toCheck(observe), node, { everyMs: 1_000 });
    const stop = new AbortController();
    const done = runSource(run, stop.signal);
    const remarks: unknown[] = [];
    await node.advance(501);
    for (let i = 0; i < 5; i++) {
      remarks.push(`${turn} ${run.status.remark}`);
      await node.advance(1_000);
    }
    stop.abort();
    await done;
    const seen = new Set(remarks);
    for (const wanted of ["1 refused 1", "2 refused 2", "3 undefined", "4 undefined"]) {
      assert.ok(seen.has(wanted), String(remarks));
    }
  });

  test("what is returned is up or down; what is thrown is unknown", async () => {
    const node = createFakeNode();
    let turn = 0;
    const observe: Observe = async (_options, context) => {
      turn++;
      if (turn === 3) {
        throw new Error("the name server does not answer");
      }
      return look(context, turn === 2 ? 0 : 1);
    };
    const run = toSourceRun(toCheck(observe), node, { everyMs: 1_000 });
    const stop = new AbortController();
    const done = runSource(run, stop.signal);
    const states: string[] = [];
    await node.advance(501);
    for (let i = 0; i < 4; i++) {
      states.push(`${run.status.check} ${run.status.state} ${run.status.problem}`);
      await node.advance(1_000);
    }
    stop.abort();
    await done;
    const seen = (await readBatches(node.journal)).slice(0, 4).map(samplesOf);
    assert.deepEqual(seen, [
      { check_up: 1, check_unknown_total: 0 },
      { check_up: 0, check_unknown_total: 0 },
      { check_unknown_total: 1 },
      { check_up: 1, check_unknown_total: 0 },
    ]);
    assert.ok(states.includes("unknown failing the name server does not answer"), String(states));
    assert.equal(node.log.filter((line) => line.includes("name server")).length, 1);
  });

  test("a source that is no check says only that its window is partial", async () => {
    const node = createFakeNode();
    const source: SourceWork = {
      observe: async () => {
        throw new Error("refused");
      },
    };
    const stop = new AbortController();
    const run = toSourceRun(source, node);
    const done = runSource(run, stop.signal);
    await node.advance(1_000);
    stop.abort();
    await done;
    const [batch] = await readBatches(node.journal);
    assert.ok(batch !== undefined && batch.partial && batch.samples.length === 0);
    assert.ok(batch.from < batch.to);
    assert.equal(run.status.check, undefined);
  });

  test("past its deadline it is unknown, and its straggler is never overlapped", async () => {
    const node = createFakeNode();
    let [running, most, started] = [0, 0, 0];
    const free = Promise.withResolvers<void>();
    const signals: AbortSignal[] = [];
    const observe: Observe = async (_options, context) => {
      started++;
      running++;
      most = Math.max(most, running);
      signals.push(context.signal);
      await (started === 1 ? free.promise : undefined);
      running--;
      return look(context);
    };
    const run = toSourceRun(toCheck(observe), node);
    const stop = new AbortController();
    const done = runSource(run, stop.signal);
    await node.advance(1_000 + 9_000);
    assert.equal(run.status.check, "unknown");
    assert.equal(run.status.problem, "no result within 9s");
    assert.ok(signals[0]?.aborted);
    await node.advance(20_000);
    assert.equal(started, 1);
    assert.equal(run.status.problem, "the look before this one has still not ended");
    assert.ok(run.status.skipped >= 2, String(run.status.skipped));
    free.resolve();
    await node.advance(10_000);
    assert.equal(run.status.check, "up");
    assert.deepEqual([most, run.status.problem], [1, undefined]);
    const unknown = (await readBatches(node.journal)).map(samplesOf);
    assert.deepEqual(unknown[0], { check_unknown_total: 1 });
    assert.ok(unknown.every((samples) => "check_unknown_total" in samples));
    stop.abort();
    await done;
  });

  test("looks that a full disk held up are counted as skipped", async () => {
    const node = createFakeNode();
    const run = toSourceRun(
      toCheck(async (_options, context) => look(context)),
      node,
    );
    const stop = new AbortController();
    const done = runSource(run, stop.signal);
    node.journal.fail("append");
    await node.advance(36_000);
    assert.match(run.status.problem ?? "", /nothing is read on: The disk is full; make room\.$/);
    assert.ok(run.status.appendFailures > 3);
    node.journal.mend();
    await node.advance(10_000);
    assert.deepEqual([run.status.state, run.status.problem], ["ok", undefined]);
    assert.ok(run.status.skipped >= 3, String(run.status.skipped));
    stop.abort();
    await done;
  });

  test("hands its position from look to look and across a restart", async () => {
    const node = createFakeNode();
    const positions: unknown[] = [];
    const observe: Observe = async (_options, context) => {
      positions.push(context.position);
      const turn = positions.length;
      // Every other look says nothing about the position.
      return { ...look(context), ...(turn % 2 === 1 && { position: { turn } }) };
    };
    for (let life = 0; life < 2; life++) {
      const stop = new AbortController();
      const done = runSource(toSourceRun(toCheck(observe), node, { everyMs: 1_000 }), stop.signal);
      await node.advance(2_400);
      stop.abort();
      await done;
    }
    const expected = positions.map((_, i) => (i === 0 ? undefined : { turn: i - ((i + 1) % 2) }));
    assert.ok(positions.length >= 4);
    assert.deepEqual(positions, expected);
  });

  test("waits for a look that is on its way when it is stopped", async () => {
    const node = createFakeNode();
    const free = Promise.withResolvers<void>();
    const observe: Observe = async (_options, context) => {
      await free.promise;
      return look(context);
    };
    const stop = new AbortController();
    let isDone = false;
    const run = async (): Promise<void> => {
      await runSource(toSourceRun(toCheck(observe), node), stop.signal);
      isDone = true;
    };
    const done = run();
    await node.advance(1_500);
    stop.abort();
    await node.settle();
    assert.equal(isDone, false);
    free.resolve();
    await done;
    assert.deepEqual(node.log, [], "stopping is no problem");
  });
});
