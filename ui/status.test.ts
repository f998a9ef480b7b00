import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SourceStatus } from "./api.ts";
import {
  countLines,
  groupByService,
  isCounting,
  isLate,
  isLoss,
  toNote,
  toStatus,
} from "./status.ts";

const source: SourceStatus = {
  id: "shop",
  kind: "access-log",
  service: "",
  everyMs: 10_000,
  state: "ok",
  problem: null,
  stateSince: "2026-11-20T16:00:00.000Z",
  lastBatchAt: null,
  check: null,
  totals: [],
};

function lines(outcome: string, value: number): SourceStatus["totals"][number] {
  return { name: "log_lines_total", labels: { outcome }, value };
}

function named(id: string, service: string): SourceStatus {
  return { ...source, id, service };
}

suite("status", () => {
  test("a check says its outcome, and any other source whether it works", () => {
    assert.equal(toStatus(source).word, "ok");
    assert.equal(toStatus({ ...source, state: "failing" }).tone, "bad");
    assert.equal(toStatus({ ...source, check: "down" }).word, "down");
    assert.equal(toStatus({ ...source, check: "unknown", state: "failing" }).word, "unknown");
    assert.equal(toStatus({ ...source, check: "up", state: "starting" }).word, "starting");
  });

  test("a log of which no line can be read is not ok, and counts nothing", () => {
    assert.deepEqual(toStatus(source, 12), { tone: "warn", word: "unparsed" });
    assert.match(toNote(source, 1) ?? "", /^No line fits the format: the one /);
    assert.match(toNote(source, 1200) ?? "", /^No line fits the format: the 1,200 /);
    assert.equal(isCounting(source, 12), false);
    assert.equal(isCounting(source, 0), true);
    assert.equal(toNote(source, 0), undefined);
  });

  test("a source that fails, and a check that is down, say why", () => {
    const failing = { ...source, state: "failing", problem: "no such file" } as const;
    assert.equal(toStatus(failing, 12).word, "failing");
    assert.equal(toNote(failing, 12), "no such file");
    assert.equal(isCounting(failing, 0), false);
    const down = { ...source, check: "down", problem: "connection refused" } as const;
    assert.equal(toStatus(down).tone, "bad");
    assert.equal(toNote(down), "connection refused");
  });

  test("lateness is measured by the source's own interval", () => {
    assert.equal(isLate(29_000, 10_000), false);
    assert.equal(isLate(31_000, 10_000), true);
    assert.equal(isLate(4_000, 1_000), false);
  });

  test("lines are counted by outcome, over all other labels", () => {
    const totals = [
      lines("filtered", 5),
      lines("unparsed", 0),
      { name: "log_lines_total", labels: { outcome: "too_long", file: "a" }, value: 6 },
      { name: "log_lines_total", labels: { outcome: "too_long", file: "b" }, value: 1 },
      lines("parsed", 3),
      { name: "http_requests_total", labels: {}, value: 99 },
    ];
    const counts = countLines(totals);
    assert.deepEqual(counts, [
      { outcome: "parsed", count: 3 },
      { outcome: "too_long", count: 7 },
      { outcome: "filtered", count: 5 },
    ]);
    assert.deepEqual(counts.map(isLoss), [false, true, false]);
  });

  test("services come by name, and what has none comes last", () => {
    const groups = groupByService([
      named("x", ""),
      named("b", "shop"),
      named("c", "api"),
      named("a", "shop"),
    ]);
    assert.deepEqual(
      groups.map(({ service, sources }) => [service, ...sources.map(({ id }) => id)]),
      [
        ["api", "c"],
        ["shop", "b", "a"],
        ["", "x"],
      ],
    );
  });
});
