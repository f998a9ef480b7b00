import { ownSource } from "../core/batch.ts";
import { describeError } from "../core/errors.ts";
import type { Cursor, Slice } from "../journal/journal.ts";
import type { IncidentQuery } from "../rules/incident-store.ts";
import type { Incident } from "../rules/incident.ts";
import { type Rules, openRules } from "../rules/rules.ts";
import type { Log } from "./environment.ts";
import type { NodeConfig } from "./parts.ts";
import type { Reader } from "./run-reader.ts";

/** Its name in the log and the self-metrics. */
export const rulesReader = "rules";

export interface RunningRulesOptions {
  /** Where incidents are kept; ":memory:" for a trial. */
  readonly file: string;
  readonly log: Log;
}

/** The rules of the running configuration, as a reader, and those who want to hear of incidents. */
export class RunningRules implements Reader, AsyncDisposable {
  readonly #options: RunningRulesOptions;
  readonly #listeners = new Set<(incident: Incident) => void>();
  #config: NodeConfig;
  #rules: Rules;

  /** Throws what opening the file does. */
  static async open(config: NodeConfig, options: RunningRulesOptions): Promise<RunningRules> {
    return new RunningRules(config, await openRulesOf(config, options.file), options);
  }

  private constructor(config: NodeConfig, rules: Rules, options: RunningRulesOptions) {
    this.#config = config;
    this.#rules = rules;
    this.#options = options;
  }

  get cursor(): Cursor | undefined {
    return this.#rules.cursor;
  }

  /** Batches of a source that is no longer configured are not judged: nobody would ever clear their incidents. */
  async consume(slice: Slice): Promise<void> {
    const entries = slice.entries.filter(
      ({ batch: { source } }) => source === ownSource || this.#config.sources.has(source),
    );
    this.#publish(await this.#rules.consume({ ...slice, entries }));
  }

  /** To be called while nobody consumes. When it throws, the rules are what they were. */
  async replace(config: NodeConfig): Promise<void> {
    const next = await openRulesOf(config, this.#options.file);
    const old = this.#rules;
    this.#rules = next;
    this.#config = config;
    await old[Symbol.asyncDispose]();
    this.#publish(next.settled);
  }

  /** Newest first. */
  incidents(query: IncidentQuery): readonly Incident[] {
    return this.#rules.incidents(query);
  }

  /** Calls `listener` with each incident that opens, changes or clears; returns how to stop that. */
  onIncident(listener: (incident: Incident) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rules[Symbol.asyncDispose]();
  }

  /** The incidents are committed: a listener that throws must not have them judged again. */
  #publish(incidents: readonly Incident[]): void {
    for (const incident of incidents) {
      for (const listener of this.#listeners) {
        try {
          listener(incident);
        } catch (error) {
          const text = `incident ${incident.id}: a listener failed: ${describeError(error)}`;
          this.#options.log("error", text);
        }
      }
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
