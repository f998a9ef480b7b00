// Writers, rotations and kills for a while, then the reckoning; as often as wanted, on the same logs and journal.
import { mkdirSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "../harness.ts";
import { JournalReader } from "./journal-reader.ts";
import type { Lane, LaneDefinition } from "./lane.ts";
import { createRandom } from "./random.ts";
import { Tally } from "./tally.ts";
import { TorturedNode } from "./tortured-node.ts";
import { Trace } from "./trace.ts";

export interface TortureOptions {
  readonly seed: number;
  /** For the configuration, the data and the logs. */
  readonly folder: string;
  /** By the ids of their sources. */
  readonly lanes: Readonly<Record<string, LaneDefinition>>;
  /** Names of rotations; all when undefined. */
  readonly rotations?: readonly string[] | undefined;
}

/** What one round brought, over all lanes. */
export interface Round {
  /** Numbered lines since the start. */
  readonly written: number;
  readonly kills: number;
  /** Of the lanes that count them, and as the node has seen them. */
  readonly forced: number;
  readonly rotations: number;
  readonly truncations: number;
  readonly late: number;
  /** Lines and bytes that truncations destroyed before they were counted, and the bytes that were called lost. */
  readonly destroyed: number;
  readonly destroyedBytes: number;
  readonly lostBytes: number;
  readonly residentBytes: number | undefined;
  readonly journalBytes: number;
  /** From the last line written until all were counted. */
  readonly settledMs: number;
  /** In sentences, with what happened around each number; none when every number is counted once. */
  readonly problems: readonly string[];
}

/** Once the writers have stopped, all has to be counted as long as there is some progress: for so long there may be none. */
const restMsMax = 20_000;
/** All is counted; but what comes twice may come later. */
const lingeringMs = 2500;
const pollMs = 250;
/** Of the problems of one lane, so many with what happened about that time. */
const tracesMax = 3;

export class Torture implements AsyncDisposable {
  readonly node: TorturedNode;
  readonly #reader: JournalReader;
  readonly #tallies: ReadonlyMap<string, Tally>;
  readonly #lanes: readonly Lane[];
  readonly #trace: Trace;

  static async create({ seed, folder, lanes, rotations }: TortureOptions): Promise<Torture> {
    const random = createRandom(seed);
    const trace = new Trace();
    const definitions = Object.entries(lanes);
    const tallies = new Map(
      definitions.map(([id]) => [id, new Tally((number) => trace.mark(id, number))] as const),
    );
    const node = await TorturedNode.create({
      folder,
      files: new Map(definitions.map(([id, { files }]) => [id, files] as const)),
      random: random.fork("node"),
      note: (what) => trace.note("node", what),
    });
    const created = definitions.map(([id, { create }]) => {
      const tally = tallies.get(id) ?? new Tally(() => {});
      mkdirSync(path.join(folder, id));
      return create({
        folder: path.join(folder, id),
        random: random.fork(id),
        tally,
        rotations,
        note: (what) => trace.note(id, what),
        settled: (signal) => untilSettled(tally, signal),
        isDown: () => node.isDown,
      });
    });
    return new Torture(node, { tallies, lanes: created, trace });
  }

  private constructor(
    node: TorturedNode,
    parts: {
      readonly tallies: ReadonlyMap<string, Tally>;
      readonly lanes: readonly Lane[];
      readonly trace: Trace;
    },
  ) {
    this.node = node;
    this.#tallies = parts.tallies;
    this.#lanes = parts.lanes;
    this.#trace = parts.trace;
    this.#reader = new JournalReader(node.journalFile, parts.tallies);
  }

  /** Tortures for so long, then waits until all is counted, or until it is clear that it will not be. */
  async round(forMs: number): Promise<Round> {
    let settledMs = 0;
    const reading = new AbortController();
    const keepsReading = this.#keepReading(reading.signal);
    try {
      await this.#start();
      await this.#torture(forMs);
      settledMs = await this.#settle();
    } finally {
      reading.abort();
      await keepsReading;
    }
    const round = await this.#toRound(settledMs);
    if (round.problems.length === 0) {
      await Promise.all(this.#lanes.map((lane) => lane.tidy()));
      this.#tallies.forEach((tally) => tally.closeRound());
      this.#trace.clear();
    }
    return round;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.node, ...this.#lanes].map(async (one) => one[Symbol.asyncDispose]?.()));
  }

  /** Lines counted as the node's own interface tells it, by source. */
  async askTotals(): Promise<ReadonlyMap<string, number>> {
    return new Map(
      (await this.#askSources()).map(({ id, totals }) => [
        id,
        totals
          .filter(({ name }) => name === "log_lines_total")
          .reduce((sum, { value }) => sum + value, 0),
      ]),
    );
  }

  /** Lines counted as the journal has them, by source. */
  journalTotals(): ReadonlyMap<string, number> {
    return new Map(
      [...this.#tallies].map(([id, { counted }]) => [
        id,
        counted.parsed + counted.unparsed + counted.tooLong,
      ]),
    );
  }

  /** What happened before a source stopped for the first time, it cannot know; so that comes before everything else. */
  async #start(): Promise<void> {
    await this.node.start();
    await this.node.waitUntilReady();
    const isSeen = (): boolean => this.#tallies.keys().every((id) => this.#reader.seen.has(id));
    await waitFor("a batch of every source", isSeen);
  }

  async #torture(forMs: number): Promise<void> {
    // Not AbortSignal.timeout: what AbortSignal.any makes of it may never come, once it is collected as garbage.
    const over = new AbortController();
    const { signal } = over;
    const timer = setTimeout(() => over.abort(), forMs);
    const running = [this.node.torture(signal), ...this.#lanes.map((lane) => lane.run(signal))];
    try {
      await Promise.all(running);
    } finally {
      clearTimeout(timer);
      over.abort();
      await Promise.allSettled(running);
    }
    this.#trace.note("node", "the writers have stopped");
    await this.node.start();
    await this.node.waitUntilReady();
  }

  async #keepReading(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#reader.read();
      await sleep(pollMs);
    }
  }

  /** Resolves to how long it took, in whole milliseconds. */
  async #settle(): Promise<number> {
    const startedAt = performance.now();
    let settledAt: number | undefined;
    let progress = { counted: 0, atMs: startedAt };
    while (performance.now() - progress.atMs < restMsMax) {
      await sleep(pollMs);
      const nowMs = performance.now();
      const tallies = [...this.#tallies.values()];
      const counted = tallies.reduce((sum, tally) => sum + tally.counted.parsed, 0);
      progress = counted === progress.counted ? progress : { counted, atMs: nowMs };
      settledAt = tallies.every((tally) => tally.isSettled) ? (settledAt ?? nowMs) : undefined;
      if (settledAt !== undefined && nowMs - settledAt > lingeringMs) {
        break;
      }
    }
    return Math.round((settledAt ?? performance.now()) - startedAt);
  }

  async #toRound(settledMs: number): Promise<Round> {
    const tallies = [...this.#tallies.values()];
    const sum = (amountOf: (tally: Tally) => number): number =>
      tallies.reduce((all, tally) => all + amountOf(tally), 0);
    return {
      written: sum(({ written }) => written),
      kills: this.node.kills,
      forced: this.#lanes.reduce((all, { rotations = 0 }) => all + rotations, 0),
      rotations: sum(({ counted }) => counted.rotations),
      truncations: sum(({ counted }) => counted.truncations),
      late: sum(({ counted }) => counted.late),
      destroyed: sum((tally) => tally.destroyed().lines),
      destroyedBytes: sum((tally) => tally.destroyed().bytes),
      lostBytes: sum(({ counted }) => counted.lostBytes),
      residentBytes: this.node.residentBytes(),
      journalBytes: this.node.journalBytes(),
      settledMs,
      problems: await this.#problems(),
    };
  }

  async #problems(): Promise<readonly string[]> {
    const found = [...this.#tallies].flatMap(([id, tally]) => {
      const problems = tally.problems();
      const traces = problems.slice(0, tracesMax).map((problem) => this.#trace.around(id, problem));
      return problems.map((problem, index) => `${id}: ${problem}${traces[index] ?? ""}`);
    });
    const others = [...this.#reader.problems, ...this.node.unexpected];
    return found.length + others.length === 0
      ? []
      : [...found, ...others, ...(await this.#askProblems()), this.node.output()];
  }

  /** What the node itself says of its sources. */
  async #askProblems(): Promise<readonly string[]> {
    return (await this.#askSources()).flatMap(({ id, problem }) =>
      problem === null ? [] : [`the node says of ${id}: ${problem}`],
    );
  }

  async #askSources(): Promise<readonly SourceAnswer[]> {
    const response = await fetch(`${this.node.url}api/v1/sources`);
    return ((await response.json()) as { sources: readonly SourceAnswer[] }).sources;
  }
}

async function untilSettled(tally: Tally, signal: AbortSignal): Promise<void> {
  while (!tally.isSettled) {
    await sleep(pollMs, undefined, { signal });
  }
}

interface SourceAnswer {
  readonly id: string;
  readonly problem: string | null;
  readonly totals: readonly { readonly name: string; readonly value: number }[];
}
