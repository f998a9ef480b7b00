// A node that is killed and started again at any moment.
import { existsSync, readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort, type Running, startWatchpost, waitFor } from "../harness.ts";
import { sourceOptions } from "./numbered-line.ts";
import type { Random } from "./random.ts";

export interface TorturedNodeOptions {
  /** For the configuration and the data; each source's logs are in a folder of its name in it. */
  readonly folder: string;
  /** Source ids to the option `files`, relative to the source's folder. */
  readonly files: ReadonlyMap<string, readonly string[]>;
  readonly random: Random;
  readonly note: (what: string) => void;
}

export class TorturedNode implements AsyncDisposable {
  readonly #options: TorturedNodeOptions;
  readonly #config: string;
  readonly #port: number;
  #running: Running | undefined;
  /** How long it takes from the start until it answers, on this machine. */
  #startMs = 1000;
  #kills = 0;
  #unexpected: string[] = [];

  static async create(options: TorturedNodeOptions): Promise<TorturedNode> {
    const node = new TorturedNode(options, await findFreePort());
    await writeFile(node.#config, toConfig(options, node.#port));
    return node;
  }

  private constructor(options: TorturedNodeOptions, port: number) {
    this.#options = options;
    this.#config = path.join(options.folder, "watchpost.yml");
    this.#port = port;
  }

  get journalFile(): string {
    return path.join(this.#options.folder, "watchpost-data", "journal.db");
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/`;
  }

  get configFile(): string {
    return this.#config;
  }

  get isDown(): boolean {
    return this.#running === undefined;
  }

  /** How often it was ended. */
  get kills(): number {
    return this.#kills;
  }

  /** Ends that nobody asked for, with their output. */
  get unexpected(): readonly string[] {
    return this.#unexpected;
  }

  /** What the running process has said. */
  output(): string {
    return this.#running?.output() ?? "";
  }

  /** Of the running process, in bytes; undefined when there is none. */
  residentBytes(): number | undefined {
    const status = this.#running && readFileSync(`/proc/${this.#running.pid}/status`, "utf8");
    const kilobytes = status && /VmRSS:\s+(\d+)/.exec(status)?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  }

  journalBytes(): number {
    const files = [this.journalFile, `${this.journalFile}-wal`].filter((file) => existsSync(file));
    return files.reduce((sum, file) => sum + statSync(file).size, 0);
  }

  /** Starts it, and kills it again and again until the signal is aborted; it may run or not then. */
  async torture(signal: AbortSignal): Promise<void> {
    const { random } = this.#options;
    while (!signal.aborted) {
      await this.start();
      // A fifth is killed while it starts; the others live for a while after that.
      const isEarly = random.chance(0.2);
      const livesMs = this.#startMs * random.next() + (isEarly ? 0 : random.between(1200, 6000));
      await this.#live(isEarly ? livesMs : this.#startMs / 2 + livesMs, signal);
      if (!signal.aborted) {
        await this.#end();
        await pause(
          random.chance(0.6) ? random.between(0, 200) : random.between(200, 2500),
          signal,
        );
      }
    }
  }

  /** Does nothing when it runs. */
  async start(): Promise<void> {
    if (this.#running !== undefined) {
      return;
    }
    this.#options.note("node: starts");
    this.#running = await startWatchpost(["run", "-c", this.#config]);
  }

  async waitUntilReady(): Promise<void> {
    const running = this.#running;
    const startedAt = performance.now();
    if (running !== undefined) {
      await waitFor("the node", () => running.stderr().includes(this.url), { process: running });
    }
    this.#startMs = Math.max(this.#startMs, performance.now() - startedAt);
  }

  signal(name: NodeJS.Signals): void {
    this.#running?.signal(name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running?.stop();
  }

  /** Time passes for the node; now and then it is stopped in the middle, as by a disk that does not answer. */
  async #live(forMs: number, signal: AbortSignal): Promise<void> {
    const { random, note } = this.#options;
    if (random.chance(0.7)) {
      return pause(forMs, signal);
    }
    await pause(forMs * random.next(), signal);
    note("node: SIGSTOP");
    this.#running?.signal("SIGSTOP");
    await pause(random.between(100, 1500), signal);
    this.#running?.signal("SIGCONT");
    note("node: SIGCONT");
    await pause(forMs * random.next(), signal);
  }

  async #end(): Promise<void> {
    const running = this.#running;
    if (running?.exit() !== undefined) {
      this.#unexpected.push(`the node ended by itself: ${running.output()}`);
    }
    const isKill = this.#options.random.chance(0.85);
    this.#options.note(isKill ? "node: SIGKILL" : "node: SIGTERM");
    await (isKill ? running?.kill() : running?.stop());
    this.#running = undefined;
    this.#kills++;
  }
}

function toConfig({ folder, files }: TorturedNodeOptions, port: number): string {
  const sources = [...files].map(([id, names]) => {
    const paths = names.map((name) => path.join(folder, id, name));
    // A list only where it is one: a single path has been an option for longer.
    const option = JSON.stringify(paths.length === 1 ? paths[0] : paths);
    return `  ${id}: { kind: access-log, files: ${option}, from: start, ${sourceOptions} }\n`;
  });
  return `node: { name: torture }
server: { listen: "127.0.0.1:${port}" }
sources:
${sources.join("")}`;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // It ends earlier.
  }
}
