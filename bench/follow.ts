// Following a log that grows by 50 000 lines a second, beside mtail on the same file at the same
// time; then a thousand quiet files; then a week of windows, by a clock that is set forward.
// Says what each takes of a core, and how far behind it is.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { LinePen } from "./_line-pen.ts";
import { timedCombined, topFolders } from "./_log-lines.ts";
import { simulateWeek } from "./_simulated-week.ts";

const linesPerSecond = 50_000;
const warmUpMs = 8000;
const busyMs = 25_000;
const quietFiles = 1000;
const quietMs = 30_000;
/** Then the pauses between looks are as long as they become. */
const quietWarmUpMs = 100_000;
const everyMs = 1000;
const latenessMs = 1000;

const program = path.resolve(import.meta.dirname, "../src/main.ts");
const mtailProgram = `counter requests by status, folder
counter bytes
histogram seconds buckets 0.01, 0.03, 0.1, 0.3, 1, 3
/^(?P<client>\\S+) - (?P<user>\\S+) \\[(?P<time>[^\\]]+)\\] "(?P<method>\\S+) \\/(?P<folder>[^\\/? ]*)(?P<rest>\\S*) \\S+" (?P<status>\\d+) (?P<bytes>\\d+) "[^"]*" "[^"]*" (?P<seconds>[\\d.]+)$/ {
  requests[$status][$folder]++
  bytes += $bytes
  seconds = $seconds
}
`;

const totalSchema = z.object({ name: z.string(), value: z.unknown() });
const answerSchema = z.object({ sources: z.array(z.object({ totals: z.array(totalSchema) })) });

const folder = mkdtempSync(path.join(tmpdir(), "follow-bench-"));
const children: ChildProcess[] = [];
try {
  await measureBusy();
  await measureQuiet();
  console.log("MiB of heap after each day of a simulated week:", await simulateWeek());
} finally {
  for (const child of children) {
    child.kill("SIGKILL");
  }
  rmSync(folder, { recursive: true });
}

/** One of the two that follow, and what it said while they did. */
interface Follower {
  readonly name: string;
  readonly child: ChildProcess;
  readonly countLines: () => Promise<number>;
  readonly behindMs: number[];
}

async function measureBusy(): Promise<void> {
  const file = path.join(folder, "access.log");
  closeSync(openSync(file, "w"));
  const followers = [await startOurs(file), ...(await startMtail(file))];
  const pen = new LinePen(file);
  await write(pen, followers, warmUpMs);
  const before = followers.map(({ child }) => cpuMs(child));
  for (const { behindMs } of followers) {
    behindMs.length = 0;
  }
  await write(pen, followers, busyMs);
  const rows = followers.map(({ name, child, behindMs }, index) => ({
    name,
    "% of a core": percent(cpuMs(child) - (before[index] ?? 0), busyMs),
    "behind, median s": seconds(behindMs.toSorted((a, b) => a - b)[behindMs.length >> 1] ?? 0),
    "behind, most s": seconds(Math.max(...behindMs)),
    "RSS MiB": rssMib(child),
  }));
  await sleep(2 * everyMs + latenessMs);
  const counts = await Promise.all(followers.map(({ countLines }) => countLines()));
  console.log(
    `${pen.lines} lines written, ${linesPerSecond} a second; counted at the end:`,
    counts,
  );
  console.table(rows);
  await stop(followers.map(({ child }) => child));
}

/** Lines come in steps of 20 ms; now and then the followers are asked how many they have. */
async function write(pen: LinePen, followers: readonly Follower[], forMs: number): Promise<void> {
  const startedAt = performance.now();
  const linesBefore = pen.lines;
  let asked = Promise.resolve();
  let askAtMs = 0;
  for (let elapsedMs = 0; elapsedMs < forMs; elapsedMs = performance.now() - startedAt) {
    pen.write(linesBefore + Math.floor((elapsedMs / 1000) * linesPerSecond) - pen.lines);
    if (elapsedMs > askAtMs) {
      askAtMs = elapsedMs + 700;
      await asked;
      asked = ask(pen, followers);
    }
    await sleep(20);
  }
  await asked;
}

async function ask(pen: LinePen, followers: readonly Follower[]): Promise<void> {
  for (const { countLines, behindMs } of followers) {
    behindMs.push(performance.now() - pen.writtenAt(await countLines()));
  }
}

