import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { appendBatches, readBatches, toSourceRun } from "../../test/engine-fixtures.ts";
import { createFakeNode } from "../../test/fake-environment.ts";
import type { Observation, SourceContext } from "../core/component.ts";
import { gauge } from "../core/sample.ts";
import type { SourceConfig } from "../config/config.ts";
import { runSource } from "./run-source.ts";
import type { SourceRun, SourceWork } from "./source-run.ts";

function toWindow(n: number, position?: unknown): Observation {
  const observation = { from: n * 1000, to: n * 1000 + 1000, samples: [gauge("n", n)] };
  return position === undefined ? observation : { ...observation, position };
}

/** Counts on from its position, one window a second. */
function toCounter(onStep: (n: number, context: SourceContext) => void = () => {}): SourceWork {
  return {
    async *follow(_options, context) {
      const { position } = context;
      for (let n = typeof position === "number" ? position + 1 : 1; ; n++) {
        await context.sleep(1_000);
        onStep(n, context);
        yield toWindow(n, n);
      }
    },
  };
}

interface Running {
  readonly run: SourceRun;
  readonly stop: () => Promise<void>;
}

function start(
  source: SourceWork,
  node: ReturnType<typeof createFakeNode>,
  changes: Partial<SourceConfig> = {},
): Running {
  const run = toSourceRun(source, node, changes);
  const stopper = new AbortController();
  const done = runSource(run, stopper.signal);
  return {
    run,
    async stop() {
      stopper.abort();
      await done;
    },
  };
}

async function windows(node: ReturnType<typeof createFakeNode>): Promise<unknown[]> {
  return (await readBatches(node.journal.inner, "shop")).map(({ samples }) => samples[0]?.value);
}

