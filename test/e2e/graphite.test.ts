// What goes to Graphite, as carbon files it and as VictoriaMetrics reads tags.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, skipWithout, waitFor } from "./harness.ts";
import { startCarbon } from "./servers/carbon.ts";
import { toLogLine } from "./log-line.ts";
import { startNode } from "./servers/node.ts";
import { startVictoriaMetrics } from "./servers/remote-write-receivers.ts";

function toSource(file: string): string {
  return `sources:
  shop.eu: { kind: access-log, service: web, files: "${file}", from: start, every: 1s, groups: [{ match: "^/(?<group>[a-z.]+)" }] }
`;
}

test(
  "carbon files every window under a legal path, also of the time it was away",
  { skip: skipWithout("carbon-cache", "whisper-fetch") },
  async () => {
    await using carbon = await startCarbon();
    const where = `kind: graphite, host: 127.0.0.1, port: ${carbon.port}, only: http_requests_total`;
    await using node = await startNode(
      (join) => `${toSource(join("access.log"))}outputs:
  tcp: { ${where}, path: "tcp.{service}.{source}.{metric}.{labels}" }
  udp: { ${where}, path: "udp.{source}.{metric}.{labels}", transport: udp }
`,
    );
    // Digests of "shop.eu" and "a.b", whose dots are none of Graphite's.
    const metric = "shop_eu_969d2014.http_requests_total.group";
    const sum = async (path: string): Promise<number> =>
      (await carbon.values(path)).reduce((all, value) => all + value, 0);
    for (let seconds = 1; seconds <= 4; seconds++) {
      await appendFile(node.join("access.log"), `${toLogLine("/a.b").repeat(3)}${toLogLine("/b")}`);
      await sleep(1_100);
      if (seconds === 2) {
        // When it is stopped, carbon forgets what it has taken and not yet written.
        const path = `tcp.web.${metric}.b.status.200`;
        await waitFor("what was sent", async () => (await sum(path)) === 2, node);
        await carbon.stop();
      }
    }
    await carbon.start();
    await appendFile(node.join("access.log"), toLogLine("/last"));
    const last = `${metric}.last.status.200`;
    await waitFor("the last one", async () => (await sum(`tcp.web.${last}`)) === 1, node);
    assert.equal(await sum(`tcp.web.${metric}.b.status.200`), 4);
    assert.equal(await sum(`tcp.web.${metric}.a_b_2e7336dc.status.200`), 12);
    await waitFor("a datagram", async () => (await sum(`udp.${last}`)) === 1, node);
  },
);

test(
  "VictoriaMetrics reads tags as they were",
  { skip: skipWithout("victoria-metrics") },
  async () => {
    const port = await findFreePort();
    await using server = await startVictoriaMetrics([`-graphiteListenAddr=127.0.0.1:${port}`]);
    await using node = await startNode(
      (join) => `${toSource(join("access.log"))}outputs:
  graphite: { kind: graphite, host: 127.0.0.1, port: ${port}, tags: true, labels: { name: "é =(x)" } }
`,
    );
    await appendFile(node.join("access.log"), toLogLine("/a.b").repeat(5));
    const [series] = await waitFor(
      "the series",
      async () => {
        const found = await server.stored("http_requests_total");
        return found.length > 0 && found;
      },
      node,
    );
    assert.deepEqual(series?.labels, {
      __name__: "http_requests_total",
      exported_name: "é_=(x)_27df9c5a",
      group: "a.b",
      service: "web",
      source: "shop.eu",
      status: "200",
    });
    assert.deepEqual(series.values.filter(Boolean), [5]);
  },
);
