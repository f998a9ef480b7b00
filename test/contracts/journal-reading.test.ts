// What every journal does, whatever keeps its rows: reading, and waiting for something to read.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeBatch } from "../../src/core/batch-codec.ts";
import { JournalUnavailable } from "../../src/journal/journal.ts";
import {
  appendMany,
  batch,
  everything,
  foreign,
  journalAdapters,
  sequence,
  type JournalAdapter,
} from "./_journal-adapters.ts";

const never = new AbortController().signal;

for (const adapter of journalAdapters) {
  suite(`journal, reading: ${adapter.name}`, () => {
    defineReading(adapter);
    defineWaiting(adapter);
  });
}

function defineReading({ open }: JournalAdapter): void {
  test("reads at most as many batches as asked for, and goes on behind them", async () => {
    await using journal = open(() => 1);
    await appendMany(journal, "a", 10);
    const first = await journal.read(journal.start(), { batchesMax: 4, bytesMax: 1e9 });
    assert.deepEqual(sequence(first), ["a1", "a2", "a3", "a4"]);
    assert.equal(first.next, first.entries.at(-1)?.next);
    const second = await journal.read(first.next, { batchesMax: 100, bytesMax: 1e9 });
    assert.deepEqual(sequence(second), ["a5", "a6", "a7", "a8", "a9", "a10"]);
    assert.equal(second.next, journal.head());
  });

  test("a slice stays within its bytes, but holds one batch", async () => {
    await using journal = open(() => 1);
    await appendMany(journal, "a", 5);
    const sizeBytes = encodeBatch(batch("a", 1)).length;
    const two = await journal.read(journal.start(), { batchesMax: 9, bytesMax: 3 * sizeBytes - 1 });
    assert.deepEqual(sequence(two), ["a1", "a2"]);
    const one = await journal.read(two.next, { batchesMax: 9, bytesMax: 1 });
    assert.deepEqual(sequence(one), ["a3"]);
  });

  test("reading at the head gives the cursor back", async () => {
    await using journal = open(() => 1);
    assert.equal((await journal.read(journal.head(), everything)).next, journal.head());
    await appendMany(journal, "a", 3);
    const slice = await journal.read(journal.head(), everything);
    assert.deepEqual(slice, { entries: [], next: journal.head(), gaps: [] });
  });

  test("every entry's cursor leads to the next entry", async () => {
    await using journal = open(() => 1);
    await appendMany(journal, "a", 4);
    const { entries } = await journal.read(journal.start(), everything);
    for (const [index, { next }] of entries.entries()) {
      const rest = await journal.read(next, everything);
      assert.deepEqual(rest.entries, entries.slice(index + 1));
    }
  });

  test("a cursor of another journal leads to the oldest batch, with a gap", async () => {
    await using journal = open(() => 1);
    await using other = open(() => 1);
    assert.notEqual(journal.epoch, other.epoch);
    await appendMany(journal, "a", 2);
    for (const cursor of [other.head(), foreign(""), foreign("42"), foreign(`${journal.epoch}:`)]) {
      const slice = await journal.read(cursor, everything);
      assert.deepEqual(sequence(slice), ["a1", "a2"]);
      assert.deepEqual(slice.gaps, [{ reason: "epoch", batches: undefined }]);
    }
    const slice = await other.read(journal.head(), everything);
    assert.deepEqual(await other.read(slice.next, everything), {
      entries: [],
      next: other.head(),
      gaps: [],
    });
  });

  test("finds the first batch that was appended at or after an instant", async () => {
    const clock = { ms: 0 };
    await using journal = open(() => clock.ms);
    const claim = await journal.claim("a");
    for (const [index, at] of [100, 200, 200, 150, 300].entries()) {
      clock.ms = at;
      await journal.append({ claim, batches: [batch("a", index + 1)], position: undefined });
    }
    const from = async (at: number): Promise<readonly string[]> =>
      sequence(await journal.read(await journal.seek(at), everything));
    assert.deepEqual(await from(0), ["a1", "a2", "a3", "a4", "a5"]);
    assert.deepEqual(await from(100), ["a1", "a2", "a3", "a4", "a5"]);
    assert.deepEqual(await from(101), ["a2", "a3", "a4", "a5"]);
    // The clock stepped back at the fourth; its place is still behind the third.
    assert.deepEqual(await from(200), ["a2", "a3", "a4", "a5"]);
    assert.deepEqual(await from(201), ["a5"]);
    assert.equal(await journal.seek(301), journal.head());
  });

  test("tells how far a cursor is behind", async () => {
    const clock = { ms: 1000 };
    await using journal = open(() => clock.ms);
    const start = journal.start();
    assert.deepEqual(journal.lag(start), { batches: 0, ms: 0 });
    await appendMany(journal, "a", 2);
    clock.ms = 1500;
    await appendMany(journal, "b", 1);
    clock.ms = 1750;
    assert.deepEqual(journal.lag(start), { batches: 3, ms: 750 });
    const { entries } = await journal.read(start, everything);
    assert.deepEqual(journal.lag(entries[1]?.next ?? start), { batches: 1, ms: 250 });
    assert.deepEqual(journal.lag(journal.head()), { batches: 0, ms: 0 });
    assert.deepEqual(journal.lag(foreign("elsewhere:9")), { batches: 3, ms: 750 });
    clock.ms = 10;
    assert.deepEqual(journal.lag(start), { batches: 3, ms: 0 });
  });
}

function defineWaiting({ open }: JournalAdapter): void {
  test("wakes who waits at the head when something is appended", async () => {
    await using journal = open(() => 1);
    const waiting = [
      journal.changed(journal.head(), never),
      journal.changed(journal.head(), never),
    ];
    await appendMany(journal, "a", 1);
    await Promise.all(waiting);
    await journal.changed(journal.start(), never);
    await journal.changed(foreign("elsewhere:1"), never);
  });

  test("a wait ends with the signal's reason", async () => {
    await using journal = open(() => 1);
    const controller = new AbortController();
    const waiting = journal.changed(journal.head(), controller.signal);
    controller.abort(new Error("enough"));
    await assert.rejects(waiting, { message: "enough" });
    await assert.rejects(journal.changed(journal.head(), controller.signal), { message: "enough" });
  });

  test("closing finishes what was asked for and ends every wait", async () => {
    const journal = open(() => 1);
    const claim = await journal.claim("a");
    const waiting = assert.rejects(journal.changed(journal.head(), never), JournalUnavailable);
    const append = { claim, batches: [batch("a", 1)], position: undefined };
    const appended = journal.append(append);
    await journal[Symbol.asyncDispose]();
    await appended;
    await journal[Symbol.asyncDispose]();
    await waiting;
    await assert.rejects(journal.append(append), JournalUnavailable);
    await assert.rejects(journal.status(), JournalUnavailable);
  });
}
