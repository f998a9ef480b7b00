// Debian's HAProxy over HTTP, its run-time socket and its master socket: what it holds open is seen in every poll, and
// reloads under load neither add to the totals nor hide what is lost.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import http from "node:http";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { BatchJson } from "../../src/core/batch-json.ts";
import {
  createTempFolder,
  findFreePort,
  type Running,
  skipWithout,
  startWatchpost,
  type TempFolder,
  waitFor,
} from "./harness.ts";
import { type Haproxy, startHaproxy } from "./servers/haproxy.ts";

const skip = skipWithout("haproxy");
const ways = ["http", "socket", "master"] as const;
type Way = (typeof ways)[number];

const everyMs = 500;
const reloads = 3;
const requestsPerSecond = 150;

test("requests that are held open are sessions in every poll", { skip }, async () => {
  await using started = new AsyncDisposableStack();
  const { backend, haproxy, batches } = await start(started);
  const held = Array.from({ length: 4 }, () => fetch(`${haproxy.url}/hold`));
  await waitFor("four requests at the backend", () => backend.held() === 4);
  const from = Date.now();
  await sleep(8 * everyMs);
  const to = Date.now();
  backend.release();
  await Promise.all(held);
  await waitFor("polls behind them", async () => isPolledAfter(await batches(), to));
  for (const way of ways) {
    const during = (await batches()).filter(
      (batch) => batch.source === way && startOf(batch) > from && Date.parse(batch.to) < to,
    );
    assert.ok(during.length >= 4, `${way}: ${during.length} polls`);
    for (const batch of during) {
      const sessions = { way, frontend: 4, backend: 4, serverA: 4 };
      assert.deepEqual(
        {
          way,
          frontend: valueOf(batch, "haproxy_sessions", { proxy: "web", kind: "frontend" }),
          backend: valueOf(batch, "haproxy_sessions", { proxy: "app", kind: "backend" }),
          serverA: valueOf(batch, "haproxy_sessions", { proxy: "app", server: "a" }),
        },
        sessions,
      );
    }
  }
});

test("totals over reloads under load are never above what was sent", { skip }, async () => {
  await using started = new AsyncDisposableStack();
  const { haproxy, batches } = await start(started);
  const stop = started.adopt(new AbortController(), (controller) => controller.abort());
  const load = sendRequests(haproxy.url, stop.signal);
  for (let reload = 0; reload < reloads; reload++) {
    await sleep(2_000 + 300 * reload);
    await haproxy.reload();
  }
  await sleep(2_000);
  stop.abort();
  const requests = await load;
  const end = Date.now();
  await waitFor("polls behind the load", async () => isPolledAfter(await batches(), end + everyMs));
  const all = await batches();
  for (const way of ways) {
    const own = all.filter(({ source }) => source === way);
    checkCounts(way, own, requests);
    const events = own.flatMap((batch) => batch.events.map(({ name }) => name));
    const seen = events.filter((name) => name === "haproxy_reloaded").length;
    assert.equal(seen, reloads, `${way}: ${events.join(", ")}`);
  }
});

test("over the master socket, sessions of the old worker are still seen", { skip }, async () => {
  await using started = new AsyncDisposableStack();
  const { backend, haproxy, batches } = await start(started);
  const held = Array.from({ length: 3 }, () => fetch(`${haproxy.url}/hold`));
  await waitFor("three requests at the backend", () => backend.held() === 3);
  await haproxy.reload();
  const from = Date.now();
  await waitFor("polls behind the reload", async () =>
    isPolledAfter(await batches(), from + everyMs),
  );
  const seen = (await batches()).findLast(({ source }) => source === "master");
  assert.ok(seen !== undefined);
  assert.equal(valueOf(seen, "haproxy_sessions", { proxy: "app", kind: "backend" }), 3);
  assert.equal(valueOf(seen, "haproxy_old_workers"), 1);
  assert.equal(seen.partial, undefined, "nothing is lost while it answers");
  backend.release();
  await Promise.all(held);
});

test(
  "a HAProxy that is stopped is down, and nothing is said of its proxies",
  { skip },
  async () => {
    await using started = new AsyncDisposableStack();
    const { haproxy, batches } = await start(started);
    await haproxy.process.stop();
    const stoppedAt = Date.now();
    const down = await waitFor("haproxy_up 0", async () => {
      const found = (await batches()).filter((batch) => valueOf(batch, "haproxy_up") === 0);
      return ways.every((way) => found.some(({ source }) => source === way)) && found;
    });
    for (const batch of down) {
      assert.equal(batch.partial, true);
      assert.ok(Date.parse(batch.to) > stoppedAt - 1_000);
      assert.equal(valueOf(batch, "haproxy_sessions", { proxy: "app" }), undefined, "no zeros");
    }
    const events = down.flatMap((batch) => batch.events.map(({ name }) => name));
    assert.equal(events.filter((name) => name === "haproxy_down").length, ways.length);
  },
);

