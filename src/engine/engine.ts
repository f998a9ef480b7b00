import type { OutputConfig } from "../config/config.ts";
import type { ConfigDiff } from "../config/diff-configs.ts";
import { ownSource } from "../core/batch.ts";
import type { OpenOutput, Output, OutputRoute, Source } from "../core/component.ts";
import { describeError } from "../core/errors.ts";
import type { Labels } from "../core/sample.ts";
import type { Journal } from "../journal/journal.ts";
import type { IncidentQuery } from "../rules/incident-store.ts";
import type { Incident } from "../rules/incident.ts";
import { type Rules, openRules } from "../rules/rules.ts";
import type { Environment } from "./environment.ts";
import { type LiveTotals, createLiveTotals, totalsReader } from "./live-totals.ts";
import { toReaderName } from "./output-reader.ts";
import { runOwnSource } from "./own-source.ts";
import type { NodeConfig } from "./parts.ts";
import { runOutput } from "./run-output.ts";
import { runReader } from "./run-reader.ts";
import { runSource } from "./run-source.ts";
import { type ReaderStatus, type SourceStatus, createReaderStatus } from "./target-status.ts";
import { createTaskGroup } from "./task-group.ts";

export interface EngineOptions {
  readonly config: NodeConfig;
  readonly journal: Journal;
  /** Where incidents are kept; ":memory:" for a trial. */
  readonly incidentsFile: string;
  readonly sources: readonly Source[];
  readonly outputs: readonly Output[];
  /** Outputs that the node opens for itself, whatever the configuration says; they take every source. */
  readonly ownOutputs: readonly OutputConfig[];
  readonly environment: Environment;
}

/** Journal and rules are trimmed this often. */
const trimEveryMs = 30_000;
const rulesReader = "rules";

/**
 * The graph of one node: sources write to the journal, readers (rules, totals, outputs) read it, each on its own.
 * Built from the configuration, changed by `apply`, stopped by disposing.
 */
export class Engine implements AsyncDisposable {
  readonly journal: Journal;
  readonly #options: EngineOptions;
  readonly #environment: Environment;
  readonly #sourceStatus = new Map<string, SourceStatus>();
  readonly #readerStatus = new Map<string, ReaderStatus>();
  readonly #openOutputs = new Map<string, OpenOutput>();
  readonly #incidentListeners = new Set<(incident: Incident) => void>();
  readonly #totals: LiveTotals;
  readonly #writers: ReturnType<typeof createTaskGroup>;
  readonly #readers: ReturnType<typeof createTaskGroup>;
  #config: NodeConfig;
  #rules: Rules;

  /** Opens the readers' stores and starts everything; sources come last. */
  static async start(options: EngineOptions): Promise<Engine> {
    const totals = await createLiveTotals(options.journal, options.environment);
    const rules = await openRulesOf(options.config, options.incidentsFile);
    const engine = new Engine(options, totals, rules);
    engine.#start();
    return engine;
  }

  private constructor(options: EngineOptions, totals: LiveTotals, rules: Rules) {
    this.journal = options.journal;
    this.#options = options;
    this.#environment = options.environment;
    this.#config = options.config;
    this.#totals = totals;
    this.#rules = rules;
    const onFailure = (name: string, error: unknown): void =>
      this.#environment.log("error", `${name} stopped: ${describeError(error)}`);
    this.#writers = createTaskGroup(onFailure);
    this.#readers = createTaskGroup(onFailure);
  }

  get config(): NodeConfig {
    return this.#config;
  }

