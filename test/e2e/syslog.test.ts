// Real senders: HAProxy logs by UDP, by TCP and from a ring, rsyslog passes on, and logger frames in
// every way. Every request that was answered is counted, or said to be dropped; over a restart of
// Watchpost as well where HAProxy can wait.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import test from "node:test";
import { promisify } from "node:util";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  type Running,
  skipWithout,
  startWatchpost,
  type TempFolder,
  waitFor,
  waitForPort,
} from "./harness.ts";
import { type Haproxy, startHaproxy } from "./servers/haproxy.ts";
import { startRsyslogRelay } from "./servers/rsyslog-relay.ts";

const run = promisify(execFile);
const requests = 600;

test(
  "HAProxy's requests are counted by UDP, TCP and ring",
  { skip: skipWithout("haproxy") },
  async () => {
    await using started = new AsyncDisposableStack();
    const folder = started.use(await createTempFolder());
    const ports = await findPorts();
    const watchpost = await start(folder, ports, started);
    const haproxy = started.use(await startSender(ports));
    await send(haproxy, requests);
    for (const way of ways) {
      const totals = await waitFor(
        `${requests} requests by ${way}`,
        async () => {
          const found = await fetchTotals(ports.page, way);
          return found.lines >= requests && found;
        },
        { process: watchpost },
      );
      const dropped = 0;
      assert.deepEqual(
        totals,
        { lines: requests, ok: requests - 100, missing: 100, dropped, unparsed: 0 },
        way,
      );
    }
  },
);

test(
  "what HAProxy keeps while Watchpost is away is counted then",
  { skip: skipWithout("haproxy") },
  async () => {
    await using started = new AsyncDisposableStack();
    const folder = started.use(await createTempFolder());
    const ports = await findPorts();
    const first = await start(folder, ports, started);
    const haproxy = started.use(await startSender(ports));
    await send(haproxy, requests);
    await waitFor("the first requests", async () => {
      const { lines } = await fetchTotals(ports.page, "ring");
      return lines === requests;
    });
    await first.stop();
    await send(haproxy, requests);
    const second = await start(folder, ports, started);
    const totals = await waitFor(
      "what the ring has kept",
      async () => {
        const found = await fetchTotals(ports.page, "ring");
        return found.lines >= 2 * requests && found;
      },
      { process: second },
    );
    assert.equal(totals.lines, 2 * requests);
  },
);

test(
  "what rsyslog passes on is counted",
  { skip: skipWithout("haproxy", "rsyslogd") },
  async () => {
    await using started = new AsyncDisposableStack();
    const folder = started.use(await createTempFolder());
    const ports = await findPorts();
    const watchpost = await start(folder, ports, started);
    const relay = started.use(await startRsyslogRelay(ports.tcp));
    const haproxy = started.use(await startSender({ ...ports, tcp: relay.port }));
    await send(haproxy, requests);
    const totals = await waitFor(
      `${requests} requests`,
      async () => {
        const found = await fetchTotals(ports.page, "tcp");
        return found.lines >= requests && found;
      },
      { process: watchpost },
    );
    assert.deepEqual(totals, {
      lines: requests,
      ok: requests - 100,
      missing: 100,
      dropped: 0,
      unparsed: 0,
    });
  },
);

test(
  "under full load, what was counted and what was dropped is what was asked for",
  { skip: skipWithout("haproxy", "wrk") },
  async () => {
    await using started = new AsyncDisposableStack();
    const folder = started.use(await createTempFolder());
    const ports = await findPorts();
    const watchpost = await start(folder, ports, started);
    const haproxy = started.use(await startSender(ports));
    const connections = 4;
    const load = ["-t", "1", "-c", String(connections), "-d", "3s", `${haproxy.url}/api/cart`];
    const { stdout } = await run(requireProgram("wrk"), load);
    const underLoad = Number(/(\d+) requests in /.exec(stdout)?.[1]);
    assert.ok(underLoad > 1000, stdout);
    // HAProxy says how many it had to drop when it logs the next one.
    await send(haproxy, 20);
    const answered = underLoad + 20;
    for (const way of ways) {
      const { lines, dropped, unparsed } = await waitFor(
        `${answered} requests by ${way}`,
        async () => {
          const found = await fetchTotals(ports.page, way);
          return found.lines + found.dropped >= answered && found;
        },
        { process: watchpost },
      );
      // Those that wrk did not wait for are logged, too.
      assert.ok(lines + dropped <= answered + connections, `${way}: ${lines} and ${dropped}`);
      assert.equal(unparsed, 0, way);
    }
  },
);