/** No window counts more than was under way in it, and what is missing is where a batch says so. */
function checkCounts(way: Way, batches: readonly BatchJson[], requests: readonly Request[]): void {
  let total = 0;
  let shortfallMax = 0;
  for (const batch of batches) {
    const counted =
      valueOf(batch, "haproxy_requests_total", { proxy: "web", kind: "frontend" }) ?? 0;
    // The dump is somewhere between the start of its poll and its end.
    const [from, to] = [Date.parse(batch.from) - everyMs, Date.parse(batch.to)];
    const underWay = requests.filter(({ sentAt, doneAt }) => sentAt < to && doneAt > from).length;
    assert.ok(counted <= underWay, `${way}: ${counted} counted, ${underWay} under way`);
    total += counted;
    shortfallMax += batch.partial === true ? underWay : 0;
  }
  const sent = requests.length;
  assert.ok(sent > requestsPerSecond, `${sent} sent`);
  assert.ok(total <= sent, `${way}: ${total} counted, ${sent} sent`);
  assert.ok(
    total >= sent - shortfallMax,
    `${way}: ${sent - total} missing, ${shortfallMax} in partial windows`,
  );
  const partial = batches.filter((batch) => batch.partial === true).length;
  assert.ok(partial <= 2 * reloads, `${way}: ${partial} partial batches`);
}

// ------------------------------------------------------------------------------------------------------------ the world

interface World {
  readonly backend: Backend;
  readonly haproxy: Haproxy;
  readonly batches: () => Promise<readonly BatchJson[]>;
}

/** A backend, HAProxy before it and Watchpost, each source of which has looked twice. */
async function start(started: AsyncDisposableStack): Promise<World> {
  const backend = started.use(await startBackend());
  const haproxy = started.use(
    await startHaproxy(
      ({ port, statsPort }) => `
frontend web
  bind 127.0.0.1:${port}
  default_backend app
backend app
  server a 127.0.0.1:${backend.port}
listen stats
  bind 127.0.0.1:${statsPort}
  stats enable
  stats uri /haproxy?stats
  stats auth admin:open-sesame`,
    ),
  );
  const folder = started.use(await createTempFolder());
  const watchpost = started.use(await runWatchpost(haproxy, folder));
  const batches = (): Promise<readonly BatchJson[]> => readBatches(folder.join("batches.ndjson"));
  await waitFor(
    "two looks of each source",
    async () => {
      const seen = await batches();
      return ways.every((way) => seen.filter(({ source }) => source === way).length >= 2);
    },
    { process: watchpost },
  );
  return { backend, haproxy, batches };
}

async function runWatchpost(haproxy: Haproxy, folder: TempFolder): Promise<Running> {
  const file = folder.join("watchpost.yml");
  await writeFile(
    file,
    `node: { name: e2e }
data: ${folder.join("data")}
server: { listen: "127.0.0.1:${await findFreePort()}" }
sources:
  http:
    kind: haproxy
    url: http://127.0.0.1:${haproxy.statsPort}/haproxy?stats;csv
    username: admin
    password: { env: LB_PASSWORD }
    exclude: stats
    every: ${everyMs}ms
  socket: { kind: haproxy, socket: ${haproxy.socket}, every: ${everyMs}ms }
  master: { kind: haproxy, master: ${haproxy.master}, every: ${everyMs}ms }
outputs:
  file: { kind: json-file, path: ${folder.join("batches.ndjson")} }
`,
  );
  return startWatchpost(["run", "-c", file], { env: { LB_PASSWORD: "open-sesame" } });
}

async function readBatches(file: string): Promise<readonly BatchJson[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as BatchJson);
}

function isPolledAfter(batches: readonly BatchJson[], at: number): boolean {
  return ways.every((way) => batches.some((batch) => batch.source === way && startOf(batch) > at));
}

/** When the look began. */
function startOf(batch: BatchJson): number {
  const seconds = valueOf(batch, "haproxy_poll_duration_seconds") ?? 0;
  return Date.parse(batch.to) - seconds * 1_000;
}

/** Of the first series with these labels among its own. */
function valueOf(
  { samples }: BatchJson,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const found = samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  );
  return typeof found?.value === "number" ? found.value : undefined;
}

// ------------------------------------------------------------------------------------------------------------- the load

interface Request {
  readonly sentAt: number;
  readonly doneAt: number;
}

/** Until aborted; resolves to all of them. A connection may be kept, so that old workers stay for a while. */
async function sendRequests(url: string, stop: AbortSignal): Promise<readonly Request[]> {
  const requests: Request[] = [];
  const pending = new Set<Promise<void>>();
  const send = async (): Promise<void> => {
    const sentAt = Date.now();
    try {
      const response = await fetch(`${url}/`);
      await response.arrayBuffer();
    } catch {
      // Cut off by a reload; HAProxy may have counted it.
    }
    requests.push({ sentAt, doneAt: Date.now() });
  };
  while (!stop.aborted) {
    pending.add(send());
    await sleep(1_000 / requestsPerSecond);
  }
  await Promise.all(pending);
  return requests;
}

interface Backend extends AsyncDisposable {
  readonly port: number;
  /** How many requests are held open. */
  readonly held: () => number;
  readonly release: () => void;
}

/** Answers at once, and what is asked for /hold when it is told to. */
async function startBackend(): Promise<Backend> {
  const held = new Set<http.ServerResponse>();
  const server = http.createServer((request, response) => {
    if (request.url === "/hold") {
      held.add(response);
    } else {
      response.end("hello\n");
    }
  });
  const port = await findFreePort();
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const release = (): void => {
    held.forEach((response) => response.end("at last\n"));
    held.clear();
  };
  return {
    port,
    held: () => held.size,
    release,
    async [Symbol.asyncDispose]() {
      release();
      server.closeAllConnections();
      server.close();
    },
  };
}
