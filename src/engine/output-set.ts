import type { OutputConfig, SourceConfig } from "../config/config.ts";
import type { OpenOutput, Output, OutputContext, OutputRoute } from "../core/component.ts";
import type { Journal } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";
import { toReaderName } from "./output-reader.ts";
import { runOutput } from "./run-output.ts";
import { type ReaderStatus, createReaderStatus } from "./target-status.ts";
import { tryOutput } from "./try-output.ts";
import { type TaskGroup, createTaskGroup } from "./task-group.ts";

export interface OutputSetOptions {
  readonly kinds: readonly Output[];
  readonly journal: Journal;
  readonly environment: Environment;
  readonly describe: OutputContext["describe"];
  /** See TaskGroup. */
  readonly stopMaxMs: number;
}

/** The outputs that run, by id. */
export class OutputSet {
  readonly #options: OutputSetOptions;
  readonly #tasks: TaskGroup;
  readonly #statuses = new Map<string, ReaderStatus>();
  readonly #open = new Map<OpenOutput, string>();
  /** Ids of those that are tried now. */
  readonly #trials = new Set<string>();
  readonly #stopping = new AbortController();

  constructor(options: OutputSetOptions) {
    this.#options = options;
    this.#tasks = createTaskGroup(options);
  }

  get statuses(): Iterable<ReaderStatus> {
    return this.#statuses.values();
  }

  /** `sources` is asked at each batch: a source that lists its outputs is sent to these alone. */
  start(config: OutputConfig, sources: () => ReadonlyMap<string, SourceConfig>): void {
    const { kinds, journal, environment, describe } = this.#options;
    const output = kinds.find(({ name }) => name === config.kind);
    if (output === undefined) {
      return;
    }
    const name = toReaderName(config.id);
    const status = createReaderStatus(name);
    this.#statuses.set(config.id, status);
    const onOpen = (opened: OpenOutput): void => this.#add(opened, config.id);
    const onClose = (opened: OpenOutput): boolean => this.#open.delete(opened);
    const isCurrent = (): boolean => this.#statuses.get(config.id) === status;
    const world = { journal, environment, describe };
    const run = { ...world, output, config, sources, status, isCurrent, onOpen, onClose };
    this.#tasks.start(name, (signal) => runOutput(run, signal));
  }

  async stop(id: string): Promise<void> {
    await this.#tasks.stop(toReaderName(id));
    this.#statuses.delete(id);
  }

  /** See tryOutput. One at a time of each output: whoever asks often must not open connections without end. */
  async try(config: OutputConfig, node: string): Promise<string> {
    const { environment, describe } = this.#options;
    const kind = this.kindOf(config);
    if (this.#trials.has(config.id)) {
      throw new Error("the test before this one has still not ended");
    }
    this.#trials.add(config.id);
    try {
      const trial = { kind, config, node, environment, describe };
      return await tryOutput(trial, this.#stopping.signal);
    } finally {
      this.#trials.delete(config.id);
    }
  }

  /** Throws for a kind that there is not: the configuration has none such. */
  kindOf({ id, kind }: OutputConfig): Output {
    const found = this.#options.kinds.find(({ name }) => name === kind);
    if (found === undefined) {
      throw new Error(`the output ${id} is of the kind ${kind}, which there is not`);
    }
    return found;
  }

  async stopAll(): Promise<void> {
    this.#stopping.abort();
    await this.#tasks.stopAll();
  }

  /** The route for this path, of the output that opened first. */
  route(path: string): OutputRoute | undefined {
    for (const { routes = [] } of this.#open.keys()) {
      const route = routes.find((one) => one.path === path);
      if (route !== undefined) {
        return route;
      }
    }
    return undefined;
  }

  #add(opened: OpenOutput, id: string): void {
    for (const [{ routes = [] }, other] of this.#open) {
      for (const { path } of routes.filter((one) => hasPath(opened, one.path))) {
        const text = `output ${id}: ${path} is served by output ${other}; give one of them another path`;
        this.#options.environment.log("warn", text);
      }
    }
    this.#open.set(opened, id);
  }
}

function hasPath({ routes = [] }: OpenOutput, path: string): boolean {
  return routes.some((route) => route.path === path);
}
