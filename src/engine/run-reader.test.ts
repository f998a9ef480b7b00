import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { appendBatches } from "../../test/engine-fixtures.ts";
import { createFakeNode } from "../../test/fake-environment.ts";
import { Permanent, RetryLater } from "../core/errors.ts";
import type { Cursor, Slice } from "../journal/journal.ts";
import { runReader } from "./run-reader.ts";
import { type ReaderStatus, createReaderStatus } from "./target-status.ts";

type Node = ReturnType<typeof createFakeNode>;

interface Reading {
  readonly status: ReaderStatus;
  /** Sequence numbers, in the order in which they were taken. */
  readonly taken: readonly number[];
  readonly cursor: () => Cursor | undefined;
  readonly stop: () => Promise<void>;
}

function start(
  node: Node,
  onSlice: (slice: Slice, signal: AbortSignal) => Promise<void> | void = () => {},
  from?: Cursor,
): Reading {
  const { journal, environment } = node;
  const status = createReaderStatus("test");
  const taken: number[] = [];
  let cursor = from;
  const reader = {
    cursor: from,
    async consume(slice: Slice, signal: AbortSignal): Promise<void> {
      await onSlice(slice, signal);
      taken.push(...slice.entries.map(({ batch }) => batch.seq));
      cursor = slice.next;
    },
  };
  const stopper = new AbortController();
  const done = runReader({ reader, journal, environment, status }, stopper.signal);
  return {
    status,
    taken,
    cursor: () => cursor,
    async stop() {
      stopper.abort();
      await done;
    },
  };
}

function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}

