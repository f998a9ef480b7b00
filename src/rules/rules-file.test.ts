// What the rules keep in their file: across restarts, changes of the configuration and failed commits.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, suite, test } from "node:test";
import type { Batch } from "../core/batch.ts";
import { count, gauge } from "../core/sample.ts";
import type { Incident } from "./incident.ts";
import { clearedIncidentsMax } from "./incident-store.ts";
import { openRules, type RulesOptions } from "./rules.ts";
import {
  batchAt,
  cursorAt,
  parseRules,
  type RuleInput,
  sliceOf,
  spans,
  tickAt,
} from "./story.test.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "watchpost-rules-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Sitting {
  readonly rules: Readonly<Record<string, RuleInput>>;
  readonly batches?: readonly Batch[];
  readonly serviceOf?: NonNullable<RulesOptions["serviceOf"]>;
}

/** Opens the file, gives the batches, closes it; the incidents are oldest first. */
async function sit({ rules, batches = [], serviceOf }: Sitting): Promise<readonly Incident[]> {
  const file = path.join(folder, "incidents.db");
  const parsed = { rules: parseRules(rules), file };
  await using opened = await openRules(serviceOf === undefined ? parsed : { ...parsed, serviceOf });
  const first = Number(opened.cursor?.split(":")[1] ?? 0);
  await opened.consume(sliceOf(batches, first));
  return opened.incidents({ state: "all", limit: 100 }).toReversed();
}

const queue = { metric: "queue", above: 5 };
const queues = (from: number, ...values: number[]): Batch[] =>
  values.map((value, index) => batchAt((from + index) * 1000, [gauge("queue", value)]));
const hits = (from: number, ...values: number[]): Batch[] =>
  values.map((value, index) => batchAt((from + index) * 1000, [count("hits", value)]));

function serviceOfOther(source: string): string | undefined {
  return source === "other" ? "" : undefined;
}

suite("a restart", () => {
  test("keeps cursor, windows, open incidents and waiting conditions", async () => {
    const rules = {
      queue,
      sum: { metric: "hits", over: "3s", above: 6 },
      wait: { ...queue, for: "3s" },
    };
    const other = hits(1, 2, 2, 2).map((batch) => ({ ...batch, source: "other" }));
    await sit({ rules, batches: [...queues(1, 9), ...other.slice(0, 2)] });
    const batches = [...queues(2, 9, 9, 9), ...other.slice(2)];
    const incidents = await sit({ rules, batches });
    const times = incidents.map(({ rule, openedAt }) => `${rule} ${openedAt}`);
    assert.deepEqual(times.toSorted(), ["queue 1000", "sum 3000", "wait 4000"]);
  });

  test("a condition that a tick made fire waits no longer", async () => {
    const rules = { wait: { ...queue, for: "2s" } };
    await sit({ rules, batches: [tickAt(1000), ...queues(1, 9)] });
    assert.deepEqual(spans(await sit({ rules, batches: [tickAt(2000), tickAt(3000)] })), ["3-"]);
    assert.deepEqual(spans(await sit({ rules, batches: [tickAt(4000)] })), ["3-"]);
  });

  test("an empty slice at the cursor commits nothing", async () => {
    await using rules = await openRules({ rules: parseRules({ queue }), file: ":memory:" });
    assert.equal(rules.cursor, undefined);
    await rules.consume(sliceOf(queues(1, 9)));
    assert.equal(rules.cursor, cursorAt(1));
    assert.deepEqual(await rules.consume({ entries: [], next: cursorAt(1), gaps: [] }), []);
  });
});

