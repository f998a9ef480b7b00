import type { OutputConfig } from "../config/config.ts";
import { type ConfigDiff, type MapDiff, diffConfigs } from "../config/diff-configs.ts";
import { ownSource } from "../core/batch.ts";
import type { Output, OutputRoute, Source } from "../core/component.ts";
import { describeError, UserError } from "../core/errors.ts";
import type { Labels } from "../core/sample.ts";
import type { History } from "../history/history.ts";
import type { Cursor, Journal } from "../journal/journal.ts";
import type { IncidentQuery } from "../rules/incident-store.ts";
import type { Incident } from "../rules/incident.ts";
import type { Environment } from "./environment.ts";
import { type LiveTotals, createLiveTotals, totalsReader } from "./live-totals.ts";
import { outputReaderPrefix, toProgressName, toReaderName } from "./output-reader.ts";
import { createMetricCatalogue } from "./metric-catalogue.ts";
import { OutputSet } from "./output-set.ts";
import { createOwnSource, ownSourceConfig } from "./own-source.ts";
import type { NodeConfig } from "./parts.ts";
import { type Reader, runReader } from "./run-reader.ts";
import { RunningRules, rulesReader } from "./running-rules.ts";
import { SourceSet } from "./source-set.ts";
import { type ReaderStatus, type SourceStatus, createReaderStatus } from "./target-status.ts";
import { type TaskGroup, createTaskGroup } from "./task-group.ts";

export interface EngineOptions {
  readonly config: NodeConfig;
  /** Both outlive the engine; who opened them closes them. */
  readonly journal: Journal;
  readonly history: History<Cursor>;
  /** Where incidents are kept; ":memory:" for a trial. */
  readonly incidentsFile: string;
  readonly sources: readonly Source[];
  readonly outputs: readonly Output[];
  /** Outputs that the node opens for itself while the configuration has none of their kind; they take every source. */
  readonly ownOutputs: readonly OutputConfig[];
  readonly environment: Environment;
}

/** Journal and history are trimmed this often. */
const trimEveryMs = 30_000;
/** Its name in the log and the self-metrics. */
const historyReader = "history";
/** Together less than the time after which main.ts ends the process: sources first, then readers. */
const sourcesStopMaxMs = 1_500;
const readersStopMaxMs = 2_500;

/**
 * The graph of one node: sources write to the journal, readers (rules, totals, outputs) read it, each on its own.
 * Built from the configuration, changed by `reload`, stopped by disposing.
 */
export class Engine implements AsyncDisposable {
  readonly journal: Journal;
  readonly history: History<Cursor>;
  readonly #environment: Environment;
  readonly #ownOutputs: readonly OutputConfig[];
  readonly #sources: SourceSet;
  readonly #outputs: OutputSet;
  readonly #readers: TaskGroup;
  readonly #readerStatuses = new Map<string, ReaderStatus>();
  readonly #totals: LiveTotals;
  readonly #rules: RunningRules;
  #config: NodeConfig;
  /** Own outputs that run now. */
  #ownRunning: readonly OutputConfig[] = [];
  /** Changes of the graph happen one after the other. Never rejects. */
  #lastChange = Promise.resolve();
  #stopped: Promise<void> | undefined;

  /** Opens the readers' stores and starts everything; sources come last. */
  static async start(options: EngineOptions): Promise<Engine> {
    const { config, journal, incidentsFile, environment } = options;
    const totals = await createLiveTotals(journal, environment, toTotalled(config));
    const rules = await RunningRules.open(config, { file: incidentsFile, log: environment.log });
    const engine = new Engine(options, totals, rules);
    await engine.#start();
    return engine;
  }

  private constructor(options: EngineOptions, totals: LiveTotals, rules: RunningRules) {
    const { journal, environment } = options;
    this.journal = journal;
    this.history = options.history;
    this.#environment = environment;
    // No configured id has a colon.
    this.#ownOutputs = options.ownOutputs.map((own) => ({ ...own, id: `own:${own.id}` }));
    this.#config = options.config;
    this.#totals = totals;
    this.#rules = rules;
    const world = { journal, environment };
    const [kinds, stopMaxMs] = [options.sources, sourcesStopMaxMs];
    this.#sources = new SourceSet({ ...world, kinds, stopMaxMs });
    const readersStop = { environment, stopMaxMs: readersStopMaxMs };
    const describe = createMetricCatalogue(options.sources);
    this.#outputs = new OutputSet({ ...world, ...readersStop, kinds: options.outputs, describe });
    this.#readers = createTaskGroup(readersStop);
  }

  get config(): NodeConfig {
    return this.#config;
  }

