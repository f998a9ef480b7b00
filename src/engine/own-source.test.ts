import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { appendBatches, readBatches, toSourceRun } from "../../test/engine-fixtures.ts";
import { createFakeNode, fullDisk } from "../../test/fake-environment.ts";
import { type Batch, isTick, ownSource } from "../core/batch.ts";
import type { Journal } from "../journal/journal.ts";
import { createOwnSource, ownMetrics, ownSourceConfig } from "./own-source.ts";
import { runSource } from "./run-source.ts";
import {
  type ReaderStatus,
  type SourceStatus,
  createReaderStatus,
  createSourceStatus,
} from "./target-status.ts";

type Node = ReturnType<typeof createFakeNode>;

interface Running {
  readonly source: SourceStatus;
  readonly reader: ReaderStatus;
  readonly stop: () => Promise<void>;
}

function start(node: Node, journal: Journal = node.journal): Running {
  const source = createSourceStatus({ ...ownSourceConfig, id: "shop" }, 0);
  const reader = createReaderStatus("output:a");
  const work = createOwnSource({ journal, sources: () => [source], readers: () => [reader] });
  const stopper = new AbortController();
  const done = runSource(toSourceRun(work, node, ownSourceConfig), stopper.signal);
  return {
    source,
    reader,
    async stop() {
      stopper.abort();
      await done;
    },
  };
}

async function ticks(node: Node): Promise<readonly Batch[]> {
  return readBatches(node.journal.inner, ownSource);
}

/** The samples of every report, by name and their only label. */
async function reports(node: Node): Promise<Record<string, unknown>[]> {
  const batches = (await ticks(node)).filter(({ samples }) => samples.length > 0);
  return batches.map(({ samples }) =>
    Object.fromEntries(
      samples.map(({ name, labels, value }) => [[name, ...Object.values(labels)].join(" "), value]),
    ),
  );
}

