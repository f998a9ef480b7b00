import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SampleJson, TopJson } from "./api.ts";
import { otherGroups } from "./groups.ts";
import {
  countMisread,
  createTraffic,
  foldTraffic,
  rankGroups,
  rankTargets,
  sumCounts,
  sumRecent,
  toRequestColumns,
  type Traffic,
  type TrafficWindow,
} from "./traffic.ts";

function lines(outcome: string, value: number): SampleJson {
  return { name: "log_lines_total", kind: "count", labels: { outcome }, value };
}

function requests(group: string, status: string, value: number): SampleJson {
  return { name: "http_requests_total", kind: "count", labels: { group, status }, value };
}

function durations(
  labels: Readonly<Record<string, string>>,
  count: number,
  p99: number,
): SampleJson {
  const value = { count, sum: 1, min: 0, max: p99, p50: 0.1, p90: 0.2, p99 };
  return { name: "http_request_duration_seconds", kind: "distribution", labels, value };
}

function targets(total: number, counts: Readonly<Record<string, number>>): TopJson {
  const entries = Object.entries(counts).map(([key, count]) => ({ key, count, error: 0 }));
  return { name: "http_targets", labels: {}, total, entries };
}

function fold(samples: readonly SampleJson[], tops: readonly TopJson[] = []): Traffic {
  const traffic = createTraffic();
  foldTraffic(traffic, { samples, tops });
  return traffic;
}

function window(end: number, traffic: Traffic): TrafficWindow {
  return { from: (end - 10) * 1000, to: end * 1000, traffic };
}

suite("traffic", () => {
  test("requests are added up by group, and errors by class", () => {
    const traffic = fold([
      requests("api", "200", 10),
      requests("api", "404", 3),
      requests("web", "503", 2),
      requests("web", "500", 1),
    ]);
    assert.equal(sumCounts(traffic, "requests", "api"), 13);
    assert.equal(sumCounts(traffic, "clientErrors", "api"), 3);
    assert.equal(sumCounts(traffic, "requests", "web"), 3);
    assert.equal(sumCounts(traffic, "serverErrors"), 3);
    assert.equal(sumCounts(traffic, "requests"), 16);
  });

  test("a window that comes in two batches is one window", () => {
    const traffic = fold([requests("api", "200", 10)], [targets(10, { "/a": 6, "/b": 4 })]);
    foldTraffic(traffic, { samples: [requests("api", "500", 5)], tops: [targets(5, { "/b": 5 })] });
    assert.equal(sumCounts(traffic, "requests", "api"), 15);
    assert.equal(traffic.targets?.total, 15);
    assert.deepEqual(traffic.targets?.entries[0], { key: "/b", count: 9, error: 0 });
  });

  test("of two summaries of one series the one that saw more is kept", () => {
    const labels = { group: "api" };
    const traffic = fold([
      durations(labels, 5, 0.5),
      durations(labels, 9, 0.9),
      durations(labels, 2, 0.2),
    ]);
    assert.deepEqual(traffic.durations.get("api"), { count: 9, p50: 0.1, p90: 0.2, p99: 0.9 });
  });

  test("what is called now is the last ten seconds, however short the windows", () => {
    const one = fold([requests("api", "200", 3), requests("api", "404", 1)]);
    const seconds = Array.from({ length: 30 }, (_, index) => ({
      from: index * 1000,
      to: (index + 1) * 1000,
      traffic: one,
    }));
    const recent = sumRecent(seconds);
    assert.deepEqual([recent?.from, recent?.to], [20_000, 30_000]);
    assert.deepEqual([recent?.requests, recent?.clientErrors], [40, 10]);
    assert.equal(sumRecent([{ from: 0, to: 60_000, traffic: one }])?.requests, 4);
    assert.equal(sumRecent([]), undefined);
  });

  test("a log is misread while not one line of its last minute could be read", () => {
    const misread = fold([lines("unparsed", 3), lines("parsed", 0), lines("comment", 2)]);
    const read = fold([lines("unparsed", 3), lines("parsed", 1)]);
    const windows = [
      window(10, read),
      ...[20, 30, 40, 50, 60, 70].map((to) => window(to, misread)),
    ];
    assert.equal(countMisread(windows), 18);
    assert.equal(countMisread(windows.slice(0, -1)), 0);
    assert.equal(countMisread([...windows, window(80, read)]), 0);
    assert.equal(countMisread([window(10, fold([lines("parsed", 0)]))]), 0);
    assert.equal(countMisread([]), 0);
  });

  test("groups without end end in one row", () => {
    const many = Array.from({ length: 300 }, (_, index) => requests(`g${index}`, "200", 1));
    const traffic = fold(many);
    assert.equal(traffic.groups.size, 201);
    assert.equal(sumCounts(traffic, "requests", otherGroups), 100);
    assert.equal(sumCounts(traffic, "requests"), 300);
  });

  test("groups are ranked by what they carry over all windows", () => {
    const windows = [
      window(10, fold([requests("a", "200", 5), requests("b", "200", 4)])),
      window(20, fold([requests("b", "200", 4), requests("c", "200", 5)])),
    ];
    assert.deepEqual(rankGroups(windows), ["b", "a", "c"]);
  });

  test("a group that is absent from a window that was seen had no requests in it", () => {
    const windows = [
      window(10, fold([requests("a", "200", 50), requests("b", "200", 10)])),
      window(20, fold([requests("c", "200", 20)])),
    ];
    const axis = { everyMs: 10_000, now: 20_000 };
    const columns = toRequestColumns(windows, axis, { shown: ["a"], others: true });
    assert.deepEqual(columns.y, [
      [5, 0],
      [1, 2],
    ]);
    assert.equal(toRequestColumns(windows, axis, { shown: ["a"], others: false }).y.length, 1);
  });

  test("targets are added up over the windows, as shares of all requests", () => {
    const windows = [
      window(10, fold([], [targets(10, { "/a": 6, "/b": 4 })])),
      window(20, createTraffic()),
      window(30, fold([], [targets(10, { "/b": 6, "/c": 1 })])),
    ];
    assert.deepEqual(rankTargets(windows, 2), [
      { key: "/b", count: 10, ratio: 0.5 },
      { key: "/a", count: 6, ratio: 0.3 },
    ]);
    assert.deepEqual(rankTargets([], 2), []);
  });
});
