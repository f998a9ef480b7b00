// What goes to InfluxDB, as InfluxDB 1.6 answers it in queries.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { gauge } from "../../src/core/sample.ts";
import { influx } from "../../src/outputs/influx.ts";
import { toBatch } from "../engine-fixtures.ts";
import { openDirectly } from "./direct-output.ts";
import { skipWithout, waitFor } from "./harness.ts";
import { influxUser, startInfluxDb } from "./servers/influxdb.ts";
import { toLogLine } from "./log-line.ts";
import { startNode } from "./servers/node.ts";
import { startVictoriaMetrics } from "./servers/remote-write-receivers.ts";

const nasty = String.raw`a, b=c "d" \e é`;

test(
  "InfluxDB holds every window, also of the time it was away",
  { skip: skipWithout("influxd") },
  async () => {
    await using server = await startInfluxDb();
    const where = `kind: influx, url: "${server.url}", username: ${influxUser.username}, password: { env: INFLUX_PASSWORD }`;
    await using node = await startNode(
      (join) => `sources:
  shop: { kind: access-log, service: web, files: "${join("access.log")}", from: start, every: 200ms, groups: [{ match: "^/(?<group>[a-z.]+)" }] }
outputs:
  influx: { ${where}, database: web, only: [http_*, log_lines_total], labels: { nasty: ${JSON.stringify(nasty)}, time: x } }
`,
      { INFLUX_PASSWORD: influxUser.password },
    );
    for (let step = 1; step <= 20; step++) {
      await appendFile(node.join("access.log"), `${toLogLine("/a.b").repeat(3)}${toLogLine("/b")}`);
      if (step === 6 || step === 14) {
        await server.stop();
      }
      if (step === 10 || step === 18) {
        await server.start();
      }
      await sleep(110);
    }
    const sum = async (condition: string): Promise<number> => {
      const [series] = await server.query(
        `SELECT SUM(value) FROM http_requests_total ${condition}`,
      );
      return Number(series?.values[0]?.[1] ?? 0);
    };
    await waitFor("all lines", async () => (await sum("")) === 80, node);
    assert.equal(await sum(`WHERE "group" = 'a.b' AND status = '200' AND source = 'shop'`), 60);

    const [tagged] = await server.query("SELECT * FROM http_requests_total LIMIT 1");
    const row = Object.fromEntries(
      (tagged?.columns ?? []).map((column, i) => [column, tagged?.values[0]?.[i]]),
    );
    assert.equal(row["service"], "web");
    assert.equal(row["exported_time"], "x");
    assert.match(String(row["nasty"]), /^a, b=c "d" _e é_[0-9a-f]{8}$/);
    const [bytes] = await server.query(`SELECT SUM(value) FROM http_response_bytes_total`);
    assert.equal(bytes?.values[0]?.[1], 8_000);
    assert.doesNotMatch(node.process.stderr(), /400/);
  },
);

test(
  "what conflicts with a field's type is said and counted, and the rest is stored",
  { skip: skipWithout("influxd") },
  async () => {
    await using server = await startInfluxDb();
    const credentials = Buffer.from(Object.values(influxUser).join(":")).toString("base64");
    await fetch(`${server.url}/write?db=web`, {
      method: "POST",
      headers: { authorization: `Basic ${credentials}` },
      body: "http_requests_total value=1i",
    });
    await using node = await startNode(
      (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 200ms }
outputs:
  influx: { kind: influx, url: "${server.url}", database: web, username: ${influxUser.username}, password: { env: INFLUX_PASSWORD }, only: [http_requests_total, log_lines_total] }
`,
      { INFLUX_PASSWORD: influxUser.password },
    );
    await appendFile(node.join("access.log"), toLogLine("/a").repeat(5));
    await waitFor(
      "the lines",
      async () => {
        const [series] = await server.query(
          "SELECT SUM(value) FROM log_lines_total WHERE outcome = 'parsed'",
        );
        return series?.values[0]?.[1] === 5;
      },
      node,
    );
    await waitFor("the warning", () => node.process.stderr().includes("field type conflict"), node);
    const response = await fetch(`${node.url}api/v1/readers`);
    const { readers } = (await response.json()) as {
      readonly readers: readonly { name: string; refusedSamples: number; droppedBatches: number }[];
    };
    const reader = readers.find(({ name }) => name === "output:influx");
    assert.ok((reader?.refusedSamples ?? 0) >= 1);
    assert.equal(reader?.droppedBatches, 0);
  },
);

test(
  "VictoriaMetrics takes it, too, whatever labels hold",
  { skip: skipWithout("victoria-metrics") },
  async () => {
    await using server = await startVictoriaMetrics();
    const url = new URL(server.writeUrl).origin;
    await using output = await openDirectly(influx, { url, database: "web" });
    const labels = { plain: nasty.replace("\\", "/"), empty: "", time: "now", source: "other" };
    const at = Date.now();
    const batch = { ...toBatch("s", 1, [gauge("g", 1.5, labels), gauge("nan", NaN)]), to: at };
    await output.write([batch], new AbortController().signal);
    const [series] = await waitFor("the series", async () => {
      const found = await server.stored("g_value");
      return found.length > 0 && found;
    });
    assert.deepEqual(series?.labels, {
      __name__: "g_value",
      db: "web",
      exported_source: "other",
      exported_time: "now",
      plain: nasty.replace("\\", "/"),
      source: "s",
    });
    assert.deepEqual([series.times, series.values], [[at], [1.5]]);
    assert.deepEqual(await server.stored("nan_value"), []);
  },
);
