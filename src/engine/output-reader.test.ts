import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { appendBatches, toOutputConfig, toSourceConfig } from "../../test/engine-fixtures.ts";
import { createFakeNode } from "../../test/fake-environment.ts";
import { type Batch, ownSource } from "../core/batch.ts";
import type { OutputConfig, SourceConfig } from "../config/config.ts";
import type { OpenOutput, Output, OutputContext } from "../core/component.ts";
import { Corrupt } from "../core/errors.ts";
import { gauge } from "../core/sample.ts";
import { z } from "zod";
import { runOutput } from "./run-output.ts";
import { toProgressName, toReaderName } from "./output-reader.ts";
import { type ReaderStatus, createReaderStatus } from "./target-status.ts";

type Node = ReturnType<typeof createFakeNode>;

interface Feeding {
  readonly status: ReaderStatus;
  readonly open: ReadonlySet<OpenOutput>;
  /** How often one was opened. */
  readonly opens: () => number;
  readonly stop: () => Promise<void>;
}

interface FeedOptions {
  readonly config?: Partial<OutputConfig>;
  readonly sources?: readonly SourceConfig[];
  readonly ticks?: true;
  readonly open: (context: OutputContext) => Promise<OpenOutput>;
}

function feed(node: Node, { config, sources = [], ticks, open }: FeedOptions): Feeding {
  const status = createReaderStatus("output:out");
  const opened = new Set<OpenOutput>();
  let opens = 0;
  const output: Output = {
    name: "test",
    summary: "Takes batches.",
    options: z.strictObject({}),
    ...(ticks && { ticks }),
    examples: [{ title: "", options: {}, batches: [], expect: {} }],
    open: (_options, context) => open(context),
  };
  const stopper = new AbortController();
  const done = runOutput(
    {
      output,
      config: toOutputConfig(config),
      sources: () => new Map(sources.map((source) => [source.id, source])),
      journal: node.journal,
      environment: node.environment,
      status,
      describe: () => undefined,
      isCurrent: () => true,
      onOpen: (one) => {
        opened.add(one);
        opens++;
      },
      onClose: (one) => opened.delete(one),
    },
    stopper.signal,
  );
  return {
    status,
    open: opened,
    opens: () => opens,
    async stop() {
      stopper.abort();
      await done;
    },
  };
}

function toOpen(
  write: (batches: readonly Batch[], signal: AbortSignal) => Promise<void>,
  extras: Partial<OpenOutput> = {},
): () => Promise<OpenOutput> {
  return async () => ({ write, async [Symbol.asyncDispose]() {}, ...extras });
}

function toNames(batches: readonly Batch[]): string[] {
  return batches.map(({ source, seq, samples }) => `${source}${seq}:${samples.length}`);
}

