// CPU of one poll of a HAProxy with 5 000 rows, few or all of them busy: fetched, parsed, counted, encoded and committed
// to the SQLite journal. The peer is prometheus-haproxy-exporter, scraped as often, without anything that stores it.
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Observation, SourceContext } from "../src/core/component.ts";
import { createSourceWriter } from "../src/engine/source-writer.ts";
import { systemFetch } from "../src/engine/system-fetch.ts";
import { systemNetwork } from "../src/engine/system-network.ts";
import { createSystemFiles } from "../src/engine/system-files.ts";
import { openSqliteJournal } from "../src/journal/sqlite.ts";
import { haproxy } from "../src/sources/haproxy.ts";
import { findProgram } from "../tools/apt-packages.ts";

const polls = 20;
const warmUps = 5;
const exporter = "prometheus-haproxy-exporter";
/** USER_HZ of Linux: the unit of /proc/PID/stat. */
const ticksPerSecond = 100;

const folder = mkdtempSync(join(tmpdir(), "watchpost-bench-"));
const children: ChildProcess[] = [];
const end = AbortSignal.timeout(120_000);
try {
  for (const oneIn of [20, 1]) {
    await compare(oneIn);
  }
} finally {
  children.forEach((child) => child.kill());
  rmSync(folder, { recursive: true });
}

/** With one in so many servers busy. */
async function compare(oneIn: number): Promise<void> {
  console.log(oneIn === 1 ? "all servers are busy" : `one server in ${oneIn} is busy`);
  const port = await findPort();
  start(process.execPath, [
    join(import.meta.dirname, "_haproxy-page.ts"),
    String(port),
    String(oneIn),
  ]);
  const url = `http://127.0.0.1:${port}/haproxy?stats;csv`;
  await untilAnswered(url);
  const own = await measureOwn(url);
  const program = findProgram(exporter);
  if (program === undefined) {
    console.log(`${exporter} is not installed: sudo apt-get install ${exporter}`);
    return;
  }
  const peer = await measurePeer(program, url);
  console.log(`a poll costs ${(own / peer).toFixed(3)} times the CPU of a scrape`);
}

/** Milliseconds of CPU a poll. */
async function measureOwn(url: string): Promise<number> {
  await using journal = openSqliteJournal({
    file: join(folder, `journal-${children.length}.db`),
    now: Date.now,
  });
  const environment = {
    clock: {
      now: Date.now,
      monotonic: () => performance.now(),
      sleep: (ms: number, signal: AbortSignal) => sleep(ms, undefined, { signal }),
    },
    random: Math.random,
    fetch: systemFetch,
    files: createSystemFiles(folder),
    network: systemNetwork,
    print: async () => {},
    log: () => {},
  };
  const writer = createSourceWriter({
    journal,
    claim: await journal.claim("lb"),
    kind: haproxy.name,
    service: "",
    environment,
    onProblem: (problem) => {
      throw new Error(problem);
    },
  });
  const options = haproxy.options.parse({ url });
  let last: Observation | undefined;
  let startedAt = process.cpuUsage();
  for (let poll = -warmUps; poll < polls; poll++) {
    if (poll === 0) {
      startedAt = process.cpuUsage();
    }
    const context: SourceContext = {
      ...environment,
      signal: end,
      now: Date.now,
      monotonic: () => performance.now(),
      sleep: (ms) => sleep(ms),
      report: () => {},
      position: last?.position,
      everyMs: 10_000,
    };
    last = await haproxy.observe(options, context);
    await writer.append(last, end);
  }
  const { user, system } = process.cpuUsage(startedAt);
  const ms = (user + system) / 1_000 / polls;
  console.log(`watchpost: ${ms.toFixed(1)} ms of CPU a poll, ${last?.samples.length} samples`);
  return ms;
}

async function measurePeer(program: string, url: string): Promise<number> {
  const port = await findPort();
  const child = start(program, [
    `--haproxy.scrape-uri=${url}`,
    `--web.listen-address=127.0.0.1:${port}`,
    "--log.level=error",
  ]);
  const metrics = `http://127.0.0.1:${port}/metrics`;
  await untilAnswered(metrics);
  let startedAt = 0;
  let lines = 0;
  for (let scrape = -2; scrape < polls; scrape++) {
    if (scrape === 0) {
      startedAt = cpuMs(child);
    }
    const response = await fetch(metrics, { signal: end });
    lines = (await response.text()).split("\n").filter((line) => !line.startsWith("#")).length;
  }
  const ms = (cpuMs(child) - startedAt) / polls;
  console.log(`${exporter}: ${ms.toFixed(1)} ms of CPU a scrape, ${lines} series`);
  return ms;
}

function start(program: string, args: readonly string[]): ChildProcess {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "inherit"] });
  children.push(child);
  return child;
}

/** User and system time of a process so far (proc(5), fields 14 and 15). */
function cpuMs({ pid }: ChildProcess): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond;
}

async function untilAnswered(url: string): Promise<void> {
  for (;;) {
    try {
      const response = await fetch(url, { signal: end });
      await response.arrayBuffer();
      return;
    } catch (error) {
      end.throwIfAborted();
      if (!(error instanceof TypeError)) {
        throw error;
      }
      await sleep(50);
    }
  }
}

async function findPort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await new Promise<void>((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === "object" && address !== null ? address.port : 0;
}
