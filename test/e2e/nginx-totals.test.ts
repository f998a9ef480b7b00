// Real nginx writes `combined` under load while Watchpost is killed and started again: every line is counted once.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  createTempFolder,
  findFreePort,
  type Running,
  skipWithout,
  startWatchpost,
  waitFor,
  waitForPort,
} from "./harness.ts";
import { startNginx } from "./servers/nginx.ts";

const kills = 4;
const paths = ["/", "/missing", "/api/cart/add?item=7", "/moved", "/%F0%9F%91%9F", '/quote"s'];

test(
  "totals equal the lines in nginx's log over kills",
  { skip: skipWithout("nginx") },
  async () => {
    await using folder = await createTempFolder();
    const port = await findFreePort();
    await using nginx = await startNginx(
      (site) => `
server {
  listen 127.0.0.1:${site.port};
  access_log access.log combined;
  location / { return 200 "hello\\n"; }
  location /missing { return 404; }
  location /moved { return 301 /; }
}`,
    );
    const log = `${nginx.folder}/access.log`;
    await writeFile(
      folder.join("watchpost.yml"),
      `node: { name: e2e }
server: { listen: "127.0.0.1:${port}" }
sources:
  shop:
    kind: access-log
    files: ${log}
    from: start
    every: 1s
    groups: [{ match: "^/api/(?<group>\\\\w+)/(?<method>\\\\w+)" }]
`,
    );
    await using started = new AsyncDisposableStack();
    const load = started.adopt(new AbortController(), (controller) => controller.abort());
    const sent = request(nginx.url, load.signal);
    let watchpost = started.use(await start(folder.join("watchpost.yml"), port));
    for (let kill = 0; kill < kills; kill++) {
      await sleep(700 + 400 * kill);
      await watchpost.kill();
      watchpost = started.use(await start(folder.join("watchpost.yml"), port));
    }
    load.abort();
    const requests = await sent;
    const lines = (await readFile(log, "utf8")).split("\n").length - 1;
    assert.equal(lines, requests, "nginx itself logged every request");

    const counted = await waitFor(
      `${lines} lines in the totals`,
      async () => {
        const totals = await fetchTotals(port);
        return totals.lines >= lines && totals;
      },
      { process: watchpost },
    );
    assert.deepEqual(counted, { lines, parsed: lines, requests: lines, cart: counted.cart });
    assert.ok(counted.cart > 0, "requests were counted under their group");
  },
);

async function start(file: string, port: number): Promise<Running> {
  const running = await startWatchpost(["run", "-c", file]);
  await waitForPort(port, running);
  return running;
}

/** Odd and ordinary requests, one after the other on four connections, until aborted; resolves to their number. */
async function request(url: string, stop: AbortSignal): Promise<number> {
  let requests = 0;
  const worker = async (): Promise<void> => {
    while (!stop.aborted) {
      const response = await fetch(`${url}${paths[requests++ % paths.length]}`, {
        redirect: "manual",
      });
      await response.arrayBuffer();
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return requests;
}

interface Counted {
  readonly lines: number;
  readonly parsed: number;
  readonly requests: number;
  readonly cart: number;
}

async function fetchTotals(port: number): Promise<Counted> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/sources`);
  const { sources } = (await response.json()) as { sources: readonly SourceAnswer[] };
  const totals = sources.find(({ id }) => id === "shop")?.totals ?? [];
  const sum = (name: string, labels: Readonly<Record<string, string>> = {}): number =>
    totals
      .filter((total) => total.name === name)
      .filter((total) =>
        Object.entries(labels).every(([key, value]) => total.labels[key] === value),
      )
      .reduce((all, { value }) => all + value, 0);
  return {
    lines: sum("log_lines_total"),
    parsed:
      sum("log_lines_total", { outcome: "parsed" }) +
      sum("log_lines_total", { outcome: "ungrouped" }),
    requests: sum("http_requests_total"),
    cart: sum("http_requests_total", { group: "cart/add" }),
  };
}

interface SourceAnswer {
  readonly id: string;
  readonly totals: readonly {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}