suite("an output", () => {
  test("takes every source unless a source lists its outputs; bare ticks are nobody's", async () => {
    const node = createFakeNode();
    const sources = [
      toSourceConfig({ id: "mine", outputs: ["out", "b"] }),
      toSourceConfig({ id: "theirs", outputs: ["b"] }),
      toSourceConfig({ id: "nobodys", outputs: [] }),
      toSourceConfig({ id: "all" }),
    ];
    for (const source of ["mine", "theirs", "nobodys", "all", "gone"]) {
      await appendBatches(node.journal, source, 1);
    }
    await appendBatches(node.journal, ownSource, 2, (seq) => (seq === 1 ? [] : [gauge("rss", 1)]));
    const seen: string[] = [];
    const open = toOpen(async (batches) => void seen.push(...toNames(batches)));
    const { stop } = feed(node, { sources, open });
    await node.settle();
    await stop();
    assert.deepEqual(seen, ["mine1:1", "all1:1", "gone1:1", "watchpost2:1"]);
  });

  test("that needs the clock gets bare ticks", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, ownSource, 2, () => []);
    const seen: string[] = [];
    const open = toOpen(async (batches) => void seen.push(...toNames(batches)));
    const { stop } = feed(node, { ticks: true, open });
    await node.settle();
    await stop();
    assert.deepEqual(seen, ["watchpost1:0", "watchpost2:0"]);
  });

  test("filters; what is emptied reaches only an output that remembers", async () => {
    for (const remembers of [false, true]) {
      const node = createFakeNode();
      await appendBatches(node.journal, "a", 2, (seq) => [gauge(seq === 1 ? "x" : "y", 1)]);
      const seen: string[] = [];
      const open = toOpen(
        async (batches) => void seen.push(...toNames(batches)),
        remembers ? { state: () => Uint8Array.of(7) } : {},
      );
      const { stop } = feed(node, { config: { only: ["x"] }, open });
      await node.settle();
      await stop();
      assert.deepEqual(seen, remembers ? ["a1:1", "a2:0"] : ["a1:1"]);
      const saved = await node.journal.loadReader(toReaderName("out"));
      assert.equal(saved?.cursor, node.journal.head(), "what was left out is read too");
      assert.deepEqual(saved.state, remembers ? Uint8Array.of(7) : undefined);
    }
  });

  test("that cannot be opened is tried again, and says why", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "a", 1);
    let attempts = 0;
    const seen: string[] = [];
    const { status, stop } = feed(node, {
      open: async () => {
        attempts++;
        if (attempts < 4) {
          throw new Error("permission denied");
        }
        return toOpen(async (batches) => void seen.push(...toNames(batches)))();
      },
    });
    await node.advance(2_000);
    assert.equal(status.lastError, "permission denied");
    await node.advance(30_000);
    await stop();
    assert.deepEqual(seen, ["a1:1"]);
    assert.deepEqual([status.errors, status.lastError], [3, undefined]);
  });

  test("that hangs while it opens is shown, and closed when it opens too late", async () => {
    const node = createFakeNode();
    const late = Promise.withResolvers<OpenOutput>();
    const { status, opens, stop } = feed(node, { open: () => late.promise });
    await node.advance(31_000);
    assert.equal(status.lastError, "has not opened within 30 s");
    const done = stop();
    let isClosed = false;
    late.resolve({
      write: assert.fail,
      async [Symbol.asyncDispose]() {
        isClosed = true;
      },
    });
    await done;
    assert.deepEqual([isClosed, opens()], [true, 0]);
  });

  test("a write that never answers is a failure, and no second one starts beside it", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "a", 1);
    let calls = 0;
    const signals: AbortSignal[] = [];
    const answer = Promise.withResolvers<void>();
    const { status, stop } = feed(node, {
      open: toOpen(async (_batches, given) => {
        calls++;
        signals.push(given);
        await (calls === 1 ? answer.promise : undefined);
      }),
    });
    await node.advance(31_000);
    assert.ok(signals[0]?.aborted);
    await node.advance(60_000);
    assert.equal(calls, 1);
    assert.equal(status.lastError, "the write before this one has still not ended");
    answer.resolve();
    await node.advance(120_000);
    assert.deepEqual([calls, status.lastError], [2, undefined]);
    await stop();
  });

  test("sends nothing again, and nothing more, while its cursor cannot be committed", async () => {
    const node = createFakeNode();
    const seen: string[] = [];
    const open = toOpen(async (batches) => void seen.push(...toNames(batches)));
    const { status, stop } = feed(node, { open });
    node.journal.fail("saveReader");
    await appendBatches(node.journal, "a", 1);
    await node.advance(5_000);
    await appendBatches(node.journal, "a", 1);
    await node.advance(60_000);
    assert.deepEqual(seen, ["a1:1"]);
    assert.equal(status.lastError, "The disk is full; make room.");
    node.journal.mend();
    await node.advance(60_000);
    await stop();
    assert.deepEqual(seen, ["a1:1", "a2:1"]);
  });

  test("gets its state back; damaged state is left aside", async () => {
    const node = createFakeNode();
    const cursor = node.journal.head();
    await appendBatches(node.journal, "a", 1);
    await node.journal.saveReader(toReaderName("out"), { cursor, state: Uint8Array.of(1, 2) });
    await node.journal.saveReader(toProgressName("out"), { cursor, state: Uint8Array.of(3) });
    const states: unknown[] = [];
    const seen: string[] = [];
    const { stop } = feed(node, {
      open: async ({ state, progress }) => {
        states.push([state, progress]);
        if (state !== undefined) {
          throw new Corrupt("of another kind");
        }
        return toOpen(async (batches) => void seen.push(...toNames(batches)))();
      },
    });
    await node.settle();
    await stop();
    assert.deepEqual(states, [
      [Uint8Array.of(1, 2), Uint8Array.of(3)],
      [undefined, undefined],
    ]);
    assert.deepEqual(seen, ["a1:1"]);
    assert.match(node.log[0] ?? "", /error output out: its stored state is damaged/);
  });

  test("is closed, with its cursor committed, when it is stopped", async () => {
    const node = createFakeNode();
    const events: string[] = [];
    const { open, stop } = feed(node, {
      open: toOpen(async () => {}, {
        state: () => {
          events.push("state");
          return Uint8Array.of(1);
        },
        async [Symbol.asyncDispose]() {
          events.push("closed");
        },
      }),
    });
    await appendBatches(node.journal, "a", 1);
    await node.settle();
    assert.equal(open.size, 1);
    await stop();
    assert.deepEqual(events, ["state", "closed"]);
    assert.equal(open.size, 0);
    const saved = await node.journal.loadReader(toReaderName("out"));
    assert.equal(saved?.cursor, node.journal.head());
    assert.equal(node.sleepers(), 0);
  });

  test("one whose last commit fails says so and is closed all the same", async () => {
    const node = createFakeNode();
    let isClosed = false;
    const { status, stop } = feed(node, {
      open: toOpen(async () => {}, {
        state: () => Uint8Array.of(1),
        async [Symbol.asyncDispose]() {
          isClosed = true;
        },
      }),
    });
    await appendBatches(node.journal, "a", 1);
    await node.settle();
    node.journal.fail("saveReader");
    await stop();
    assert.equal(isClosed, true);
    assert.match(status.lastError ?? "", /The disk is full/);
  });
});

