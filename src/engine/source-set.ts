import type { SourceConfig } from "../config/config.ts";
import type { Source } from "../core/component.ts";
import { describeError } from "../core/errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";
import { runSource } from "./run-source.ts";
import { createSourceProblems } from "./source-problems.ts";
import type { SourceWork } from "./source-run.ts";
import { type SourceStatus, createSourceStatus } from "./target-status.ts";
import { type TaskGroup, createTaskGroup } from "./task-group.ts";

export interface SourceSetOptions {
  readonly kinds: readonly Source[];
  readonly journal: Journal;
  readonly environment: Environment;
  /** See TaskGroup. */
  readonly stopMaxMs: number;
}

/** The sources that run, by id. */
export class SourceSet {
  readonly #options: SourceSetOptions;
  readonly #tasks: TaskGroup;
  readonly #statuses = new Map<string, SourceStatus>();

  constructor(options: SourceSetOptions) {
    this.#options = options;
    this.#tasks = createTaskGroup(options);
  }

  status(id: string): SourceStatus | undefined {
    return this.#statuses.get(id);
  }

  start(config: SourceConfig): void {
    const source = this.#options.kinds.find(({ name }) => name === config.kind);
    if (source !== undefined) {
      this.#statuses.set(config.id, this.run(config, source));
    }
  }

  /** Runs work that is no configured source: it has no place among the statuses. */
  run(config: SourceConfig, source: SourceWork): SourceStatus {
    const { journal, environment } = this.#options;
    const target = source.target?.(config.options);
    const status = createSourceStatus(config, environment.clock.now(), target);
    const problems = createSourceProblems(environment, status);
    const run = { source, config, journal, environment, status, problems };
    this.#tasks.start(toTaskName(config.id), (signal) => runSource(run, signal));
    return status;
  }

  async stop(id: string): Promise<void> {
    await this.#tasks.stop(toTaskName(id));
    this.#statuses.delete(id);
  }

  async stopAll(): Promise<void> {
    await this.#tasks.stopAll();
  }

  /**
   * Writes an empty last window for a source that is gone, so that whoever remembers its gauges lets go of them.
   * Never rejects: a journal that cannot be written now costs no more than that.
   */
  async bury(id: string, service: string): Promise<void> {
    const { journal, environment } = this.#options;
    const to = environment.clock.now();
    const nothing = { samples: [], tops: [], events: [] };
    const marks = { more: false, partial: false, backfill: false };
    try {
      const claim = await journal.claim(id);
      const seq = claim.seq + 1;
      const last = { source: id, service, seq, from: to - 1, to, ...nothing, ...marks };
      await journal.append({ claim, batches: [last], position: undefined });
    } catch (error) {
      environment.log("warn", `source ${id}: its end was not recorded: ${describeError(error)}`);
    }
  }
}

function toTaskName(id: string): string {
  return `source ${id}`;
}