async function startOurs(files: string): Promise<Follower> {
  const port = await findPort();
  const child = await startWatchpost(port, [
    `  busy:`,
    `    kind: access-log`,
    `    files: ${files}`,
    `    format: '${timedCombined}'`,
    `    every: ${everyMs / 1000}s`,
    `    slow: 1s`,
    `    groups: [${topFolders.map((name) => `{ match: "^/${name}", group: ${name} }`).join(", ")}]`,
  ]);
  const countLines = async (): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/sources`);
    return (answerSchema.parse(await response.json()).sources[0]?.totals ?? [])
      .filter(({ name }) => name === "log_lines_total")
      .reduce((sum, { value }) => sum + Number(value), 0);
  };
  return { name: `watchpost, windows of ${everyMs / 1000} s`, child, countLines, behindMs: [] };
}

async function startWatchpost(port: number, source: readonly string[]): Promise<ChildProcess> {
  const config = path.join(folder, `${port}.yml`);
  const lines = [
    `node: { name: bench }`,
    `data: ${path.join(folder, `data-${port}`)}`,
    `server: { listen: "127.0.0.1:${port}" }`,
    `sources:`,
    ...source,
  ];
  writeFileSync(config, `${lines.join("\n")}\n`);
  const child = start(process.execPath, [program, "run", "-c", config]);
  await untilAnswered(`http://127.0.0.1:${port}/api/v1/sources`);
  return child;
}

/** None when it is not installed. */
async function startMtail(file: string): Promise<readonly Follower[]> {
  if (spawnSync("mtail", ["--version"]).error !== undefined) {
    console.log("mtail is not installed; measuring without it");
    return [];
  }
  const progs = path.join(folder, "log.mtail");
  writeFileSync(progs, mtailProgram);
  const port = await findPort();
  const child = start("mtail", [
    `--progs=${progs}`,
    `--logs=${file}`,
    "--logtostderr",
    "--stderrthreshold=FATAL",
    "--address=127.0.0.1",
    `--port=${port}`,
  ]);
  const url = `http://127.0.0.1:${port}/metrics`;
  await untilAnswered(url);
  const countLines = async (): Promise<number> => {
    const text = await (await fetch(url)).text();
    return [...text.matchAll(/^mtail_log_lines_total\{[^}]*\} (\S+)$/gm)].reduce(
      (sum, [, lines]) => sum + Number(lines),
      0,
    );
  };
  return [{ name: "mtail", child, countLines, behindMs: [] }];
}

/** One line each at the start, then nothing. */
async function measureQuiet(): Promise<void> {
  const pens = Array.from(
    { length: quietFiles },
    (_, index) => new LinePen(path.join(folder, `quiet-${index}.log`)),
  );
  const port = await findPort();
  const child = await startWatchpost(port, [
    `  quiet: { kind: access-log, files: "${folder}/quiet-*.log", format: '${timedCombined}' }`,
  ]);
  pens.forEach((pen) => pen.write(1));
  await sleep(quietWarmUpMs);
  const before = cpuMs(child);
  await sleep(quietMs);
  const taken = percent(cpuMs(child) - before, quietMs);
  console.log(`${quietFiles} quiet files: ${taken} % of a core, RSS ${rssMib(child)} MiB`);
  await stop([child]);
  const idle = await startWatchpost(await findPort(), [
    `  quiet: { kind: access-log, files: "${folder}/quiet-0.log", format: '${timedCombined}' }`,
  ]);
  await sleep(quietWarmUpMs);
  const idleBefore = cpuMs(idle);
  await sleep(quietMs);
  console.log(`one quiet file: ${percent(cpuMs(idle) - idleBefore, quietMs)} % of a core`);
  await stop([idle]);
}

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: "ignore" });
  children.push(child);
  return child;
}

async function stop(running: readonly ChildProcess[]): Promise<void> {
  for (const child of running) {
    child.kill("SIGTERM");
    await once(child, "exit");
  }
}

/** User and system time so far; proc(5). */
function cpuMs({ pid }: ChildProcess): number {
  const [, fields = ""] = readFileSync(`/proc/${pid}/stat`, "utf8").split(/\) /);
  const [user, system] = fields.split(" ").slice(11, 13).map(Number);
  return ((user ?? 0) + (system ?? 0)) * 10;
}

function rssMib({ pid }: ChildProcess): number {
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return Math.round(Number(kib) / 1024);
}

function percent(takenMs: number, ofMs: number): number {
  return Math.round((takenMs / ofMs) * 1000) / 10;
}

function seconds(ms: number): number {
  return Math.round(ms / 100) / 10;
}

async function findPort(): Promise<number> {
  const server = net.createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  return typeof address === "object" && address !== null ? address.port : 0;
}

async function untilAnswered(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      await (await fetch(url)).arrayBuffer();
      return;
    } catch {
      await sleep(100);
    }
  }
  throw new Error(`nobody answers at ${url}`);
}
