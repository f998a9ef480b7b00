import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import type { OpenOutput, OutputContext } from "../core/component.ts";
import { gauge } from "../core/sample.ts";
import { haproxyExampleBatch } from "./_haproxy-example-batch.ts";
import { logFile } from "./log-file.ts";

const never = new AbortController().signal;
const path = "/a.log";

function open(context: OutputContext, given: object): Promise<OpenOutput> {
  return logFile.open(logFile.options.parse({ path, ...given }), context);
}

/** Cells of each line. */
function cellsOf(text: string | undefined): readonly (readonly string[])[] {
  return (text ?? "").split("\n").map((line) => line.split("\t"));
}

suite("the log file of haproxysessionmon", () => {
  const format = "haproxysessionmon";

  test("has rows with as many values as its header, whatever backends are called", async () => {
    const world = createWorld();
    await using output = await open(world.context(), { format });
    const samples = haproxyExampleBatch.samples.map((sample) => ({
      ...sample,
      labels: { ...sample.labels, proxy: "a\tb\r\nc" },
    }));
    await output.write([{ ...haproxyExampleBatch, samples }], never);
    const [start, header, row, end, ...rest] = cellsOf(world.disk.text(path));
    assert.deepEqual([start?.length, end, rest], [2, [""], []]);
    assert.equal(row?.length, header?.length);
    assert.deepEqual(row?.slice(1), ["lb-1", "-", "a b  c", "3", "2", "1", "11", "12"]);
  });

  test("has local times", async () => {
    const world = createWorld();
    await using output = await open(world.context(), { format });
    const at = new Date(2026, 6, 5, 4, 3, 2, 1);
    await output.write([{ ...haproxyExampleBatch, to: at.getTime() }], never);
    assert.equal(cellsOf(world.disk.text(path))[2]?.[0], "2026-07-05 04:03:02,001");
  });

  test("begins anew with its banner once it was rotated away, and counts on", async () => {
    const world = createWorld();
    await using output = await open(world.context(), { format });
    await output.write([haproxyExampleBatch, haproxyExampleBatch], never);
    world.disk.rename(path, `${path}.1`);
    await output.write([haproxyExampleBatch], never);
    assert.equal(cellsOf(world.disk.text(`${path}.1`)).length, 5);
    const rows = cellsOf(world.disk.text(path));
    assert.equal(rows[0]?.[1], "[Logfile backend started]");
    assert.deepEqual(rows[2]?.slice(-2), ["33", "36"]);
  });

  test("holds nothing of other sources", async () => {
    const world = createWorld();
    await using output = await open(world.context(), { format });
    await output.write([toBatch("shop", 1, [gauge("g", 1, { kind: "backend" })])], never);
    assert.equal(world.disk.text(path), "");
  });
});

test("survives a power cut after each write only when that is asked for", async () => {
  for (const [sync, expected] of [
    ["never", 0],
    ["batch", 2],
  ] as const) {
    const world = createWorld();
    await using output = await open(world.context(), { sync });
    await output.write([toBatch("shop", 1), toBatch("shop", 2)], never);
    await output.write([toBatch("shop", 3)], never);
    assert.equal(world.disk.syncs, expected);
  }
});

test("events and marks are lines of JSON too", async () => {
  const world = createWorld();
  await using output = await open(world.context(), {});
  const events = [{ at: 500, name: "down", labels: { server: "a" }, text: "a is\ndown" }];
  await output.write([{ ...toBatch("lb", 1), partial: true, backfill: true, events }], never);
  const lines = (world.disk.text(path) ?? "").trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)),
    [
      {
        time: "1970-01-01T00:00:01.000Z",
        source: "lb",
        service: "",
        seconds: 1,
        partial: true,
        backfill: true,
        labels: {},
        metrics: { g: 1 },
      },
      {
        time: "1970-01-01T00:00:00.500Z",
        source: "lb",
        service: "",
        labels: { server: "a" },
        event: "down",
        text: "a is\ndown",
      },
    ],
  );
});