test(
  "logger's messages are counted, whatever their framing",
  { skip: skipWithout("logger") },
  async () => {
    await using started = new AsyncDisposableStack();
    const folder = started.use(await createTempFolder());
    const ports = await findPorts();
    const watchpost = await start(folder, ports, started);
    const line = "GET=200 192.0.2.7:4711 [20/Nov/2026:17:03:21.231]";
    const file = folder.join("lines");
    await writeFile(file, `${line}\n`.repeat(50));
    const to = ["--server", "127.0.0.1", "--file", file];
    const tcp = ["--tcp", "--port", String(ports.ring)];
    const ways = [
      [...tcp, "--octet-count", "--rfc5424"],
      [...tcp, "--octet-count", "--rfc3164"],
      [...tcp, "--rfc5424"],
      [...tcp, "--rfc3164"],
      ["--udp", "--port", String(ports.udp), "--rfc5424"],
      ["--udp", "--port", String(ports.udp), "--rfc3164"],
    ];
    for (const way of ways) {
      await run(requireProgram("logger"), ["--tag", "haproxy", ...way, ...to]);
      await run(requireProgram("logger"), ["--tag", "other", ...way, ...to]);
    }
    for (const [way, lines] of [
      ["ring", 200],
      ["udp", 100],
    ] as const) {
      const totals = await waitFor(
        `${lines} messages by ${way}`,
        async () => {
          const found = await fetchTotals(ports.page, way);
          return found.lines + found.dropped >= 2 * lines && found;
        },
        { process: watchpost },
      );
      assert.deepEqual([totals.lines, totals.dropped], [lines, lines]);
    }
  },
);

const ways = ["udp", "tcp", "ring"] as const;
type Way = (typeof ways)[number];
type Ports = Readonly<Record<Way | "page", number>>;

async function findPorts(): Promise<Ports> {
  const [udp, tcp, ring, page] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  return { udp, tcp, ring, page };
}

/** A source for each way; in the data folder of the one before. */
async function start(
  folder: TempFolder,
  ports: Ports,
  started: AsyncDisposableStack,
): Promise<Running> {
  const sources = ways.map(
    (way) =>
      `  ${way}: { kind: access-log, format: haproxy-http, every: 1s, ` +
      `syslog: { listen: "${way === "udp" ? "udp" : "tcp"}://127.0.0.1:${ports[way]}", program: haproxy } }`,
  );
  await writeFile(
    folder.join("watchpost.yml"),
    [
      "node: { name: e2e }",
      `server: { listen: "127.0.0.1:${ports.page}" }`,
      "sources:",
      ...sources,
      "",
    ].join("\n"),
  );
  const running = started.use(await startWatchpost(["run", "-c", folder.join("watchpost.yml")]));
  await waitForPort(ports.page, running);
  await waitForPort(ports.ring, running);
  await waitForPort(ports.tcp, running);
  return running;
}

function startSender(ports: Ports): Promise<Haproxy> {
  return startHaproxy(
    (site) => `
ring kept
  format rfc5424
  maxlen 8192
  size 4194304
  timeout connect 1s
  timeout server 5s
  server w 127.0.0.1:${ports.ring} log-proto octet-count
frontend stats
  bind 127.0.0.1:${site.statsPort}
  stats enable
frontend www
  bind 127.0.0.1:${site.port}
  option httplog
  option dontlognull
  log 127.0.0.1:${ports.udp} len 8192 local0
  log tcp@127.0.0.1:${ports.tcp} len 8192 local0
  log ring@kept len 8192 local0
  http-request return status 404 if { path_beg /missing }
  http-request return status 200
`,
  );
}

/** Every sixth is not found. */
async function send(haproxy: Haproxy, count: number): Promise<void> {
  for (let at = 0; at < count; at += 20) {
    const answers = Array.from({ length: 20 }, async (_, index) => {
      const path = (at + index) % 6 === 0 ? "/missing?x=1" : `/api/${"y".repeat(at)}`;
      const response = await fetch(`${haproxy.url}${path}`);
      await response.arrayBuffer();
    });
    await Promise.all(answers);
  }
}

interface Totals {
  readonly lines: number;
  readonly ok: number;
  readonly missing: number;
  readonly dropped: number;
  readonly unparsed: number;
}

async function fetchTotals(port: number, way: Way): Promise<Totals> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/sources`);
  const { sources } = (await response.json()) as { sources: readonly SourceAnswer[] };
  const totals = sources.find(({ id }) => id === way)?.totals ?? [];
  const sum = (name: string, status?: string): number =>
    totals
      .filter((total) => total.name === name)
      .filter(({ labels }) => status === undefined || labels["status"] === status)
      .reduce((all, { value }) => all + value, 0);
  return {
    lines: sum("log_lines_total"),
    ok: sum("http_requests_total", "200"),
    missing: sum("http_requests_total", "404"),
    dropped: sum("watchpost_syslog_dropped_total"),
    unparsed: sum("log_unparsed_lines_total"),
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
