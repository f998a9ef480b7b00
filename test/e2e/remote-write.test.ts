// Prometheus and VictoriaMetrics are stopped while lines are counted, and started again: each has every window of every
// series, in order, and the totals are those of the lines.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Running, skipWithout, startWatchpost, waitFor } from "./harness.ts";
import { startNode } from "./servers/node.ts";
import {
  type RemoteWriteReceiver,
  startPrometheusReceiver,
  startVictoriaMetrics,
} from "./servers/remote-write-receivers.ts";

const outageMs = 20_000;
const everyMs = 1_000;
const durations = [0.01, 0.1, 0.1, 1];

interface Counterpart {
  readonly name: string;
  readonly program: string;
  readonly histograms: string;
  readonly start: () => Promise<RemoteWriteReceiver>;
}

const counterparts: readonly Counterpart[] = [
  {
    name: "Prometheus",
    program: "prometheus",
    histograms: "both",
    start: startPrometheusReceiver,
  },
  {
    name: "VictoriaMetrics",
    program: "victoria-metrics",
    histograms: "classic",
    start: startVictoriaMetrics,
  },
];

for (const { name, program, histograms, start } of counterparts) {
  test(
    `${name} has every window after an outage, and a killed node sends none twice`,
    { skip: skipWithout(program) },
    async () => {
      await using receiver = await start();
      await using node = await startNode(
        (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: ${everyMs}ms, groups: [{ match: "^/(?<group>g[0-9]+)" }] }
outputs:
  remote: { kind: remote-write, url: "${receiver.writeUrl}", histograms: ${histograms}, labels: { site: berlin } }
`,
      );
      let lines = 0;
      const write = async (): Promise<void> => {
        const texts = durations.map((duration) => toLine(lines++ % 7, duration));
        await appendFile(node.join("access.log"), texts.join(""));
      };
      for (let step = 0; step < 20; step++) {
        await write();
        await sleep(100);
      }
      await waitForTotal(receiver, lines, node.process);
      await receiver.stop();
      const until = performance.now() + outageMs;
      while (performance.now() < until) {
        await write();
        await sleep(100);
      }
      await receiver.start();
      await waitForTotal(receiver, lines, node.process);

      const all = await receiver.stored("http_requests_total");
      assert.equal(all.length, 7);
      for (const series of all) {
        assert.equal(series.labels["site"], "berlin");
        assert.equal(series.values[0], 0, "a counter begins with zero");
        checkWindows(series.times, name);
        assert.deepEqual(
          series.values,
          series.values.toSorted((a, b) => a - b),
        );
      }
      const counts = await receiver.stored("http_request_duration_seconds_count");
      assert.equal(sumOfLast(counts), lines);
      if (histograms === "both") {
        const native = "sum(http_request_duration_seconds{})";
        assert.equal(await receiver.value(`histogram_count(${native})`), lines);
        assert.equal(await receiver.value(`histogram_fraction(0.09, 0.11, ${native})`), 0.5);
      }
      const below = await receiver.stored('http_request_duration_seconds_bucket{le="0.125"}');
      assert.equal(sumOfLast(below), (lines / durations.length) * 3);

      await node.process.kill();
      await write();
      await using again = await startWatchpost(["run", "-c", node.join("watchpost.yml")]);
      await waitForTotal(receiver, lines, again);
      for (const { times } of await receiver.stored("http_requests_total")) {
        checkWindows(times, name);
      }
      assert.equal(await fetchRefused(node.url), 0);
    },
  );
}

/** No window is missing: but for the zero that it begins with, a sample each second. */
function checkWindows(times: readonly number[], name: string): void {
  const windows = times.slice(1);
  const missing = windows.slice(1).filter((at, i) => at - (windows[i] ?? 0) !== everyMs);
  assert.deepEqual(missing, [], `${name}: ${windows.join(" ")}`);
  assert.ok(windows.length > outageMs / everyMs);
}

function sumOfLast(all: readonly { readonly values: readonly number[] }[]): number {
  return all.reduce((sum, { values }) => sum + (values.at(-1) ?? 0), 0);
}

async function waitForTotal(
  receiver: RemoteWriteReceiver,
  lines: number,
  node: Running,
): Promise<void> {
  await waitFor(
    `${lines} lines`,
    async () => {
      const total = sumOfLast(await receiver.stored("http_requests_total"));
      assert.ok(total <= lines, `${total} of ${lines}`);
      return total === lines;
    },
    { process: node, timeoutMs: 90_000 },
  );
}

interface ReadersAnswer {
  readonly readers: readonly { readonly name: string; readonly refusedSamples: number }[];
}

/** How much the receiver has refused since the node started. */
async function fetchRefused(url: string): Promise<number | undefined> {
  const response = await fetch(`${url}api/v1/readers`);
  const { readers } = (await response.json()) as ReadersAnswer;
  return readers.find(({ name }) => name === "output:remote")?.refusedSamples;
}

function toLine(group: number, duration: number): string {
  const time = new Date()
    .toUTCString()
    .replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, "$1/$2/$3:$4 +0000");
  return `192.0.2.7 - - [${time}] "GET /g${group} HTTP/1.1" 200 5 "-" "-" ${duration}\n`;
}
