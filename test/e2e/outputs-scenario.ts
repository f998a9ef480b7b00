// Every output at once, from one configuration, while what it sends to is stopped and started at random.
import { appendFile, readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "./harness.ts";
import { toLogLine } from "./log-line.ts";
import { type Counterpart, groups, startCounterparts } from "./outputs-counterparts.ts";
import { createRandom } from "./random.ts";
import { startNode } from "./servers/node.ts";

export interface ScenarioOptions {
  readonly durationMs: number;
  readonly seed: number;
  /** How long to wait afterwards for what is still under way. */
  readonly settleMs: number;
}

export interface Outcome {
  /** Lines of the log by their group. */
  readonly lines: ReadonlyMap<string, number>;
  readonly counterparts: readonly CounterpartOutcome[];
  /** The node's resident memory over time, in bytes. */
  readonly memory: readonly number[];
  /** What the node says of itself at the end. */
  readonly readers: readonly ReaderJson[];
}

export interface CounterpartOutcome {
  readonly name: string;
  readonly stops: number;
  /** What it has in the end, by group. */
  readonly totals: ReadonlyMap<string, number>;
  readonly isExact: boolean;
}

export interface ReaderJson {
  readonly name: string;
  readonly lagBatches: number;
  readonly errors: number;
  readonly lastError: string | null;
  readonly missedBatches: number;
  readonly droppedBatches: number;
  readonly refusedSamples: number;
}

const stepMs = 100;
const linesPerStep = 10;
/** No window is longer open than that after its last line. */
const windowMs = 4_000;

export async function runScenario({
  durationMs,
  seed,
  settleMs,
}: ScenarioOptions): Promise<Outcome> {
  const random = createRandom(seed);
  await using cleanUp = new AsyncDisposableStack();
  const counterparts = await startCounterparts(cleanUp);
  const node = cleanUp.use(
    await startNode(
      (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 1s, groups: [{ match: "^/(?<group>g[0-9]+)" }] }
outputs:
${counterparts.map(({ name, options }) => `  ${name}: { ${options(join)}, only: http_requests_total }\n`).join("")}
`,
      Object.assign({}, ...counterparts.map(({ env = {} }) => env)),
    ),
  );
  const until = performance.now() + durationMs;
  const outages = counterparts.map((each) => stopAndStart(each, random, until));
  const lines = new Map(groups.map((group) => [group, 0]));
  const memory: number[] = [];
  while (performance.now() < until) {
    const step = Array.from({ length: linesPerStep }, () => pick(groups, random));
    step.forEach((group) => lines.set(group, (lines.get(group) ?? 0) + 1));
    await appendFile(node.join("access.log"), step.map((group) => toLogLine(`/${group}`)).join(""));
    memory.push(await readMemory(node.process.pid));
    await sleep(stepMs);
  }
  const stops = await Promise.all(outages);
  await sleep(windowMs);
  const readers = await waitFor("all that is under way", () => findSettled(node.url), {
    timeoutMs: settleMs,
    process: node.process,
  });
  const outcomes = counterparts.map(async (each, i): Promise<CounterpartOutcome> => {
    const totals = await waitForTotals(each, node, lines);
    return { name: each.name, stops: stops[i] ?? 0, totals, isExact: each.isExact };
  });
  return { lines, counterparts: await Promise.all(outcomes), memory, readers };
}

/** Some receivers write what they have taken a little later. */
async function waitForTotals(
  counterpart: Counterpart,
  node: { readonly url: string; readonly join: (name: string) => string },
  lines: ReadonlyMap<string, number>,
): Promise<ReadonlyMap<string, number>> {
  const deadline = performance.now() + 15_000;
  for (;;) {
    const totals = await counterpart.read(node);
    const isThere = [...lines].every(([group, count]) => (totals.get(group) ?? 0) >= count);
    if (isThere || performance.now() > deadline) {
      return totals;
    }
    await sleep(500);
  }
}

async function stopAndStart(
  { receiver }: Counterpart,
  random: () => number,
  until: number,
): Promise<number> {
  if (receiver === undefined) {
    return 0;
  }
  let stops = 0;
  while (performance.now() < until) {
    await sleep(1_000 + random() * 4_000);
    await receiver.stop();
    stops++;
    await sleep(random() * 3_000);
    await receiver.start();
  }
  return stops;
}

async function findSettled(url: string): Promise<readonly ReaderJson[] | undefined> {
  const response = await fetch(`${url}api/v1/readers`);
  const { readers } = (await response.json()) as { readonly readers: readonly ReaderJson[] };
  const outputs = readers.filter(({ name }) => name.startsWith("output:"));
  // The tick is always on its way.
  return outputs.every(({ lagBatches, lastError }) => lagBatches <= 3 && lastError === null)
    ? outputs
    : undefined;
}

function pick(from: readonly string[], random: () => number): string {
  return from[Math.floor(random() * from.length)] ?? "";
}

/** Linux alone says it this way; elsewhere it is not measured. */
async function readMemory(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/statm`, "utf8").catch(() => "0 0");
  return Number(text.split(" ")[1]) * 4_096;
}