suite("a rule that", () => {
  test("got another threshold keeps its incident and judges it anew", async () => {
    await sit({ rules: { queue }, batches: queues(1, 9) });
    const lower = { queue: { ...queue, above: 10 } };
    assert.deepEqual(spans(await sit({ rules: lower })), ["1-"]);
    assert.deepEqual(spans(await sit({ rules: lower, batches: queues(2, 9) })), ["1-2"]);
  });

  test("got another window forgets what it collected", async () => {
    const rule = { metric: "hits", over: "3s", above: 6 };
    await sit({ rules: { rule }, batches: hits(1, 3, 2) });
    assert.deepEqual(
      spans(await sit({ rules: { rule: { ...rule, over: "4s" } }, batches: hits(3, 3) })),
      [],
    );
    assert.deepEqual(
      spans(await sit({ rules: { rule: { ...rule, over: "4s" } }, batches: hits(4, 3) })),
      ["4-"],
    );
  });

  test("got another window does not take what it has not seen for nothing", async () => {
    const rule = { metric: "hits", over: "2s", above: 6 };
    await sit({ rules: { rule }, batches: hits(1, 6) });
    const longer = { rule: { ...rule, over: "4s" } };
    assert.deepEqual(spans(await sit({ rules: longer, batches: hits(2, 1, 1) })), ["1-"]);
    assert.deepEqual(spans(await sit({ rules: longer, batches: hits(4, 1, 1) })), ["1-5"]);
  });

  test("got another summary goes on as before", async () => {
    const rule = { metric: "hits", over: "3s", above: 6 };
    await sit({ rules: { rule }, batches: hits(1, 3) });
    const worded = { rule: { ...rule, summary: "{service} has {value}, not {threshold}" } };
    const [incident] = await sit({ rules: worded, batches: hits(2, 4) });
    assert.equal(incident?.summary, "shop has 7, not 6");
  });

  test("is about something else now clears its incident", async () => {
    await sit({ rules: { queue }, batches: [tickAt(4000), ...queues(1, 9)] });
    const [incident] = await sit({ rules: { queue: { ...queue, by: ["server"] } } });
    assert.partialDeepStrictEqual(incident, { clearedAt: 4000, clearReason: "rule_changed" });
  });

  test("judges a factor or a share now clears its incident: the values do not compare", async () => {
    const rule = { metric: "hits", over: "2s", above: 6 };
    for (const now of [{ baseline: "4s" }, { of: { metric: "all" } }]) {
      await sit({ rules: { rule }, batches: [tickAt(4000), ...hits(1, 9)] });
      const [incident] = await sit({ rules: { rule: { ...rule, ...now } } });
      assert.equal(incident?.clearReason, "rule_changed");
      assert.equal((await sit({ rules: {} })).length, 1);
      rmSync(path.join(folder, "incidents.db"));
    }
  });

  test("is gone clears its incident, and is told so", async () => {
    await sit({ rules: { queue }, batches: queues(1, 9) });
    const file = path.join(folder, "incidents.db");
    {
      await using rules = await openRules({ rules: {}, file });
      const [incident] = rules.settled;
      assert.partialDeepStrictEqual(incident, { clearedAt: 1000, clearReason: "rule_removed" });
      assert.ok(incident);
      assert.deepEqual(rules.incident(incident.id), incident);
    }
    await using again = await openRules({ rules: {}, file });
    assert.deepEqual(again.settled, []);
  });

  test("lost its source clears its incident; another source's stays", async () => {
    const other = queues(1, 9).map((batch) => ({ ...batch, source: "other" }));
    await sit({ rules: { queue }, batches: [...queues(1, 9), ...other] });
    const [first, second] = await sit({ rules: { queue }, serviceOf: serviceOfOther });
    assert.ok(first && second);
    const [gone, kept] = first.source === "shop" ? [first, second] : [second, first];
    assert.equal(gone.clearReason, "source_removed");
    assert.equal(kept.clearedAt, undefined);
  });

  test("lost its service's source clears its incident", async () => {
    const rules = { queue: { ...queue, service: "x" } };
    const batches = queues(1, 9).map((batch) => ({ ...batch, service: "x" }));
    await sit({ rules, batches });
    const [incident] = await sit({ rules, serviceOf: () => "y" });
    assert.equal(incident?.clearReason, "rule_changed");
  });
});