suite("the own source", () => {
  test("ticks at every full second, with windows that leave nothing out", async () => {
    const node = createFakeNode({ now: "2026-01-01T00:00:00.300Z" });
    const { stop } = start(node);
    await node.advance(25_000);
    await stop();
    const seen = await ticks(node);
    assert.equal(seen.length, 25);
    assert.ok(seen.every(isTick));
    const begin = Date.parse("2026-01-01T00:00:00Z");
    assert.deepEqual(
      seen.map(({ from, to }) => [from - begin, to - begin]),
      Array.from(seen, (_, i) => [i * 1000, i * 1000 + 1000]),
    );
    assert.deepEqual(
      seen.map(({ samples }, i) => (samples.length > 0 ? i + 1 : 0)).filter((i) => i > 0),
      [10, 20],
    );
  });

  test("reports what its catalogue names, counts as what came since", async () => {
    const node = createFakeNode();
    const { source, reader, stop } = start(node);
    Object.assign(source, { state: "ok", durationMs: 250, skipped: 3 });
    await appendBatches(node.journal, "shop", 4);
    Object.assign(reader, { errors: 2, cursor: node.journal.start() });
    await node.advance(10_000);
    Object.assign(source, { state: "failing", skipped: 5, appendFailures: 1 });
    Object.assign(reader, { errors: 1, cursor: node.journal.head() });
    await node.advance(10_000);
    await stop();
    const [first, second] = await reports(node);
    assert.equal(first?.["watchpost_source_up shop"], 1);
    assert.equal(first["watchpost_source_duration_seconds shop"], 0.25);
    assert.equal(first["watchpost_source_skipped_total shop"], 3);
    assert.equal(first["watchpost_reader_errors_total output:a"], 2);
    assert.equal(first["watchpost_reader_lag_batches output:a"], 4 + 9);
    assert.equal(first["watchpost_reader_lag_seconds output:a"], 10);
    assert.ok(Number(first["watchpost_resident_memory_bytes"]) > 1e6);
    assert.ok(Number(first["watchpost_journal_bytes"]) > 0);
    assert.equal(second?.["watchpost_source_up shop"], 0);
    assert.equal(second["watchpost_source_skipped_total shop"], 2);
    assert.equal(second["watchpost_append_failures_total shop"], 1);
    assert.equal(second["watchpost_reader_errors_total output:a"], 1, "began anew");
    assert.equal(second["watchpost_reader_lag_batches output:a"], 9, "the ticks since");
    const known: readonly string[] = Object.keys(ownMetrics);
    const yielded = new Set(Object.keys(first).map((key) => key.split(" ")[0] ?? ""));
    assert.deepEqual([...yielded].toSorted(), known.toSorted());
  });

  test("neither a timer that fires early nor a clock that is set makes an empty window", async () => {
    const node = createFakeNode();
    const { stop } = start(node);
    await node.advance(2_500);
    node.setClock(-501);
    await node.advance(3_000);
    node.setClock(-60_000);
    await node.advance(3_000);
    node.setClock(120_000);
    await node.advance(3_000);
    await stop();
    const seen = await ticks(node);
    assert.ok(seen.every(({ from, to }) => from < to && to % 1000 === 0));
    const steps = seen.slice(1).map(({ to }, i) => to - (seen[i]?.to ?? 0));
    assert.equal(steps.filter((step) => step < 0).length, 1, String(steps));
    assert.equal(steps.filter((step) => step > 1000).length, 1, String(steps));
    assert.ok(!steps.includes(0));
  });

  test("stands still while the disk is full; the window after it reaches back", async () => {
    const node = createFakeNode();
    const { source, stop } = start(node);
    await node.advance(3_000);
    node.journal.fail("append", "status");
    source.skipped = 7;
    await node.advance(60_000);
    node.journal.mend();
    await node.advance(20_000);
    await stop();
    const seen = await ticks(node);
    assert.ok(seen.every(({ from }, i) => i === 0 || from === seen[i - 1]?.to));
    assert.ok(seen.length < 30);
    const skipped = (await reports(node)).map(
      (each) => each["watchpost_source_skipped_total shop"],
    );
    assert.equal(
      skipped.reduce((sum: number, each) => sum + Number(each), 0),
      7,
    );
  });

  test("begins as soon as the journal lets it", async () => {
    const node = createFakeNode();
    node.journal.fail("claim");
    const { stop } = start(node);
    await node.advance(5_000);
    node.journal.mend();
    await node.advance(15_000);
    await stop();
    assert.ok((await ticks(node)).length > 0);
  });

  test("what was left out of a report has begun anew when it returns", async () => {
    const node = createFakeNode();
    const { journal } = node;
    const reader = { ...createReaderStatus("output:a"), errors: 2 };
    let readers = [reader];
    const work = createOwnSource({ journal, sources: () => [], readers: () => readers });
    const stopper = new AbortController();
    const done = runSource(toSourceRun(work, node, ownSourceConfig), stopper.signal);
    await node.advance(10_000);
    readers = [];
    await node.advance(10_000);
    readers = [{ ...reader, errors: 3 }];
    await node.advance(10_000);
    stopper.abort();
    await done;
    const errors = (await reports(node)).map(
      (each) => each["watchpost_reader_errors_total output:a"],
    );
    assert.deepEqual(errors, [2, undefined, 3]);
  });

  test("a lag that cannot be told is left out, and the tick is not", async () => {
    const node = createFakeNode();
    const { reader, stop } = start(node, {
      ...node.journal,
      lag() {
        throw fullDisk;
      },
    });
    reader.cursor = node.journal.start();
    await node.advance(10_000);
    await stop();
    const [report] = await reports(node);
    assert.equal(report?.["watchpost_reader_errors_total output:a"], 0);
    assert.ok(!("watchpost_reader_lag_batches output:a" in report));
  });

  test("a journal whose size cannot be told is left out, and the tick is not", async () => {
    const node = createFakeNode();
    const { stop } = start(node);
    node.journal.fail("status");
    await node.advance(10_000);
    await stop();
    const [report] = await reports(node);
    assert.ok(report !== undefined && !("watchpost_journal_bytes" in report));
  });
});