suite("a continuous source", () => {
  test("is numbered, addressed and committed", async () => {
    const node = createFakeNode();
    const { run, stop } = start(toCounter(), node);
    assert.equal(run.status.state, "starting");
    await node.advance(3_000);
    await stop();
    const batches = await readBatches(node.journal);
    assert.deepEqual(
      batches.map(({ source, service, seq, from }) => [source, service, seq, from]),
      [1, 2, 3].map((n) => ["shop", "web", n, n * 1000]),
    );
    assert.deepEqual([run.status.state, run.status.lastBatchTo], ["ok", 4000]);
    assert.equal(node.sleepers(), 0);
  });

  test("does not advance while nothing can be appended, says why, and goes on", async () => {
    const node = createFakeNode();
    const steps: number[] = [];
    const { run, stop } = start(
      toCounter((n) => steps.push(n)),
      node,
    );
    await node.advance(2_000);
    node.journal.fail("append");
    await node.advance(120_000);
    assert.deepEqual(steps, [1, 2, 3]);
    assert.equal(run.status.state, "failing");
    assert.match(run.status.problem ?? "", /cannot write to the journal.*The disk is full/);
    node.journal.mend();
    await node.advance(20_000);
    await stop();
    const seen = await windows(node);
    assert.deepEqual(
      seen,
      Array.from(seen, (_, i) => i + 1),
    );
    assert.ok(seen.length > 4);
    assert.equal(run.status.problem, undefined);
    assert.equal(node.log.length, 2, "once when it began, once when it was over");
  });

  test("an append whose answer was lost is not counted twice", async () => {
    const node = createFakeNode();
    const { stop } = start(toCounter(), node);
    await node.advance(1_000);
    node.journal.loseAnswers("append");
    await node.advance(5_000);
    node.journal.mend();
    await node.advance(20_000);
    await stop();
    const seen = await windows(node);
    assert.deepEqual(
      seen,
      Array.from(seen, (_, i) => i + 1),
    );
  });

  test("what it throws is reported; it starts again from its committed position, ever later", async () => {
    const node = createFakeNode();
    const lives: number[] = [];
    const { clock } = node.environment;
    const source: SourceWork = {
      async *follow(_options, { position }) {
        lives.push(clock.monotonic());
        const last = typeof position === "number" ? position : 0;
        yield toWindow(last + 1, last + 1);
        throw new Error("the file has vanished");
      },
    };
    const { run, stop } = start(source, node);
    await node.advance(20_000);
    assert.equal(run.status.problem, "the file has vanished");
    await stop();
    assert.deepEqual(lives, [0, 750, 2_250, 5_250, 11_250]);
    assert.deepEqual(await windows(node), [1, 2, 3, 4, 5]);
  });

  test("its last error is gone once it works again", async () => {
    const node = createFakeNode();
    let life = 0;
    const { run, stop } = start(
      {
        async *follow(options, context) {
          life++;
          if (life === 1) {
            throw new Error("not yet");
          }
          const again = toCounter();
          yield* "follow" in again ? again.follow({ ...options }, context) : [];
        },
      },
      node,
    );
    await node.settle();
    assert.deepEqual([run.status.state, run.status.problem], ["failing", "not yet"]);
    await node.advance(5_000);
    await stop();
    assert.deepEqual([run.status.state, run.status.problem], ["ok", undefined]);
  });

  test("what it reports stays until it takes it back, whatever happens to the journal", async () => {
    const node = createFakeNode();
    let problem: string | undefined = "b.log: permission denied";
    const { run, stop } = start(
      toCounter((n, { report }) => (n === 2 || n === 8 ? report(problem) : undefined)),
      node,
    );
    await node.advance(2_000);
    assert.equal(run.status.problem, problem);
    node.journal.fail("append");
    await node.advance(1_000);
    assert.match(run.status.problem ?? "", /journal/);
    node.journal.mend();
    await node.advance(3_000);
    assert.equal(run.status.problem, problem);
    problem = undefined;
    await node.advance(20_000);
    await stop();
    assert.deepEqual([run.status.state, run.status.problem], ["ok", undefined]);
  });

  test("ending by itself is a failure", async () => {
    const node = createFakeNode();
    const { run, stop } = start(
      {
        async *follow() {
          yield toWindow(1);
        },
      },
      node,
    );
    await node.settle();
    assert.equal(run.status.problem, "the source ended by itself");
    await stop();
  });

  test("a stale writer stops for good", async () => {
    const node = createFakeNode();
    const { run, stop } = start(toCounter(), node);
    await node.advance(1_000);
    await appendBatches(node.journal, "shop", 1, () => [gauge("n", 99)]);
    await node.advance(120_000);
    assert.deepEqual(await windows(node), [1, 99]);
    assert.match(run.status.problem ?? "", /Another writer/);
    assert.equal(node.sleepers(), 0);
    await stop();
  });

  test("a stale writer says so, not that the disk was full before", async () => {
    const node = createFakeNode();
    const { run, stop } = start(toCounter(), node);
    node.journal.fail("append");
    await node.advance(1_000);
    await appendBatches(node.journal.inner, "shop", 1);
    node.journal.mend();
    await node.advance(20_000);
    assert.match(run.status.problem ?? "", /^Another writer/);
    await stop();
  });

  test("a journal that cannot be claimed yet is tried again", async () => {
    const node = createFakeNode();
    node.journal.fail("claim");
    const { run, stop } = start(toCounter(), node);
    await node.advance(3_000);
    assert.equal(run.status.problem, "The disk is full; make room.");
    node.journal.mend();
    await node.advance(10_000);
    await stop();
    assert.equal(run.status.state, "ok");
    assert.ok((await windows(node)).length > 0);
  });

  test("a damaged position is logged and left aside", async () => {
    const node = createFakeNode();
    const claim = await node.journal.claim("shop");
    await node.journal.append({ claim, batches: [], position: Uint8Array.of(1, 2, 3) });
    const { stop } = start(toCounter(), node);
    await node.advance(1_000);
    await stop();
    assert.deepEqual(await windows(node), [1]);
    assert.match(node.log[0] ?? "", /stored position is damaged/);
  });

  test("a position of another kind under the same id is left aside, and the log says so once", async () => {
    const node = createFakeNode();
    const first = start(toCounter(), node, { kind: "counter" });
    await node.advance(3_000);
    await first.stop();
    const given: unknown[] = [];
    const other: SourceWork = {
      async *follow(_options, { position, sleep }) {
        given.push(position);
        await sleep(1_000);
        yield toWindow(1);
        throw new Error("not today");
      },
    };
    const second = start(other, node, { kind: "other" });
    await node.advance(10_000);
    await second.stop();
    assert.ok(given.length > 1);
    assert.ok(given.every((position) => position === undefined));
    const lines = node.log.filter((line) => line.includes("position"));
    assert.equal(lines.length, 1, String(lines));
    assert.match(lines[0] ?? "", /is of a source of kind counter; it starts afresh/);
    const third = start(toCounter(), node, { kind: "other" });
    await node.advance(2_000);
    await third.stop();
    const fourth = start(toCounter(), node, { kind: "other" });
    await node.advance(1_000);
    await fourth.stop();
    assert.deepEqual((await windows(node)).slice(-3), [1, 2, 3], "its own it takes up");
  });

  test("a position that cannot be stored stops that source alone, with the reason", async () => {
    const node = createFakeNode();
    const { run, stop } = start(
      {
        async *follow() {
          yield toWindow(1, () => {});
        },
      },
      node,
    );
    await node.settle();
    assert.equal(run.status.state, "failing");
    assert.match(run.status.problem ?? "", /could not be cloned/);
    await stop();
  });
});
