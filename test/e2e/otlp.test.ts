// A collector that stops and starts, and a node that is killed: totals and deltas are those of the lines, read by the
// official definitions. No receiver of OTLP is packaged for Debian 12.
import assert from "node:assert/strict";
import { once } from "node:events";
import { appendFile } from "node:fs/promises";
import http from "node:http";
import { buffer } from "node:stream/consumers";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import {
  type OtlpHistogramPoint,
  type OtlpMetric,
  readMetricsJson,
  readMetricsRequest,
} from "../otlp-messages.ts";
import { findFreePort, startWatchpost, waitFor } from "./harness.ts";
import { startNode } from "./servers/node.ts";

const outageMs = 8_000;

test("totals and deltas are those of the lines, over an outage and a kill", async () => {
  await using totals = await createCollector();
  await using deltas = await createCollector();
  await using node = await startNode(
    (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 200ms, groups: [{ match: "^/(?<group>g[0-9]+)" }] }
outputs:
  totals: { kind: otlp, url: "http://127.0.0.1:${totals.port}" }
  deltas: { kind: otlp, url: "http://127.0.0.1:${deltas.port}", temporality: delta, encoding: json }
`,
  );
  let lines = 0;
  const write = async (): Promise<void> => {
    const texts = [0.01, 0.1, 1].map((duration) => toLine(lines++ % 5, duration));
    await appendFile(node.join("access.log"), texts.join(""));
    await sleep(50);
  };
  const until = performance.now() + outageMs;
  while (performance.now() < until) {
    await write();
    if (lines % 90 === 0) {
      await Promise.all([totals.stop(), deltas.stop()]);
    }
    if (lines % 90 === 45) {
      await Promise.all([totals.start(), deltas.start()]);
    }
  }
  await Promise.all([totals.start(), deltas.start()]);
  await node.process.kill();
  await write();
  await using again = await startWatchpost(["run", "-c", node.join("watchpost.yml")]);
  for (const { metrics } of [totals, deltas]) {
    const options = { process: again, timeoutMs: 60_000 };
    await waitFor(`${lines} lines`, () => sumRequests(metrics) >= lines, options);
    assert.equal(sumRequests(metrics), lines);
    assert.equal(sumDurations(metrics), lines);
  }
  for (const points of seriesOf(totals.metrics, "http_requests_total").values()) {
    const times = points.map(({ timeUnixNano }) => timeUnixNano);
    assert.deepEqual(times, times.toSorted(), "in order");
    assert.equal(new Set(points.map(({ startTimeUnixNano }) => startTimeUnixNano)).size, 1);
    const values = points.map(({ asDouble = 0 }) => asDouble);
    assert.deepEqual(
      values,
      values.toSorted((a, b) => a - b),
    );
  }
});

interface Point {
  readonly startTimeUnixNano: string;
  readonly timeUnixNano: string;
  readonly asDouble?: number;
  readonly count?: string;
}

/** The points of a metric by attributes; what was sent again after its answer was lost stands here once. */
function seriesOf(metrics: readonly OtlpMetric[], name: string): ReadonlyMap<string, Point[]> {
  const points = metrics
    .filter((metric) => metric.name === name)
    .flatMap((metric) => [
      ...(metric.sum?.dataPoints ?? []),
      ...(metric.exponentialHistogram?.dataPoints ?? []),
    ])
    .map((point) => [JSON.stringify(point), point] as const);
  return Map.groupBy(new Map(points).values(), ({ attributes }) => JSON.stringify(attributes));
}

function isCumulative(metrics: readonly OtlpMetric[]): boolean {
  return metrics.some(
    (metric) => metric.sum?.aggregationTemporality === "AGGREGATION_TEMPORALITY_CUMULATIVE",
  );
}

/** Of cumulative points the last of each series, of deltas all. */
function addUp(
  metrics: readonly OtlpMetric[],
  name: string,
  toValue: (point: Point) => number,
): number {
  const isTotal = isCumulative(metrics);
  return [...seriesOf(metrics, name).values()]
    .flatMap((points) => (isTotal ? points.slice(-1) : points))
    .reduce((all, point) => all + toValue(point), 0);
}

function sumRequests(metrics: readonly OtlpMetric[]): number {
  return addUp(metrics, "http_requests_total", ({ asDouble = 0 }) => asDouble);
}

/** By the buckets, which have to agree with the count. */
function sumDurations(metrics: readonly OtlpMetric[]): number {
  const histograms = metrics.flatMap(
    ({ exponentialHistogram }): readonly OtlpHistogramPoint[] =>
      exponentialHistogram?.dataPoints ?? [],
  );
  for (const { count, positive, scale } of histograms) {
    const counts = positive?.bucketCounts.map(Number) ?? [];
    assert.equal(
      counts.reduce((all, each) => all + each, 0),
      Number(count),
    );
    assert.equal(scale, 6);
  }
  return addUp(metrics, "http_request_duration_seconds", ({ count }) => Number(count));
}

function toLine(group: number, duration: number): string {
  const time = new Date()
    .toUTCString()
    .replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, "$1/$2/$3:$4 +0000");
  return `192.0.2.1 - - [${time}] "GET /g${group} HTTP/1.1" 200 1 "-" "-" ${duration}\n`;
}

interface Collector extends AsyncDisposable {
  readonly port: number;
  readonly metrics: OtlpMetric[];
  start(): Promise<void>;
  stop(): Promise<void>;
}

async function createCollector(): Promise<Collector> {
  const port = await findFreePort();
  const metrics: OtlpMetric[] = [];
  let server: http.Server | undefined;

  async function receive(request: http.IncomingMessage): Promise<void> {
    const body = gunzipSync(await buffer(request));
    const isJson = request.headers["content-type"] === "application/json";
    const { resourceMetrics } = isJson
      ? readMetricsJson(body.toString())
      : readMetricsRequest(body);
    metrics.push(
      ...resourceMetrics.flatMap((each) => each.scopeMetrics.flatMap((scope) => scope.metrics)),
    );
  }

  /** A request that is cut off has no end; it is sent again. */
  async function answer(
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    try {
      await receive(request);
      response.end();
    } catch {
      response.destroy();
    }
  }

  const collector: Collector = {
    port,
    metrics,
    async start() {
      if (server !== undefined) {
        return;
      }
      server = http.createServer((request, response) => {
        void answer(request, response);
      });
      server.listen(port, "127.0.0.1");
      await once(server, "listening");
    },
    async stop() {
      const stopping = server;
      server = undefined;
      if (stopping !== undefined) {
        const closed = once(stopping, "close");
        stopping.close();
        stopping.closeAllConnections();
        await closed;
      }
    },
    [Symbol.asyncDispose]: () => collector.stop(),
  };
  await collector.start();
  return collector;
}
