// What goes to StatsD, as collectd reads it.
import { appendFile } from "node:fs/promises";
import test from "node:test";
import { Distribution } from "../../src/core/distribution.ts";
import { gauge } from "../../src/core/sample.ts";
import { statsd } from "../../src/outputs/statsd.ts";
import { toBatch } from "../engine-fixtures.ts";
import { openDirectly } from "./direct-output.ts";
import { skipWithout, waitFor } from "./harness.ts";
import { toLogLine } from "./log-line.ts";
import { startCollectd } from "./servers/collectd.ts";
import { startNode } from "./servers/node.ts";

const never = new AbortController().signal;

test("collectd counts every request", { skip: skipWithout("collectd") }, async () => {
  await using collectd = await startCollectd();
  await using node = await startNode(
    (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 300ms }
outputs:
  statsd: { kind: statsd, host: 127.0.0.1, port: ${collectd.port}, only: http_requests_total }
`,
  );
  const name = "derive-watchpost.shop.http_requests_total.group._ungrouped_.status.200";
  for (let lines = 500; lines <= 1_500; lines += 500) {
    await appendFile(node.join("access.log"), toLogLine("/").repeat(500));
    const count = async (): Promise<number | undefined> => (await collectd.values()).get(name);
    await waitFor(`${lines} lines`, async () => (await count()) === lines, node);
  }
});

test(
  "timings have the percentiles of all that they stand for",
  { skip: skipWithout("collectd") },
  async () => {
    await using collectd = await startCollectd();
    const { port } = collectd;
    const options = { host: "127.0.0.1", port, distributions: "timings" };
    await using output = await openDirectly(statsd, options);
    const value = new Distribution();
    // No more than are sent one by one: of timings with a rate, collectd divides the very values by it.
    for (let ms = 10; ms <= 1_000; ms += 10) {
      value.add(ms / 1_000);
    }
    const sample = { kind: "distribution", name: "d_seconds", labels: {}, value } as const;
    // It forgets timings after each second.
    await waitFor("percentiles", async () => {
      await output.write([toBatch("s", 1, [sample])], never);
      const values = await collectd.values();
      const of = (name: string): number => values.get(`latency-watchpost.s.d_seconds-${name}`) ?? 0;
      return (
        Math.abs(of("percentile-50") - 0.5) < 0.02 && Math.abs(of("percentile-90") - 0.9) < 0.02
      );
    });
  },
);

test("a gauge goes below zero and further down", { skip: skipWithout("collectd") }, async () => {
  await using collectd = await startCollectd();
  const { port } = collectd;
  await using output = await openDirectly(statsd, { host: "127.0.0.1", port });
  for (const value of [7, -5, -8]) {
    await output.write([toBatch("s", 1, [gauge("days", value)])], never);
    await waitFor(
      `${value}`,
      async () => (await collectd.values()).get("gauge-watchpost.s.days") === value,
      collectd,
    );
  }
});