suite("the file", () => {
  test("a failed commit changes nothing, and the slice may be given again", async () => {
    const file = path.join(folder, "incidents.db");
    const rules = parseRules({ sum: { metric: "hits", over: "9s", above: 6 } });
    await using opened = await openRules({ rules, file });
    await opened.consume(sliceOf(hits(1, 3)));
    using other = new DatabaseSync(file);
    other.exec("CREATE TRIGGER full BEFORE INSERT ON slots BEGIN SELECT RAISE(ABORT, 'full'); END");
    const slice = sliceOf(hits(2, 2), 1);
    await assert.rejects(opened.consume(slice), /full/);
    assert.equal(opened.cursor, cursorAt(1));
    other.exec("DROP TRIGGER full");
    assert.deepEqual(await opened.consume(slice), []);
    const [incident] = await opened.consume(sliceOf(hits(3, 1), 2));
    assert.equal(incident?.value, 6);
  });

  test("a damaged window begins anew", async () => {
    const rules = { sum: { metric: "hits", over: "2s", above: 6, clear: 4 } };
    await sit({ rules, batches: hits(1, 6) });
    {
      using other = new DatabaseSync(path.join(folder, "incidents.db"));
      other.exec("UPDATE slots SET body = x'05'");
    }
    assert.deepEqual(spans(await sit({ rules, batches: hits(2, 1) })), ["1-"]);
    assert.deepEqual(spans(await sit({ rules, batches: hits(3, 1) })), ["1-3"]);
  });

  test("one of version 1 goes on where it was", async () => {
    const rules = { sum: { metric: "hits", over: "2s", above: 6 } };
    await sit({ rules, batches: hits(1, 4) });
    {
      using other = new DatabaseSync(path.join(folder, "incidents.db"));
      other.exec(`
        ALTER TABLE slots RENAME TO slots_2;
        CREATE TABLE slots (rule TEXT, source TEXT, at REAL, body BLOB NOT NULL,
          PRIMARY KEY (rule, source, at)) STRICT;
        INSERT INTO slots SELECT rule, source, at, body FROM slots_2;
        DROP TABLE slots_2;
        UPDATE rules SET hash = 'd5abad885e3f7df7';
        PRAGMA user_version = 1;
      `);
    }
    assert.deepEqual(spans(await sit({ rules, batches: hits(2, 2) })), ["2-"]);
  });

  test("one of another version is refused", async () => {
    await sit({ rules: {} });
    const file = path.join(folder, "incidents.db");
    {
      using other = new DatabaseSync(file);
      other.exec("PRAGMA user_version = 99");
    }
    await assert.rejects(openRules({ rules: {}, file }), {
      name: "UserError",
      code: "JOURNAL_UNAVAILABLE",
      message: /another version of Watchpost/,
    });
  });

  test("pages of incidents neither repeat nor skip", async () => {
    const rule = { metric: "hits", by: ["path"], above: 1 };
    await using rules = await openRules({ rules: parseRules({ rule }), file: ":memory:" });
    const paths = Array.from({ length: 25 }, (_, index) => count("hits", 1, { path: `/${index}` }));
    await rules.consume(sliceOf([batchAt(1000, paths), batchAt(2000, paths.slice(5))]));
    const seen: Incident[] = [];
    for (;;) {
      const before = seen.at(-1);
      const query = { state: "all", limit: 4 } as const;
      const page = rules.incidents(before === undefined ? query : { ...query, before });
      if (page.length === 0) {
        break;
      }
      seen.push(...page);
    }
    assert.deepEqual(seen, rules.incidents({ state: "all", limit: 100 }));
    assert.equal(new Set(seen.map(({ id }) => id)).size, 25);
    assert.equal(rules.incidents({ state: "open", limit: 100 }).length, 20);
  });

  test("the oldest cleared incidents are let go, the open ones kept", async () => {
    await using rules = await openRules({ rules: parseRules({ queue }), file: ":memory:" });
    const other = queues(1, 9).map((batch) => ({ ...batch, source: "other" }));
    const times = clearedIncidentsMax + 3;
    const batches = Array.from({ length: times * 2 }, (_, index) =>
      queues(index + 1, 9 - (index % 2) * 8),
    );
    await rules.consume(sliceOf([...other, ...batches.flat()]));
    const all = rules.incidents({ state: "all", limit: times * 2 });
    assert.equal(all.length, clearedIncidentsMax + 1);
    assert.equal(all.at(-1)?.source, "other");
    assert.equal(all.at(-2)?.openedAt, 7000);
  });
});