  get sources(): readonly SourceStatus[] {
    return [...this.#sourceStatus.values()];
  }

  get readers(): readonly ReaderStatus[] {
    return [...this.#readerStatus.values()];
  }

  /** What the source has counted since the journal began. */
  totalsOf(source: string): readonly { name: string; labels: Labels; value: number }[] {
    return this.#totals.of(source);
  }

  /** Newest first. */
  incidents(query: IncidentQuery): readonly Incident[] {
    return this.#rules.incidents(query);
  }

  /** Calls `listener` with each incident that opens, changes or clears; returns how to stop that. */
  onIncident(listener: (incident: Incident) => void): () => void {
    this.#incidentListeners.add(listener);
    return () => this.#incidentListeners.delete(listener);
  }

  /** The route that an output declares for this path. */
  outputRoute(path: string): OutputRoute | undefined {
    for (const { routes = [] } of this.#openOutputs.values()) {
      const route = routes.find((one) => one.path === path);
      if (route !== undefined) {
        return route;
      }
    }
    return undefined;
  }

  /** Stops what the difference names, then starts what it names; everything else goes on undisturbed. */
  async apply(config: NodeConfig, diff: ConfigDiff): Promise<void> {
    const { sources, outputs } = diff;
    await Promise.all([
      ...[...sources.removed, ...sources.changed].map((id) => this.#stopSource(id)),
      ...[...outputs.removed, ...outputs.changed].map((id) => this.#stopOutput(id)),
    ]);
    await this.#readers.stop(rulesReader);
    await this.#rules[Symbol.asyncDispose]();
    this.#rules = await openRulesOf(config, this.#options.incidentsFile);
    this.#config = config;
    await Promise.all(outputs.removed.map((id) => this.journal.deleteReader(toReaderName(id))));
    this.#startRules();
    [...outputs.added, ...outputs.changed].forEach((id) => this.#startOutput(id));
    [...sources.added, ...sources.changed].forEach((id) => this.#startSource(id));
  }

  /** Sources stop first, so that what they committed is still read; then the readers commit their cursors. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writers.stopAll();
    await this.#readers.stopAll();
    await this.#totals.flush();
    await this.#rules[Symbol.asyncDispose]();
  }

  #start(): void {
    const { journal } = this;
    const environment = this.#environment;
    this.#startRules();
    this.#startReader(totalsReader, this.#totals);
    this.#options.ownOutputs.forEach((config) => this.#runOutput(config, () => new Map()));
    [...this.#config.outputs.keys()].forEach((id) => this.#startOutput(id));
    const lists = { sources: () => this.sources, readers: () => this.readers };
    this.#writers.start("watchpost", (signal) =>
      runOwnSource({ journal, environment, ...lists }, signal),
    );
    this.#writers.start("retention", (signal) => this.#trim(signal));
    [...this.#config.sources.keys()].forEach((id) => this.#startSource(id));
  }

  #startSource(id: string): void {
    const config = this.#config.sources.get(id);
    const source = this.#options.sources.find(({ name }) => name === config?.kind);
    if (config === undefined || source === undefined) {
      return;
    }
    const status = createSourceStatus(config, this.#environment.clock.now());
    this.#sourceStatus.set(id, status);
    const run = { source, config, journal: this.journal, environment: this.#environment, status };
    this.#writers.start(sourceTask(id), (signal) => runSource(run, signal));
  }

  async #stopSource(id: string): Promise<void> {
    await this.#writers.stop(sourceTask(id));
    this.#sourceStatus.delete(id);
  }

  #startOutput(id: string): void {
    const config = this.#config.outputs.get(id);
    if (config !== undefined) {
      this.#runOutput(config, () => this.#config.sources);
    }
  }

  #runOutput(config: OutputConfig, sources: () => NodeConfig["sources"]): void {
    const output = this.#options.outputs.find(({ name }) => name === config.kind);
    if (output === undefined) {
      return;
    }
    const { journal } = this;
    const environment = this.#environment;
    const status = this.#addReaderStatus(toReaderName(config.id));
    const onOpen = (opened: OpenOutput | undefined): void => {
      if (opened === undefined) {
        this.#openOutputs.delete(config.id);
      } else {
        this.#openOutputs.set(config.id, opened);
      }
    };
    const run = { output, config, sources, journal, environment, status, onOpen };
    this.#readers.start(status.name, (signal) => runOutput(run, signal));
  }

  async #stopOutput(id: string): Promise<void> {
    await this.#readers.stop(toReaderName(id));
    this.#readerStatus.delete(toReaderName(id));
  }

  #startRules(): void {
    const rules = this.#rules;
    this.#publish(rules.settled);
    this.#startReader(rulesReader, {
      cursor: rules.cursor,
      consume: async (slice) => this.#publish(await rules.consume(slice)),
    });
  }

  #publish(incidents: readonly Incident[]): void {
    for (const incident of incidents) {
      this.#incidentListeners.forEach((listener) => listener(incident));
    }
  }

  #startReader(name: string, reader: Parameters<typeof runReader>[0]["reader"]): void {
    const { journal } = this;
    const status = this.#addReaderStatus(name);
    const environment = this.#environment;
    this.#readers.start(name, (signal) =>
      runReader({ reader, journal, environment, status }, signal),
    );
  }

  #addReaderStatus(name: string): ReaderStatus {
    const status = createReaderStatus(name);
    this.#readerStatus.set(name, status);
    return status;
  }

  async #trim(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#environment.clock.sleep(trimEveryMs, signal);
      await this.journal.trim(this.#config.retention.journal).catch((error: unknown) => {
        this.#environment.log("warn", `retention: ${describeError(error)}`);
      });
    }
  }
}

function openRulesOf({ rules, sources }: NodeConfig, file: string): Promise<Rules> {
  return openRules({
    rules: Object.fromEntries(rules),
    file,
    serviceOf: (id) => (id === ownSource ? "" : sources.get(id)?.service),
  });
}

function sourceTask(id: string): string {
  return `source:${id}`;
}

function createSourceStatus(
  { id, kind, service, everyMs }: { id: string; kind: string; service: string; everyMs: number },
  now: number,
): SourceStatus {
  return {
    id,
    kind,
    service,
    everyMs,
    state: "starting",
    problem: undefined,
    stateSince: now,
    lastBatchTo: undefined,
    durationMs: undefined,
    check: undefined,
    appendFailures: 0,
    skipped: 0,
  };
}
