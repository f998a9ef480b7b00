// What only a history with a file owes: it outlives its process, a full disk and damage.
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { suite, test } from "node:test";
import { count, gauge } from "../../src/core/sample.ts";
import type { History } from "../../src/history/history.ts";
import { openSqliteHistory } from "../../src/history/sqlite.ts";
import {
  batch,
  day,
  hour,
  levels,
  minute,
  nextPlace,
  second,
  slice,
  values,
} from "./_history-adapters.ts";

const start = Date.UTC(2026, 0, 5, 8);

suite("history in a file", () => {
  test("commits what was consumed when it is closed, and reads on from there", async () => {
    const file = nextPlace();
    const one = slice(batch({ seq: 1, to: start }, count("hits", 1)));
    {
      await using history = openSqliteHistory({ file, levels, now: () => start });
      assert.equal(history.next, undefined);
      await history.consume(one);
      assert.equal(history.cursor, undefined);
      assert.equal(history.next, one.next);
    }
    await using history = openSqliteHistory({ file, levels, now: () => start });
    assert.equal(history.cursor, one.next);
    await history.consume(one);
    assert.equal(await sum(history, "hits"), 1);
  });

  test("the cursor stays before the oldest sample that is in memory", async () => {
    let now = start;
    const file = nextPlace();
    await using history = openSqliteHistory({ file, levels, now: () => now });
    const places: string[] = [];
    for (let each = 0; each < 200; each++) {
      now += 10 * second;
      const samples = Array.from({ length: 200 }, (_, id) => gauge("load", id, { id: `${id}` }));
      const one = slice(batch({ seq: each + 1, to: now }, ...samples));
      places.push(one.next);
      await history.consume(one);
    }
    const committed = places.indexOf(history.cursor ?? "");
    assert.ok(committed > 0, "nothing was committed");
    assert.ok(committed >= places.length - 92, "the cursor is more than 15 minutes behind");
    assert.ok(committed < places.length - 1);
    assert.ok((await history.status()).pointsInMemory < 200 * 92);
  });

  test("a slice that cannot be committed for is not taken, and can be given again", async () => {
    let now = start;
    const file = nextPlace();
    await using history = openSqliteHistory({ file, levels, now: () => now });
    await history.consume(slice(batch({ seq: 1, to: start }, count("hits", 1))));
    using disk = new DatabaseSync(file);
    disk.exec("CREATE TRIGGER full BEFORE INSERT ON chunk BEGIN SELECT RAISE(ABORT, 'full'); END");
    now += 20 * minute;
    const next = slice(batch({ seq: 2, to: start + minute }, count("hits", 10)));
    await assert.rejects(history.consume(next), { name: "HistoryUnavailable" });
    assert.equal(await sum(history, "hits"), 1);
    disk.exec("DROP TRIGGER full");
    await history.consume(next);
    await history.flush();
    assert.equal(await sum(history, "hits"), 11);
    assert.equal(history.cursor, next.next);
  });

  test("a damaged chunk is named and left out; the rest is served", async () => {
    const file = nextPlace();
    await using history = openSqliteHistory({ file, levels, now: () => start + hour });
    const samples = ["a", "b"].map((group) => count("hits", 1, { group }));
    await history.consume(slice(batch({ seq: 1, to: start }, ...samples)));
    await history.flush();
    using disk = new DatabaseSync(file);
    disk.exec(
      "UPDATE chunk SET encoded = zeroblob(9) WHERE series = (SELECT min(series) FROM chunk)",
    );
    assert.equal(await sum(history, "hits"), 1);
    assert.equal(await sum(history, "hits"), 1);
    const { damagedChunks, damage } = await history.status();
    assert.equal(damagedChunks, 1);
    assert.match(damage[0] ?? "", /^hits\{.*group="a".*2026-01-05T07:59:50.*checksum/);
  });

  test("keeps series apart, and their limits, over a restart", async () => {
    const file = nextPlace();
    const open = (): History => openSqliteHistory({ file, levels, now: () => start, seriesMax: 2 });
    {
      await using history = open();
      const samples = ["a", "b"].map((id) => count("hits", 1, { id }));
      await history.consume(slice(batch({ seq: 1, to: start }, ...samples)));
    }
    await using history = open();
    const samples = ["b", "c"].map((id) => count("hits", 1, { id }));
    await history.consume(slice(batch({ seq: 2, to: start }, ...samples)));
    const { series, seriesRefused } = await history.status();
    assert.deepEqual([series, seriesRefused], [2, 1]);
    assert.equal(await sum(history, "hits"), 3);
  });

  test("gives the room of what retention deletes back, and forgets series without points", async () => {
    let now = start;
    const file = nextPlace();
    const short = [
      { stepMs: 10 * second, ageMs: hour },
      { stepMs: hour, ageMs: day },
    ];
    await using history = openSqliteHistory({ file, levels: short, now: () => now });
    for (let each = 0; each < 40; each++) {
      now += 10 * second;
      const samples = Array.from({ length: 3000 }, (_, id) =>
        gauge("load", Math.sin(each * id), { id: `${id}` }),
      );
      await history.consume(slice(batch({ seq: each + 1, to: now }, ...samples)));
    }
    await history.flush();
    const before = await history.status();
    now += 6 * hour;
    assert.ok((await history.trim()) > 0);
    const after = await history.status();
    assert.equal(after.series, 3000);
    assert.ok(after.sizeBytes < before.sizeBytes / 1.5, "the file did not shrink");
    now += 2 * day;
    await history.trim();
    const { series, chunks } = await history.status();
    assert.deepEqual([series, chunks], [0, 0]);
  });

  test("a query that reads too much is stopped", async () => {
    const file = nextPlace();
    await using history = openSqliteHistory({ file, levels, now: () => start, workMax: 50 });
    const samples = Array.from({ length: 51 }, (_, id) => gauge("load", 1, { id: `${id}` }));
    await history.consume(slice(batch({ seq: 1, to: start }, ...samples)));
    await assert.rejects(sum(history, "load"), { code: "QUERY_TOO_LARGE" });
  });

  test("a file of a newer program is refused with a word on what to do", () => {
    const file = nextPlace();
    using newer = new DatabaseSync(file);
    newer.exec("PRAGMA user_version = 9");
    assert.throws(() => openSqliteHistory({ file, levels, now: () => start }), /format 9.*reads/);
  });

  test("a file of an earlier format, or of another program, is refused with the reason", () => {
    const file = nextPlace();
    using older = new DatabaseSync(file);
    older.exec("PRAGMA user_version = 1");
    assert.throws(() => openSqliteHistory({ file, levels, now: () => start }), /format 1.*earlier/);
    older.exec("CREATE TABLE history (something); PRAGMA user_version = 2");
    assert.throws(
      () => openSqliteHistory({ file, levels, now: () => start }),
      /could not be opened: .*no such (column|table).*\. Another version/,
    );
    const missing = `${file}/missing/history.db`;
    assert.throws(
      () => openSqliteHistory({ file: missing, levels, now: () => start }),
      /could not be opened: unable to open database file.*Check its disk/,
    );
  });

  test("a closed one says so", async () => {
    const history = openSqliteHistory({ file: nextPlace(), levels, now: () => start });
    await history[Symbol.asyncDispose]();
    await history[Symbol.asyncDispose]();
    await assert.rejects(history.status(), { code: "HISTORY_UNAVAILABLE" });
    await assert.rejects(history.consume(slice()), { code: "HISTORY_UNAVAILABLE" });
  });
});

async function sum(history: History, metric: string): Promise<number> {
  const range = { from: start - hour, to: start + hour };
  const answer = await history.queryInstant({ metric, ...range, aggregate: "sum" });
  return values(answer)[0]?.[1] ?? 0;
}
