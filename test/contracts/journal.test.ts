// What every journal does, whatever keeps its rows: writing, retention and what readers keep in it.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { encodeBatch } from "../../src/core/batch-codec.ts";
import { batchBytesMax } from "../../src/core/batch.ts";
import { Permanent, StaleWriter } from "../../src/core/errors.ts";
import {
  appendMany,
  batch,
  batchOfSize,
  bytes,
  everything,
  journalAdapters,
  nextPlace,
  readSequence,
  sequence,
  type JournalAdapter,
} from "./_journal-adapters.ts";

const forever = { ageMs: Number.MAX_SAFE_INTEGER, sizeBytes: Number.MAX_SAFE_INTEGER };
const nothing = { ageMs: 0, sizeBytes: 0 };

for (const adapter of journalAdapters) {
  suite(`journal: ${adapter.name}`, () => {
    defineWriting(adapter);
    defineRetention(adapter);
    defineReaders(adapter);
    if (adapter.isDurable) {
      defineReopening(adapter);
    }
  });
}

function defineWriting({ open }: JournalAdapter): void {
  test("keeps batches in the order in which they were appended", async () => {
    await using journal = open(() => 1);
    const [a, b] = [await journal.claim("a"), await journal.claim("b")];
    await journal.append({ claim: a, batches: [batch("a", 1)], position: undefined });
    await journal.append({ claim: b, batches: [batch("b", 1)], position: undefined });
    await journal.append({ claim: a, batches: [batch("a", 2), batch("a", 3)], position: bytes(7) });
    const { entries, gaps } = await journal.read(journal.start(), everything);
    assert.deepEqual(
      entries.map((entry) => entry.batch),
      [batch("a", 1), batch("b", 1), batch("a", 2), batch("a", 3)],
    );
    assert.deepEqual(gaps, []);
  });

  test("a claim begins at nothing, then at what was committed last", async () => {
    await using journal = open(() => 1);
    const first = await journal.claim("a");
    assert.equal(first.seq, 0);
    assert.equal(first.position, undefined);
    await journal.append({ claim: first, batches: [batch("a", 1)], position: bytes(1, 2) });
    await journal.append({ claim: first, batches: [batch("a", 2)], position: undefined });
    const second = await journal.claim("a");
    assert.deepEqual(second, { source: "a", term: second.term, seq: 2, position: bytes(1, 2) });
    assert.ok(second.term > first.term);
  });

  test("an empty position is not the same as none", async () => {
    await using journal = open(() => 1);
    const claim = await journal.claim("a");
    await journal.append({ claim, batches: [batch("a", 1)], position: bytes() });
    assert.deepEqual((await journal.claim("a")).position, bytes());
  });

  test("a position without batches is kept", async () => {
    await using journal = open(() => 1);
    await appendMany(journal, "a", 2);
    const claim = await journal.claim("a");
    await journal.append({ claim, batches: [], position: bytes(9) });
    assert.deepEqual((await journal.claim("a")).position, bytes(9));
    assert.equal((await journal.claim("a")).seq, 2);
  });

  test("keeps what was given, not what becomes of it", async () => {
    await using journal = open(() => 1);
    const [claim, position] = [await journal.claim("a"), bytes(1)];
    const appended = journal.append({ claim, batches: [batch("a", 1)], position });
    position[0] = 2;
    await appended;
    assert.deepEqual((await journal.claim("a")).position, bytes(1));
  });

  test("leaves out what is committed already, and the position that came with it", async () => {
    await using journal = open(() => 1);
    const claim = await journal.claim("a");
    const [one, two, three] = [batch("a", 1), batch("a", 2), batch("a", 3)];
    await journal.append({ claim, batches: [one], position: bytes(1) });
    await journal.append({ claim, batches: [two], position: bytes(2) });
    await journal.append({ claim, batches: [one], position: bytes(1) });
    assert.deepEqual((await journal.claim("a")).position, bytes(2));
    const again = await journal.claim("a");
    await journal.append({ claim: again, batches: [two, three], position: bytes(3) });
    assert.deepEqual((await journal.claim("a")).position, bytes(3));
    assert.deepEqual(await readSequence(journal), ["a1", "a2", "a3"]);
  });

  test("refuses a writer whose source was claimed since", async () => {
    await using journal = open(() => 1);
    const [stale, other] = [await journal.claim("a"), await journal.claim("b")];
    const current = await journal.claim("a");
    const append = { batches: [batch("a", 1)], position: bytes(1) };
    await assert.rejects(journal.append({ claim: stale, ...append }), StaleWriter);
    await journal.append({ claim: current, ...append });
    await journal.append({ claim: other, batches: [batch("b", 1)], position: undefined });
    await assert.rejects(journal.append({ claim: stale, ...append }), StaleWriter);
    assert.deepEqual(await readSequence(journal), ["a1", "b1"]);
  });

  test("refuses a claim that was never made", async () => {
    await using journal = open(() => 1);
    const claim = { source: "a", term: 1, seq: 0, position: undefined };
    const append = { claim, batches: [batch("a", 1)], position: undefined };
    await assert.rejects(journal.append(append), StaleWriter);
  });

  test("refuses holes, disorder and the batches of others, and keeps nothing of them", async () => {
    await using journal = open(() => 1);
    const claim = await journal.claim("a");
    for (const batches of [
      [batch("a", 2)],
      [batch("a", 0), batch("a", 1)],
      [batch("a", 1), batch("a", 3)],
      [batch("a", 1), batch("a", 1)],
      [batch("a", 2), batch("a", 1)],
      [batch("a", 1), batch("b", 2)],
    ]) {
      await assert.rejects(journal.append({ claim, batches, position: bytes(1) }), Permanent);
    }
    assert.deepEqual(await readSequence(journal), []);
    assert.deepEqual((await journal.claim("a")).position, undefined);
  });

  test("refuses a batch that is too large together with its neighbours", async () => {
    await using journal = open(() => 1);
    const claim = await journal.claim("a");
    const large = batchOfSize("a", 2, batchBytesMax + 1);
    const append = { claim, batches: [batch("a", 1), large], position: bytes(1) };
    await assert.rejects(journal.append(append), { name: "Permanent", message: /Split it/ });
    assert.deepEqual(await readSequence(journal), []);
    const fitting = batchOfSize("a", 1, batchBytesMax);
    await journal.append({ claim, batches: [fitting], position: undefined });
    assert.deepEqual(await readSequence(journal), ["a1"]);
  });

  test("appends that come together succeed and fail each by itself", async () => {
    await using journal = open(() => 1);
    const stale = await journal.claim("a");
    const [a, b] = [await journal.claim("a"), await journal.claim("b")];
    const outcomes = await Promise.allSettled([
      journal.append({ claim: a, batches: [batch("a", 1)], position: bytes(1) }),
      journal.append({ claim: stale, batches: [batch("a", 2)], position: bytes(2) }),
      journal.append({ claim: b, batches: [batch("b", 2)], position: undefined }),
      journal.append({ claim: b, batches: [batchOfSize("b", 1, 600_000)], position: undefined }),
      journal.append({ claim: b, batches: [batch("b", 1)], position: undefined }),
      journal.append({ claim: a, batches: [batch("a", 2)], position: undefined }),
    ]);
    assert.deepEqual(
      outcomes.map((outcome) => outcome.status === "fulfilled" || String(outcome.reason?.name)),
      [true, "StaleWriter", "Permanent", "Permanent", true, true],
    );
    assert.deepEqual(await readSequence(journal), ["a1", "b1", "a2"]);
    assert.deepEqual((await journal.claim("a")).position, bytes(1));
  });
}