  /** In the order of the configuration. */
  get sources(): readonly SourceStatus[] {
    const statuses = [...this.#config.sources.keys()].map((id) => this.#sources.status(id));
    return statuses.filter((status) => status !== undefined);
  }

  get readers(): readonly ReaderStatus[] {
    return [...this.#readerStatuses.values(), ...this.#outputs.statuses];
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
    return this.#rules.onIncident(listener);
  }

  /** The route that an output declares for this path. */
  outputRoute(path: string): OutputRoute | undefined {
    return this.#outputs.route(path);
  }

  /**
   * Sends one clearly marked measurement by this output, beside what it sends anyway. Resolves to what happened, as a
   * sentence; rejects with why it failed.
   */
  async tryOutput(id: string): Promise<string> {
    return this.#outputs.try(this.#outputConfig(id), this.#config.node.name);
  }

  /** Whether it sends nothing, because others ask it. */
  isAsked(id: string): boolean {
    const config = this.#config.outputs.get(id);
    return config !== undefined && this.#outputs.kindOf(config).isAsked === true;
  }

  /** Whether what was sent by this output may be sent again. */
  isRepeatable(id: string): boolean {
    const config = this.#config.outputs.get(id);
    return config !== undefined && this.#outputs.kindOf(config).isRepeatable === true;
  }

  /**
   * Has the output go on from the first batch that was appended at or after `from` (milliseconds since the epoch), so
   * that what was sent since is sent again; one that has not come so far goes on where it is, and skips nothing.
   * Resolves to the number of batches before it. Rejects for an output that is not repeatable, and with what the journal
   * throws; nothing has changed then.
   */
  async repeatOutput(id: string, from: number): Promise<number> {
    return this.#inTurn(async () => {
      // Not before: a reload may have changed it meanwhile.
      const config = this.#outputConfig(id);
      if (!this.isRepeatable(id)) {
        throw new Error(`what is sent twice by the output ${id} counts twice`);
      }
      const wanted = await this.journal.seek(from);
      await this.#outputs.stop(id);
      try {
        const saved = await this.journal.loadReader(toReaderName(id));
        const reached = saved?.cursor ?? this.journal.start();
        const cursor = this.#earlier(wanted, reached);
        await this.journal.saveReader(toReaderName(id), { cursor, state: saved?.state });
        return this.journal.lag(cursor).batches;
      } finally {
        this.#outputs.start(config, () => this.#config.sources);
      }
    });
  }

