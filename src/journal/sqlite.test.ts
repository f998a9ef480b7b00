import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { DatabaseSync } from "node:sqlite";
import type { Batch } from "../core/batch.ts";
import { StaleWriter } from "../core/errors.ts";
import { JournalUnavailable, type Journal, type Slice } from "./journal.ts";
import { openSqliteJournal } from "./sqlite.ts";

const folder = mkdtempSync(join(tmpdir(), "watchpost-sqlite-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

const now = (): number => 1000;
const everything = { batchesMax: 1000, bytesMax: 1e9 };

suite("the SQLite journal", () => {
  test("leaves out a batch that was changed on disk, names and counts it, serves the rest", async () => {
    const file = nextFile();
    await using journal = openSqliteJournal({ file, now });
    await appendMany(journal, "shop", 6);
    runSql(file, "UPDATE batch SET encoded = x'00', crc = 0 WHERE number = 2");
    runSql(file, "UPDATE batch SET encoded = substr(encoded, 2) WHERE number = 4");
    runSql(file, "DELETE FROM batch WHERE number = 5");
    const slice = await journal.read(journal.start(), everything);
    assert.deepEqual(seqs(slice), [1, 3, 6]);
    assert.equal(slice.next, journal.head());
    const [gap] = slice.gaps;
    assert.equal(slice.gaps.length, 1);
    assert.deepEqual([gap?.reason, gap?.batches], ["corrupt", 3]);
    assert.match(
      gap?.detail ?? "",
      /^batch 2: .*"shop", number 2.*; batch 4: .*; batch 5: .*missing$/,
    );
  });

  test("leaves out the batches on a damaged page, whoever reads, and serves the rest", async () => {
    const file = nextFile();
    {
      await using journal = openSqliteJournal({ file, now });
      const claim = await journal.claim("shop");
      for (let seq = 1; seq <= 60; seq++) {
        const events = [{ at: 0, name: "note", labels: {}, text: "x".repeat(3_000) }];
        const batches = [{ ...batch("shop", seq), events }];
        await journal.append({ claim, batches, position: undefined });
      }
    }
    const pageBytes = 4096;
    writeFileSync(file, readFileSync(file).fill(0xff, 20 * pageBytes, 26 * pageBytes));
    for (const readOnly of [false, true]) {
      await using journal = openSqliteJournal({ file, now, readOnly });
      const { entries, gaps, next } = await journal.read(journal.start(), everything);
      const missed = gaps[0]?.batches ?? 0;
      assert.ok(missed > 0 && missed < 10, String(missed));
      assert.equal(entries.length, 60 - missed);
      assert.equal(next, journal.head());
      assert.match(gaps[0]?.detail ?? "", /page in the file is damaged/);
    }
  });

  test("names five batches at most", async () => {
    const file = nextFile();
    await using journal = openSqliteJournal({ file, now });
    await appendMany(journal, "shop", 9);
    runSql(file, "UPDATE batch SET crc = crc + 1");
    const { entries, gaps, next } = await journal.read(journal.start(), everything);
    assert.deepEqual([entries, gaps[0]?.batches, next], [[], 9, journal.head()]);
    assert.match(gaps[0]?.detail ?? "", /; and 4 more$/);
  });

  test("takes a cursor from past its head for one of a newer copy", async () => {
    const [file, copy] = [nextFile(), nextFile()];
    const before = openSqliteJournal({ file, now });
    await appendMany(before, "shop", 2);
    await before[Symbol.asyncDispose]();
    copyFileSync(file, copy);
    const further = openSqliteJournal({ file, now });
    await appendMany(further, "shop", 3);
    const cursor = further.head();
    await further[Symbol.asyncDispose]();
    await using restored = openSqliteJournal({ file: copy, now });
    const slice = await restored.read(cursor, everything);
    assert.deepEqual(seqs(slice), [1, 2]);
    assert.deepEqual(slice.gaps, [{ reason: "beyond", batches: undefined }]);
    assert.equal(restored.lag(cursor).batches, 2);
  });

  test("a transaction that fails changes nothing and rejects the whole group", async () => {
    const file = nextFile();
    await using journal = openSqliteJournal({ file, now });
    const [shop, api] = [await journal.claim("shop"), await journal.claim("api")];
    const appends = [
      { claim: api, batches: [batch("api", 1)], position: Uint8Array.of(1) },
      { claim: shop, batches: [batch("shop", 1)], position: Uint8Array.of(1) },
      { claim: shop, batches: [batch("shop", 5)], position: undefined },
    ];
    runSql(
      file,
      `CREATE TRIGGER fail BEFORE INSERT ON batch WHEN new.source = 'shop'
       BEGIN SELECT RAISE(ABORT, 'not now'); END`,
    );
    const outcomes = await Promise.allSettled(appends.map((each) => journal.append(each)));
    for (const outcome of outcomes) {
      assert.ok(outcome.status === "rejected" && outcome.reason instanceof JournalUnavailable);
      assert.match(outcome.reason.message, /Nothing was changed/);
      assert.match(String(outcome.reason.cause), /not now/);
    }
    assert.equal(journal.head(), journal.start());
    assert.equal((await journal.claim("api")).position, undefined);
    runSql(file, "DROP TRIGGER fail");
    await appendMany(journal, "shop", 2);
    assert.deepEqual(seqs(await journal.read(journal.start(), everything)), [1, 2]);
  });

  test("two that are open at once see each other, and claims hold between them", async () => {
    const file = nextFile();
    await using one = openSqliteJournal({ file, now });
    await using other = openSqliteJournal({ file, now });
    assert.equal(one.epoch, other.epoch);
    const old = await one.claim("shop");
    await appendMany(other, "shop", 2);
    const append = { claim: old, batches: [batch("shop", 3)], position: undefined };
    await assert.rejects(one.append(append), StaleWriter);
    await appendMany(one, "shop", 1);
    assert.deepEqual(seqs(await other.read(other.start(), everything)), [1, 2, 3]);
  });

  test("one that is open for reading follows the one that writes, and changes nothing", async () => {
    const file = nextFile();
    await using writer = openSqliteJournal({ file, now });
    await using reader = openSqliteJournal({ file, now, readOnly: true });
    const changed = reader.changed(reader.head(), new AbortController().signal);
    await appendMany(writer, "shop", 2);
    await changed;
    assert.deepEqual(await reader.status(), await writer.status());
    assert.deepEqual(seqs(await reader.read(reader.start(), everything)), [1, 2]);
    const state = { cursor: reader.head(), state: undefined };
    for (const refused of [
      reader.claim("shop"),
      reader.saveReader("r", state),
      reader.trim({ ageMs: -1, sizeBytes: 0 }),
    ]) {
      await assert.rejects(refused, { name: "JournalUnavailable", message: /for reading only/ });
    }
  });

  test("one that is open for reading takes what is trimmed meanwhile for what it was", async () => {
    const file = nextFile();
    await using writer = openSqliteJournal({ file, now });
    await appendMany(writer, "shop", 4);
    await using reader = openSqliteJournal({ file, now, readOnly: true });
    const start = reader.start();
    const limits = {
      bytesMax: everything.bytesMax,
      /** Asked for once it is known what there is, and before any of it is read. */
      get batchesMax(): number {
        runSql(file, "DELETE FROM batch WHERE number <= 2; UPDATE journal SET trimmed_number = 2");
        return everything.batchesMax;
      },
    };
    const before = await reader.read(start, limits);
    assert.deepEqual([seqs(before), before.gaps], [[1, 2, 3, 4], []]);
    const later = await reader.read(start, everything);
    assert.deepEqual([seqs(later), later.gaps], [[3, 4], [{ reason: "retention", batches: 2 }]]);
  });

  test("readers of the same batches share what was decoded", async () => {
    await using journal = openSqliteJournal({ file: nextFile(), now });
    await appendMany(journal, "shop", 2);
    const first = await journal.read(journal.start(), everything);
    const second = await journal.read(journal.start(), everything);
    assert.equal(first.entries[1]?.batch, second.entries[1]?.batch);
  });

  test("gives the room of trimmed batches back", async () => {
    const file = nextFile();
    await using journal = openSqliteJournal({ file, now });
    const claim = await journal.claim("shop");
    const text = "x".repeat(50_000);
    for (let seq = 1; seq <= 100; seq++) {
      const events = [{ at: 0, name: "note", labels: {}, text }];
      const batches = [{ ...batch("shop", seq), events }];
      await journal.append({ claim, batches, position: undefined });
    }
    const pages = pagesOf(file);
    await journal.trim({ ageMs: 1e9, sizeBytes: 200_000 });
    assert.ok(pagesOf(file) < pages / 2);
  });
});

suite("a SQLite journal that cannot be opened says what to do", () => {
  test("no folder", () => {
    refuses(join(folder, "gone", "journal.db"), "JOURNAL_UNAVAILABLE", /folder exists/);
  });

  test("nothing to look into", () => {
    refuses(nextFile(), "JOURNAL_UNAVAILABLE", /folder exists/, true);
    const file = nextFile();
    writeFileSync(file, "");
    refuses(file, "JOURNAL_UNAVAILABLE", /nothing was ever written/, true);
  });

  test("another kind of file", () => {
    const file = nextFile();
    writeFileSync(file, "This is not what a database looks like.\n".repeat(200));
    refuses(file, "JOURNAL_CORRUPT", /damaged: move it away/);
  });

  test("a newer format", async () => {
    const file = nextFile();
    await openSqliteJournal({ file, now })[Symbol.asyncDispose]();
    runSql(file, "PRAGMA user_version = 9");
    refuses(file, "JOURNAL_UNAVAILABLE", /format 9.*reads format 1/);
  });
});

function refuses(file: string, code: string, message: RegExp, readOnly = false): void {
  assert.throws(() => openSqliteJournal({ file, now, readOnly }), {
    name: "UserError",
    code,
    message,
  });
}

function nextFile(): string {
  return join(folder, `${files++}.db`);
}

function runSql(file: string, sql: string): void {
  const database = new DatabaseSync(file);
  database.exec(sql);
  database.close();
}

function pagesOf(file: string): number {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare("PRAGMA page_count").get();
  database.close();
  return Number(row?.["page_count"]);
}

async function appendMany(journal: Journal, source: string, times: number): Promise<void> {
  const claim = await journal.claim(source);
  for (let seq = claim.seq + 1; seq <= claim.seq + times; seq++) {
    await journal.append({ claim, batches: [batch(source, seq)], position: undefined });
  }
}

function seqs({ entries }: Slice): readonly number[] {
  return entries.map((entry) => entry.batch.seq);
}

function batch(source: string, seq: number): Batch {
  const marks = { more: false, partial: false, backfill: false };
  return { source, service: "", seq, from: 0, to: 1, samples: [], tops: [], events: [], ...marks };
}