function defineRetention({ open }: JournalAdapter): void {
  test("deletes what is too old, and counts it for who has not read it", async () => {
    const clock = { ms: 1000 };
    await using journal = open(() => clock.ms);
    const start = journal.start();
    await appendMany(journal, "a", 3);
    clock.ms = 2000;
    await appendMany(journal, "b", 2);
    clock.ms = 2500;
    assert.equal(await journal.trim({ ...forever, ageMs: 1500 }), 0);
    assert.equal(await journal.trim({ ...forever, ageMs: 1499 }), 3);
    const slice = await journal.read(start, everything);
    assert.deepEqual(sequence(slice), ["b1", "b2"]);
    assert.deepEqual(slice.gaps, [{ reason: "retention", batches: 3 }]);
    assert.deepEqual((await journal.read(journal.start(), everything)).gaps, []);
    assert.deepEqual(journal.lag(start).batches, 2);
  });

  test("deletes the oldest batches until the rest is small enough", async () => {
    await using journal = open(() => 1);
    await appendMany(journal, "a", 9);
    const sizeBytes = encodeBatch(batch("a", 1)).length;
    assert.equal((await journal.status()).sizeBytes, 9 * sizeBytes);
    assert.equal(await journal.trim({ ...forever, sizeBytes: 9 * sizeBytes }), 0);
    assert.equal(await journal.trim({ ...forever, sizeBytes: 4 * sizeBytes - 1 }), 6);
    assert.deepEqual(await readSequence(journal), ["a7", "a8", "a9"]);
    assert.equal((await journal.status()).sizeBytes, 3 * sizeBytes);
  });

  test("deletes any number, in steps", async () => {
    await using journal = open(() => 1);
    const claim = await journal.claim("a");
    const batches = Array.from({ length: 3000 }, (_, index) => batch("a", index + 1));
    await journal.append({ claim, batches, position: undefined });
    assert.equal(await journal.trim({ ...nothing, ageMs: 1e9 }), 3000);
    assert.equal((await journal.status()).batches, 0);
  });

  test("positions, sequence numbers, readers and places outlive what is deleted", async () => {
    const clock = { ms: 1000 };
    await using journal = open(() => clock.ms);
    await appendMany(journal, "a", 3);
    const head = journal.head();
    await journal.saveReader("r", { cursor: head, state: bytes(5) });
    clock.ms = 2000;
    assert.equal(await journal.trim(nothing), 3);
    assert.equal(journal.head(), head);
    assert.equal(journal.start(), head);
    const claim = await journal.claim("a");
    assert.deepEqual([claim.seq, claim.position], [3, bytes(3)]);
    await journal.append({ claim, batches: [batch("a", 4)], position: undefined });
    const slice = await journal.read(head, everything);
    assert.deepEqual(sequence(slice), ["a4"]);
    assert.deepEqual(slice.gaps, []);
    assert.deepEqual(await journal.loadReader("r"), { cursor: head, state: bytes(5) });
  });

  test("says what it holds", async () => {
    const clock = { ms: 1000 };
    await using journal = open(() => clock.ms);
    const cursor = journal.start();
    await journal.saveReader("slow", { cursor, state: undefined });
    const { epoch } = journal;
    assert.deepEqual(await journal.status(), {
      epoch,
      head: cursor,
      batches: 0,
      sizeBytes: 0,
      oldestAt: undefined,
      newestAt: undefined,
      sources: [],
      readers: [{ name: "slow", lag: { batches: 0, ms: 0 } }],
    });
    await appendMany(journal, "b", 2);
    clock.ms = 1200;
    await appendMany(journal, "a", 1);
    assert.deepEqual(await journal.status(), {
      epoch,
      head: journal.head(),
      batches: 3,
      sizeBytes: 3 * encodeBatch(batch("a", 1)).length,
      oldestAt: 1000,
      newestAt: 1200,
      sources: [
        { source: "a", seq: 1 },
        { source: "b", seq: 2 },
      ],
      readers: [{ name: "slow", lag: { batches: 3, ms: 200 } }],
    });
  });
}