function toNumber(state: Uint8Array | undefined): number {
  return state?.[0] ?? 0;
}

test("an output gets no more batches at once than it takes, and all of them in order", async () => {
  const node = createFakeNode();
  await appendBatches(node.journal, "shop", 7);
  const sizes: number[] = [];
  const seen: number[] = [];
  const open = toOpen(
    async (batches) => {
      sizes.push(batches.length);
      seen.push(...batches.map(({ seq }) => seq));
    },
    { batchesMax: 3 },
  );
  const { stop } = feed(node, { open });
  await node.settle();
  await stop();
  assert.deepEqual(
    [sizes, seen],
    [
      [3, 3, 1],
      [1, 2, 3, 4, 5, 6, 7],
    ],
  );
});

suite("an output that tells how far it has come", () => {
  test("gets its progress of the last write, and a state that may be older", async () => {
    const node = createFakeNode();
    const seen: number[] = [];
    const opening =
      (sizes: { state: number; progress: number }) =>
      async (context: OutputContext): Promise<OpenOutput> => {
        sizes.state = toNumber(context.state);
        sizes.progress = toNumber(context.progress);
        let total = sizes.state;
        return {
          async write(batches) {
            total += batches.length;
            seen.push(total);
          },
          state: () => Uint8Array.of(total),
          progress: () => Uint8Array.of(total),
          async [Symbol.asyncDispose]() {},
        };
      };
    const first = { state: -1, progress: -1 };
    const feeding = feed(node, { open: opening(first) });
    await appendBatches(node.journal, "shop", 1);
    await node.advance(6_000);
    await appendBatches(node.journal, "shop", 1);
    await node.advance(10);
    assert.deepEqual(first, { state: 0, progress: 0 });
    const [stored, progress] = await Promise.all(
      ["output:out", "output:out/progress"].map((name) => node.journal.loadReader(name)),
    );
    assert.deepEqual([toNumber(stored?.state), toNumber(progress?.state)], [1, 2]);
    await feeding.stop();
  });

  test("that is half way is not asked for its state, and begins again where it was whole", async () => {
    const node = createFakeNode();
    let isWhole = true;
    const feeding = feed(node, {
      open: toOpen(
        async () => {
          if (!isWhole) {
            throw new Error("down");
          }
        },
        { state: () => (isWhole ? Uint8Array.of(1) : undefined) },
      ),
    });
    await appendBatches(node.journal, "shop", 1);
    await node.advance(6_000);
    await appendBatches(node.journal, "shop", 1);
    await node.advance(6_000);
    const before = await node.journal.loadReader("output:out");
    assert.ok(before !== undefined);
    isWhole = false;
    await appendBatches(node.journal, "shop", 1);
    await node.advance(20_000);
    await feeding.stop();
    const after = await node.journal.loadReader("output:out");
    assert.deepEqual(after, before);
    assert.equal(node.journal.lag(before.cursor).batches, 2);
  });
});