suite("a reader", () => {
  test("reads everything that is there and then what comes", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 1_200);
    const { taken, stop, status } = start(node);
    await node.settle();
    await appendBatches(node.journal, "shop", 3);
    await node.settle();
    await stop();
    assert.deepEqual(taken, upTo(1_203));
    assert.deepEqual([status.errors, status.cursor], [0, node.journal.head()]);
    assert.equal(node.sleepers(), 0);
  });

  test("goes on at its cursor", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 3);
    const first = start(node);
    await node.settle();
    await first.stop();
    await appendBatches(node.journal, "shop", 2);
    const second = start(node, undefined, first.cursor());
    await node.settle();
    await second.stop();
    assert.deepEqual(second.taken, [4, 5]);
  });

  test("one that fails is tried again with growing pauses, and loses nothing", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 2);
    const attempts: number[] = [];
    let isDown = true;
    const { taken, status, stop } = start(node, () => {
      attempts.push(node.environment.clock.monotonic());
      if (isDown) {
        throw new Error("refused");
      }
    });
    await node.advance(4_000);
    assert.deepEqual(attempts, [0, 375, 1_125, 2_625]);
    assert.deepEqual([status.errors, status.lastError], [4, "refused"]);
    await node.advance(3_600_000);
    assert.ok(attempts.length < 100, "at most one a minute in the end");
    isDown = false;
    await node.advance(60_000);
    await stop();
    assert.deepEqual(taken, [1, 2]);
    assert.equal(status.lastError, undefined);
    assert.equal(status.lastSuccessAt !== undefined, true);
    assert.deepEqual(node.log, [
      "warn reader test: refused; it is tried again",
      "info reader test: works again",
    ]);
  });

  test("a destination that asks for time gets it, within reason", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 1);
    const asked = [5_000, 1, 86_400_000, 0];
    const attempts: number[] = [];
    const { taken, stop } = start(node, () => {
      attempts.push(node.environment.clock.monotonic());
      const afterMs = asked.shift();
      if (afterMs !== undefined) {
        throw new RetryLater("429 Too Many Requests", afterMs);
      }
    });
    await node.advance(3 * 3_600_000);
    await stop();
    assert.deepEqual(attempts, [0, 5_000, 5_750, 3_605_750, 3_608_750]);
    assert.deepEqual(taken, [1]);
  });

  test("what an output reports stands over successes", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 1);
    const reading = start(node, () => {
      reading.status.lastError = "one of two sensors is missing";
      reading.status.isReported = true;
    });
    await node.settle();
    await reading.stop();
    assert.equal(reading.status.lastError, "one of two sensors is missing");
    assert.deepEqual(node.log, []);
  });

  test("after a success, the pauses begin short again", async () => {
    const node = createFakeNode();
    const attempts: number[] = [];
    const outcomes = [false, false, false, true, false, true];
    const { stop } = start(node, () => {
      attempts.push(node.environment.clock.monotonic());
      if (outcomes[attempts.length - 1] === false) {
        throw new Error("refused");
      }
    });
    await appendBatches(node.journal, "shop", 1);
    await node.advance(10_000);
    await appendBatches(node.journal, "shop", 1);
    await node.advance(10_000);
    await stop();
    assert.deepEqual(attempts, [0, 375, 1_125, 2_625, 10_000, 10_375]);
  });

  test("one that hangs delays nobody else", async () => {
    const node = createFakeNode();
    const hang = Promise.withResolvers<void>();
    const slow = start(node, () => hang.promise);
    const quick = start(node);
    await appendBatches(node.journal, "shop", 2_000);
    await node.settle();
    assert.deepEqual(quick.taken, upTo(2_000));
    assert.deepEqual(slow.taken, []);
    hang.resolve();
    await node.settle();
    assert.deepEqual(slow.taken, upTo(2_000));
    await Promise.all([slow.stop(), quick.stop()]);
  });

  test("what it can never take is narrowed down to the single batch, which alone is dropped", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 700);
    const refused = new Set([1, 17, 18, 499, 700]);
    const { taken, status, stop } = start(node, ({ entries }) => {
      if (entries.some(({ batch }) => refused.has(batch.seq))) {
        throw new Permanent("400 Bad Request");
      }
    });
    for (let i = 0; i < 40; i++) {
      await node.settle();
    }
    await stop();
    assert.deepEqual(
      taken,
      upTo(700).filter((seq) => !refused.has(seq)),
    );
    assert.equal(status.droppedBatches, 5);
    assert.equal(node.log.filter((line) => line.includes("can never take")).length, 5);
    assert.equal(node.sleepers(), 0, "nothing waited");
  });

  test("while it narrows down, a failure that passes is waited for", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 3);
    let calls = 0;
    const { taken, status, stop } = start(node, ({ entries }) => {
      calls++;
      if (entries.length > 1) {
        throw new Permanent("too large");
      }
      if (calls === 3) {
        throw new Error("refused");
      }
    });
    await node.advance(10_000);
    await stop();
    assert.deepEqual(taken, [1, 2, 3]);
    assert.equal(status.droppedBatches, 0);
  });

  test("a gap is counted once, however often its slice is tried", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 5);
    const old = node.journal.start();
    await node.advance(10_000);
    await node.journal.trim({ ageMs: 1, sizeBytes: 1e9 });
    await appendBatches(node.journal, "shop", 2);
    let failures = 3;
    const { taken, status, stop } = start(
      node,
      () => {
        if (failures-- > 0) {
          throw new Error("refused");
        }
      },
      old,
    );
    await node.advance(60_000);
    await stop();
    assert.deepEqual(taken, [6, 7]);
    assert.equal(status.missedBatches, 5);
    assert.equal(node.log.filter((line) => line.includes("missed 5 batches")).length, 1);
  });

  test("a journal that cannot be read is tried again", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 1);
    node.journal.fail("read");
    const { taken, status, stop } = start(node);
    await node.advance(10_000);
    assert.equal(status.lastError, "The disk is full; make room.");
    node.journal.mend();
    await node.advance(60_000);
    await stop();
    assert.deepEqual(taken, [1]);
  });

  test("stopping in the middle of anything is no error", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 1);
    const { status, stop } = start(node, async (_slice, signal) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      throw new Error("the request was cut off");
    });
    await node.settle();
    await stop();
    assert.deepEqual([status.errors, node.log], [0, []]);
  });
});