function defineReaders({ open }: JournalAdapter): void {
  test("keeps a reader's cursor and state together, by name", async () => {
    await using journal = open(() => 1);
    assert.equal(await journal.loadReader("graylog"), undefined);
    const start = journal.start();
    await appendMany(journal, "a", 1);
    await journal.saveReader("graylog", { cursor: start, state: bytes(1) });
    await journal.saveReader("prtg", { cursor: journal.head(), state: undefined });
    await journal.saveReader("graylog", { cursor: journal.head(), state: bytes(2) });
    assert.deepEqual(await journal.loadReader("graylog"), {
      cursor: journal.head(),
      state: bytes(2),
    });
    assert.deepEqual(await journal.loadReader("prtg"), {
      cursor: journal.head(),
      state: undefined,
    });
    await journal.deleteReader("graylog");
    await journal.deleteReader("graylog");
    assert.equal(await journal.loadReader("graylog"), undefined);
    assert.deepEqual(
      (await journal.status()).readers.map(({ name }) => name),
      ["prtg"],
    );
  });
}

function defineReopening({ open }: JournalAdapter): void {
  test("everything is there when it is opened again", async () => {
    const place = nextPlace();
    const clock = { ms: 1000 };
    const before = open(() => clock.ms, place);
    await appendMany(before, "a", 4);
    await before.trim({ ...forever, sizeBytes: 2 * encodeBatch(batch("a", 1)).length });
    await before.saveReader("r", { cursor: before.start(), state: bytes(1, 2, 3) });
    const status = await before.status();
    await before[Symbol.asyncDispose]();
    await using journal = open(() => clock.ms, place);
    assert.deepEqual(await journal.status(), status);
    assert.deepEqual(await readSequence(journal), ["a3", "a4"]);
    assert.deepEqual(await journal.loadReader("r"), {
      cursor: journal.start(),
      state: bytes(1, 2, 3),
    });
    await appendMany(journal, "a", 1);
    assert.deepEqual(await readSequence(journal), ["a3", "a4", "a5"]);
  });

  test("numbers go on after everything was deleted and it is opened again", async () => {
    const place = nextPlace();
    const clock = { ms: 1000 };
    const before = open(() => clock.ms, place);
    await appendMany(before, "a", 3);
    const head = before.head();
    clock.ms = 2000;
    await before.trim(nothing);
    await before[Symbol.asyncDispose]();
    await using journal = open(() => clock.ms, place);
    assert.equal(journal.head(), head);
    await appendMany(journal, "a", 1);
    assert.deepEqual(sequence(await journal.read(head, everything)), ["a4"]);
  });

  test("a claim made before it was opened again is stale once there is a new one", async () => {
    const place = nextPlace();
    const before = open(() => 1, place);
    const old = await before.claim("a");
    await before[Symbol.asyncDispose]();
    await using journal = open(() => 1, place);
    const claim = await journal.claim("a");
    const append = { batches: [batch("a", 1)], position: undefined };
    await assert.rejects(journal.append({ claim: old, ...append }), StaleWriter);
    await journal.append({ claim, ...append });
  });
}
