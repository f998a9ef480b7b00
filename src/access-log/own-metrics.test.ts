// Metrics of one's own over the life of a followed log: windows, silence, restarts.
import assert from "node:assert/strict";
import test from "node:test";
import { createWorld, type FakeWorld } from "../../test/world.ts";
import type { Observation } from "../core/component.ts";
import { seriesText } from "../core/sample.ts";
import { FileSet } from "./follow/file-set.ts";
import { followLog } from "./follow-log.ts";
import { toLogTime } from "./format/to-log-time.ts";
import { parseSourceFormat } from "./parse-source-format.ts";
import type { MetricSpec, ScanSpec } from "./scan/log-scanner.ts";

const path = "/var/log/shop.log";
const everyMs = 2000;
const byMethod: MetricSpec = { name: "m", kind: "count", labels: ["method"] };

test("counts and distincts that were there are zero in a silent window, distributions absent", async () => {
  const world = createWorld();
  world.disk.append(path, toLine(world, "GET") + toLine(world, "PUT"));
  const metrics: MetricSpec[] = [
    byMethod,
    { name: "d", kind: "distinct", field: "client", labels: ["method"] },
    { name: "b", kind: "distribution", field: "bytes" },
    { name: "never", kind: "count", where: { kind: "present", field: "cache" } },
    { name: "clients", kind: "top", field: "client", labels: ["method"] },
  ];
  const [first, second] = await take(world, { metrics, count: 2 });
  assert.deepEqual(ownOf(first), [
    'log_metric_total{method="GET",metric="m"} 1',
    'log_metric_total{method="PUT",metric="m"} 1',
    'log_metric_distinct{method="GET",metric="d"} 1',
    'log_metric_distinct{method="PUT",metric="d"} 1',
    'log_metric_bytes{metric="b"} 2',
    'log_metric_total{metric="never"} 0',
    'log_metric_top{method="GET",metric="clients"} 192.0.2.7',
    'log_metric_top{method="PUT",metric="clients"} 192.0.2.7',
  ]);
  assert.deepEqual(ownOf(second), [
    'log_metric_total{method="GET",metric="m"} 0',
    'log_metric_total{method="PUT",metric="m"} 0',
    'log_metric_distinct{method="GET",metric="d"} 0',
    'log_metric_distinct{method="PUT",metric="d"} 0',
    'log_metric_total{metric="never"} 0',
  ]);
});

test("a restart keeps what open windows hold, and which labels there were", async () => {
  const world = createWorld();
  world.disk.append(path, toLine(world, "GET") + toLine(world, "PUT", everyMs));
  const [before] = await take(world, { metrics: [byMethod], count: 1 });
  assert.deepEqual(ownOf(before), ['log_metric_total{method="GET",metric="m"} 1']);
  const { position } = before ?? {};
  const [after] = await take(world, { metrics: [byMethod], count: 1, position });
  assert.deepEqual(ownOf(after), [
    'log_metric_total{method="PUT",metric="m"} 1',
    'log_metric_total{method="GET",metric="m"} 0',
  ]);
});

test("a metric that is defined anew begins anew, whatever open windows hold", async () => {
  const world = createWorld();
  world.disk.append(path, toLine(world, "GET") + toLine(world, "PUT", everyMs));
  const [before] = await take(world, { metrics: [byMethod], count: 1 });
  const { position } = before ?? {};
  const others: MetricSpec[] = [
    { ...byMethod, kind: "distinct", field: "client" },
    { ...byMethod, labels: ["protocol"] },
    { ...byMethod, labels: ["protocol", "method"] },
  ];
  for (const other of others) {
    const [after] = await take(world, { metrics: [other], count: 1, position });
    assert.deepEqual(ownOf(after), []);
  }
});

test("label combinations beyond the limit are one row", async () => {
  const world = createWorld();
  world.disk.append(path, ["A", "B", "C", "D"].map((method) => toLine(world, method)).join(""));
  const limits = { labelSetsMax: 2 };
  const [observation] = await take(world, { metrics: [byMethod], count: 1, spec: { limits } });
  assert.deepEqual(ownOf(observation), [
    'log_metric_total{method="A",metric="m"} 1',
    'log_metric_total{method="B",metric="m"} 1',
    'log_metric_total{method="(other)",metric="m"} 2',
  ]);
});

test("anonymised clients are so in metrics of one's own, too", async () => {
  const world = createWorld();
  world.disk.append(path, toLine(world, "GET"));
  const metrics: MetricSpec[] = [{ name: "c", kind: "top", field: "client" }];
  const [observation] = await take(world, { metrics, count: 1, spec: { anonymise: true } });
  assert.deepEqual(ownOf(observation), ['log_metric_top{metric="c"} 192.0.2.0']);
});

function toLine(world: FakeWorld, method: string, afterMs = 0): string {
  return `192.0.2.7 - - [${toLogTime(world.now() + afterMs)}] "${method} /a HTTP/1.1" 200 1\n`;
}

interface Taken {
  readonly metrics: readonly MetricSpec[];
  readonly count: number;
  readonly position?: unknown;
  readonly spec?: Partial<ScanSpec>;
}

async function take(
  world: FakeWorld,
  { metrics, count, position, spec }: Taken,
): Promise<Observation[]> {
  const found = parseSourceFormat("common");
  assert.ok(found.format);
  const context = world.context({ position, everyMs });
  const paths = [path];
  const options = {
    open: (saved: unknown) => new FileSet({ paths, first: { kind: "start" } }, world.disk, saved),
    spec: { ...found, groups: { rules: [] }, metrics, ...spec },
  };
  const taken: Observation[] = [];
  for await (const observation of followLog(options, context)) {
    taken.push({ ...observation, position: structuredClone(observation.position) });
    if (taken.length >= count) {
      break;
    }
  }
  return taken;
}

/** Each as its series and value: distributions and distincts by count, tops by their first key. */
function ownOf(observation: Observation | undefined): readonly string[] {
  assert.ok(observation);
  const samples = observation.samples.map(({ name, labels, value }) => {
    const number = typeof value === "number" ? value : value.count;
    return `${seriesText(name, labels)} ${number}`;
  });
  const tops = (observation.tops ?? []).map(
    ({ name, labels, value }) => `${seriesText(name, labels)} ${value.entries(1)[0]?.key}`,
  );
  return [...samples, ...tops].filter((text) => text.startsWith("log_metric_"));
}