  #earlier(one: Cursor, other: Cursor): Cursor {
    return this.journal.lag(one).batches >= this.journal.lag(other).batches ? one : other;
  }

  #outputConfig(id: string): OutputConfig {
    const config = this.#config.outputs.get(id);
    if (config === undefined) {
      throw new UserError("NOT_FOUND", `there is no output ${id}`);
    }
    return config;
  }

  /**
   * Stops what differs from the running configuration, then starts what the new one has; everything else goes on
   * undisturbed. Resolves to the differences. One reload waits for the one before. When it throws (the incidents
   * cannot be opened, the node is stopping), nothing has changed.
   */
  async reload(config: NodeConfig): Promise<ConfigDiff> {
    return this.#inTurn(() => this.#change(config));
  }

  /** Sources stop first; then readers commit how far they came, which is where they go on at the next start. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped ??= this.#stop();
    await this.#stopped;
  }

  /** Changes of the graph wait for each other. */
  async #inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const before = this.#lastChange;
    const done = Promise.withResolvers<void>();
    this.#lastChange = done.promise;
    await before;
    try {
      if (this.#stopped !== undefined) {
        throw new Error("the node is stopping");
      }
      return await change();
    } finally {
      done.resolve();
    }
  }

  async #start(): Promise<void> {
    const { journal } = this;
    await this.#tidyJournal();
    this.#startReader(totalsReader, this.#totals);
    this.#startReader(rulesReader, this.#rules);
    this.#startReader(historyReader, {
      cursor: this.history.next ?? this.history.cursor,
      consume: (slice) => this.history.consume(slice),
    });
    this.#startOutputs([...this.#config.outputs.keys()]);
    const [sources, readers] = [() => [own, ...this.sources], () => this.readers];
    const own = this.#sources.run(ownSourceConfig, createOwnSource({ journal, sources, readers }));
    this.#readers.start("retention", (signal) => this.#trim(signal));
    this.#startSources([...this.#config.sources.keys()]);
  }

  async #stop(): Promise<void> {
    await this.#lastChange;
    await this.#sources.stopAll();
    await Promise.all([this.#outputs.stopAll(), this.#readers.stopAll()]);
    try {
      await this.#totals.flush();
    } catch (error) {
      const text = `the totals were not saved and are counted anew from the journal at the next start: ${describeError(error)}`;
      this.#environment.log("warn", text);
    }
    await this.#rules[Symbol.asyncDispose]();
  }

  async #change(config: NodeConfig): Promise<ConfigDiff> {
    const before = this.#config;
    const diff = diffConfigs(before, config);
    const { sources, outputs } = diff;
    const restartRules = await this.#replaceRules(config, diff);
    await Promise.all([
      ...[...sources.removed, ...sources.changed].map((id) => this.#sources.stop(id)),
      ...[...outputs.removed, ...outputs.changed].map((id) => this.#outputs.stop(id)),
    ]);
    this.#config = config;
    this.#totals.retain(toTotalled(config));
    const isOtherKind = (id: string): boolean =>
      before.outputs.get(id)?.kind !== config.outputs.get(id)?.kind;
    await this.#tidyJournal(outputs.changed.filter(isOtherKind));
    const serviceOf = (id: string): string => before.sources.get(id)?.service ?? "";
    await Promise.all(sources.removed.map((id) => this.#sources.bury(id, serviceOf(id))));
    restartRules();
    await this.#stopOwnOutputs();
    this.#startOutputs([...outputs.added, ...outputs.changed]);
    this.#startSources([...sources.added, ...sources.changed]);
    return diff;
  }

  /** The only step of a change that may fail, hence the first one. Resolves to how the rules go on. */
  async #replaceRules(config: NodeConfig, { rules, sources }: ConfigDiff): Promise<() => void> {
    if (isEmpty(rules) && isEmpty(sources)) {
      return () => {};
    }
    const restart = (): void => this.#startReader(rulesReader, this.#rules);
    await this.#readers.stop(rulesReader);
    try {
      await this.#rules.replace(config);
    } catch (error) {
      restart();
      throw error;
    }
    return restart;
  }

  #startSources(ids: readonly string[]): void {
    for (const id of ids) {
      const config = this.#config.sources.get(id);
      if (config !== undefined) {
        this.#sources.start(config);
      }
    }
  }

  #startOutputs(ids: readonly string[]): void {
    for (const id of ids) {
      const config = this.#config.outputs.get(id);
      if (config !== undefined) {
        this.#outputs.start(config, () => this.#config.sources);
      }
    }
    for (const own of this.#wantedOwnOutputs()) {
      if (!this.#ownRunning.includes(own)) {
        this.#outputs.start(own, () => new Map());
        this.#ownRunning = [...this.#ownRunning, own];
      }
    }
  }

  async #stopOwnOutputs(): Promise<void> {
    const wanted = this.#wantedOwnOutputs();
    const unwanted = this.#ownRunning.filter((own) => !wanted.includes(own));
    this.#ownRunning = this.#ownRunning.filter((own) => wanted.includes(own));
    await Promise.all(unwanted.map(({ id }) => this.#outputs.stop(id)));
  }

  #wantedOwnOutputs(): readonly OutputConfig[] {
    const kinds = new Set([...this.#config.outputs.values()].map(({ kind }) => kind));
    return this.#ownOutputs.filter(({ kind }) => !kinds.has(kind));
  }

  #startReader(name: string, reader: Reader): void {
    const { journal } = this;
    const environment = this.#environment;
    const status = createReaderStatus(name);
    this.#readerStatuses.set(name, status);
    this.#readers.start(name, (signal) =>
      runReader({ reader, journal, environment, status }, signal),
    );
  }

  /** Deletes the cursors of outputs that are no more, and of those in `others`; what fails is left for next time. */
  async #tidyJournal(others: readonly string[] = []): Promise<void> {
    const ids = [...this.#config.outputs.keys(), ...this.#ownOutputs.map(({ id }) => id)];
    const running = ids.filter((id) => !others.includes(id));
    const kept = new Set(running.flatMap((id) => [toReaderName(id), toProgressName(id)]));
    try {
      const { readers } = await this.journal.status();
      for (const { name } of readers) {
        if (name.startsWith(outputReaderPrefix) && !kept.has(name)) {
          await this.journal.deleteReader(name);
        }
      }
    } catch (error) {
      this.#environment.log("warn", `old outputs' cursors: ${describeError(error)}`);
    }
  }

  async #trim(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.#environment.clock.sleep(trimEveryMs, signal);
      try {
        await this.journal.trim(this.#config.retention.journal);
        await this.history.trim();
      } catch (error) {
        this.#environment.log("warn", `retention: ${describeError(error)}`);
      }
    }
  }
}

/** What the node counts of itself is totalled, too. */
function toTotalled({ sources }: NodeConfig): ReadonlySet<string> {
  return new Set([ownSource, ...sources.keys()]);
}

function isEmpty({ added, removed, changed }: MapDiff): boolean {
  return added.length + removed.length + changed.length === 0;
}
