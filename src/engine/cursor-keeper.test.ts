import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { appendBatches } from "../../test/engine-fixtures.ts";
import { createFakeNode } from "../../test/fake-environment.ts";
import { type Sample, count } from "../core/sample.ts";
import type { Cursor, Slice } from "../journal/journal.ts";
import { createCursorKeeper } from "./cursor-keeper.ts";
import { createLiveTotals } from "./live-totals.ts";
import { runReader } from "./run-reader.ts";
import { type ReaderStatus, createReaderStatus } from "./target-status.ts";

type Node = ReturnType<typeof createFakeNode>;

/** A reader with outward effects and no state: what it has "sent" must not be sent again without need. */
function startSender(node: Node): { readonly sent: number[]; readonly stop: () => Promise<void> } {
  const { journal, environment } = node;
  const keeper = createCursorKeeper({ journal, environment, name: "sender" });
  const sent: number[] = [];
  const stopper = new AbortController();
  const run = async (): Promise<void> => {
    const reader = {
      cursor: (await journal.inner.loadReader("sender"))?.cursor,
      async consume({ entries, next }: Slice): Promise<void> {
        await keeper.settle();
        sent.push(...entries.map(({ batch }) => batch.seq));
        await keeper.advance(next, entries.length > 0);
      },
    };
    const status = createReaderStatus("sender");
    await runReader({ reader, journal, environment, status }, stopper.signal);
  };
  const done = run();
  return {
    sent,
    async stop() {
      stopper.abort();
      await done;
    },
  };
}

suite("a cursor in the journal", () => {
  test("is committed at once after an effect", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 3);
    const first = startSender(node);
    await node.settle();
    // As after SIGKILL: nothing is flushed.
    const second = startSender(node);
    await node.settle();
    assert.deepEqual([first.sent, second.sent], [[1, 2, 3], []]);
    await Promise.all([first.stop(), second.stop()]);
  });

  test("no effect is repeated while it cannot be committed; nothing is lost", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 1);
    node.journal.fail("saveReader");
    const { sent, stop } = startSender(node);
    await node.advance(5_000);
    await appendBatches(node.journal, "shop", 2);
    await node.advance(120_000);
    assert.deepEqual(sent, [1], "the next slice waits for the commit of the last one");
    node.journal.mend();
    await node.advance(60_000);
    assert.deepEqual(sent, [1, 2, 3]);
    await stop();
  });

  test("one that moved without effect is committed now and then, and at the end", async () => {
    const node = createFakeNode();
    const { journal, environment } = node;
    const keeper = createCursorKeeper({ journal, environment, name: "idle" });
    const saved = async (): Promise<Cursor | undefined> =>
      (await journal.loadReader("idle"))?.cursor;
    await appendBatches(journal, "shop", 1);
    await keeper.advance(journal.head(), false);
    assert.equal(await saved(), undefined);
    await node.advance(5_000);
    await keeper.settle();
    assert.equal(await saved(), journal.head());
    await appendBatches(journal, "shop", 1);
    await keeper.advance(journal.head(), false);
    assert.notEqual(await saved(), journal.head());
    await keeper.flush();
    assert.equal(await saved(), journal.head());
  });

  test("is not touched by a reader that another has followed", async () => {
    const node = createFakeNode();
    const { journal, environment } = node;
    let isCurrent = true;
    const options = { journal, environment, name: "old", isCurrent: () => isCurrent };
    const keeper = createCursorKeeper(options);
    const start = journal.start();
    await keeper.advance(start, true);
    await keeper.flush();
    await appendBatches(journal, "shop", 1);
    isCurrent = false;
    await keeper.advance(journal.head(), true);
    await node.advance(10_000);
    await keeper.settle();
    await keeper.flush();
    assert.equal((await journal.loadReader("old"))?.cursor, start);
  });
});

function toSamples(seq: number): readonly Sample[] {
  return [count("n_total", seq)];
}

async function startTotals(node: Node): Promise<{
  readonly status: ReaderStatus;
  readonly total: () => number | undefined;
  readonly stop: () => Promise<void>;
}> {
  const { journal, environment } = node;
  const totals = await createLiveTotals(journal, environment, new Set(["shop"]));
  const stopper = new AbortController();
  const status = createReaderStatus("totals");
  const done = runReader({ reader: totals, journal, environment, status }, stopper.signal);
  return {
    status,
    total: () => totals.of("shop")[0]?.value,
    async stop() {
      stopper.abort();
      await done;
    },
  };
}

suite("live totals", () => {
  test("are exact after a crash at any moment", async () => {
    const node = createFakeNode();
    let last = 0;
    for (const [batches, ms] of [
      [3, 0],
      [2, 4_000],
      [1, 2_000],
      [4, 100],
      [1, 6_000],
    ] as const) {
      await appendBatches(node.journal, "shop", batches, toSamples);
      last += batches;
      // The life before was cut off without a flush.
      const { total, stop } = await startTotals(node);
      await node.advance(ms);
      await appendBatches(node.journal, "shop", 1, toSamples);
      last++;
      await node.settle();
      assert.equal(total(), (last * (last + 1)) / 2);
      await stop();
    }
  });

  test("say so when they cannot be saved, and are exact afterwards", async () => {
    const node = createFakeNode();
    const { status, total, stop } = await startTotals(node);
    node.journal.fail("saveReader");
    for (let i = 0; i < 20; i++) {
      await appendBatches(node.journal, "shop", 1, toSamples);
      await node.advance(1_000);
    }
    assert.equal(status.lastError, "The disk is full; make room.");
    node.journal.mend();
    await node.advance(120_000);
    assert.equal(total(), 210);
    await stop();
  });

  test("that are damaged are counted anew", async () => {
    const node = createFakeNode();
    await appendBatches(node.journal, "shop", 2, toSamples);
    const cursor = node.journal.head();
    await node.journal.saveReader("totals", { cursor, state: Uint8Array.of(9, 9) });
    const { total, stop } = await startTotals(node);
    await node.settle();
    assert.equal(total(), 3);
    assert.match(node.log[0] ?? "", /totals are damaged/);
    await stop();
  });
});
