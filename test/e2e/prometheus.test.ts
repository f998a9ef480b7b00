// A real Prometheus scrapes a running node over a kill: counters never fall and never count twice, in text and in
// protobuf; promtool finds nothing to remark.
import assert from "node:assert/strict";
import { appendFile, writeFile } from "node:fs/promises";
import test from "node:test";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  type Running,
  skipWithout,
  startProcess,
  startWatchpost,
  type TempFolder,
  waitFor,
  waitForPort,
} from "./harness.ts";
import { type Prometheus, startPrometheus } from "./servers/prometheus.ts";

const skip = skipWithout("prometheus");
const durations = [0.01, 0.1, 0.1, 1];

test(
  "counters survive a kill, and histograms arrive, in OpenMetrics and in protobuf",
  { skip },
  async () => {
    await using folder = await createTempFolder();
    const port = await findFreePort();
    await writeFile(folder.join("watchpost.yml"), toConfig(folder, port));
    await writeFile(folder.join("access.log"), "");
    await using started = new AsyncDisposableStack();
    let node = started.use(await start(folder, port));
    const text = started.use(await startPrometheus(port));
    const native = started.use(await startPrometheus(port, ["native-histograms"]));

    await writeLines(folder, 400);
    for (const prometheus of [text, native]) {
      await waitForRequests(prometheus, 400, node);
    }
    await writeLines(folder, 200);
    await node.kill();
    await writeLines(folder, 200);
    node = started.use(await start(folder, port));
    for (const prometheus of [text, native]) {
      await waitForRequests(prometheus, 800, node);
      assert.equal(await prometheus.scrapeError(), "");
      await checkCounter(prometheus);
    }

    const name = 'http_request_duration_seconds{source="shop"}';
    assert.equal(await text.value('http_request_duration_seconds_count{source="shop"}'), 800);
    assert.equal(
      await text.value('http_request_duration_seconds_bucket{source="shop",le="0.125"}'),
      600,
    );
    assert.equal(
      await text.value('http_request_duration_seconds_bucket{source="shop",le="1.0"}'),
      800,
    );
    assert.equal(await native.value(`histogram_count(${name})`), 800);
    const sum = await native.value(`histogram_sum(${name})`);
    assert.ok(Math.abs((sum ?? 0) - 242) < 1e-9, `the sum is ${sum}`);
    const median = (await native.value(`histogram_quantile(0.5, ${name})`)) ?? 0;
    assert.ok(
      Math.abs(median / 0.1 - 1) < 0.011,
      `the median is ${median}, within its bucket of 1.1 %`,
    );
    assert.equal(await native.value(`histogram_fraction(0.09, 0.11, ${name})`), 0.5);
    const { type, help } = await text.metadata("http_requests");
    assert.equal(type, "counter");
    assert.match(help, /\w/);
  },
);

test("promtool has nothing to remark on the page", { skip: skipWithout("promtool") }, async () => {
  await using folder = await createTempFolder();
  const port = await findFreePort();
  await writeFile(folder.join("watchpost.yml"), toConfig(folder, port));
  await writeFile(folder.join("access.log"), "");
  await using node = await start(folder, port);
  await writeLines(folder, 40);
  const page = await waitFor(
    "a page with everything on it",
    async () => {
      const body = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      const names = ["http_requests_total", "watchpost_reader_lag_seconds"];
      return names.every((name) => body.includes(`# TYPE ${name} `)) && body;
    },
    { process: node },
  );
  await writeFile(folder.join("page"), page);
  const check = await startProcess("/bin/sh", [
    "-c",
    'exec "$0" check metrics < "$1"',
    requireProgram("promtool"),
    folder.join("page"),
  ]);
  const { code } = await check.exited;
  assert.deepEqual({ code, output: check.output() }, { code: 0, output: "" });
});

function toConfig(folder: TempFolder, port: number): string {
  return `node: { name: e2e }
server: { listen: "127.0.0.1:${port}" }
outputs:
  metrics: { kind: prometheus }
sources:
  shop: { kind: access-log, files: ${folder.join("access.log")}, from: start, every: 1s }
`;
}

async function start(folder: TempFolder, port: number): Promise<Running> {
  const running = await startWatchpost(["run", "-c", folder.join("watchpost.yml")]);
  await waitForPort(port, running);
  return running;
}

/** As a server would write them: dated now, in several steps. */
async function writeLines(folder: TempFolder, lines: number): Promise<void> {
  for (let written = 0; written < lines; written += durations.length) {
    const time = new Date()
      .toUTCString()
      .replace(/^\w+, (\d+) (\w+) (\d+) (\S+) GMT$/, "$1/$2/$3:$4 +0000");
    const texts = durations.map(
      (duration) => `192.0.2.7 - - [${time}] "GET / HTTP/1.1" 200 5 "-" "-" ${duration}\n`,
    );
    await appendFile(folder.join("access.log"), texts.join(""));
  }
}

async function waitForRequests(
  prometheus: Prometheus,
  requests: number,
  node: Running,
): Promise<void> {
  const promql = 'http_requests_total{source="shop"}';
  let last: number | undefined;
  await waitFor(
    `${requests} requests`,
    async () => {
      last = await prometheus.value(promql);
      assert.ok((last ?? 0) <= requests, `${last} of ${requests}`);
      return last === requests;
    },
    { process: node },
  );
}

/** Prometheus corrects for counters that fall: where none did, its rate is what the first and last sample say. */
async function checkCounter(prometheus: Prometheus): Promise<void> {
  const series = 'http_requests_total{source="shop"}[5m]';
  assert.equal(await prometheus.value(`resets(${series})`), 0);
  const [samples] = await prometheus.query(series);
  const values = samples?.values?.map(([, value]) => Number(value)) ?? [];
  assert.ok(values.length > 1);
  assert.deepEqual(
    values,
    values.toSorted((a, b) => a - b),
  );
  assert.equal(values.at(-1), 800);
}
