import type { Cursor, Slice } from "../journal/journal.ts";
import { clearIncident, type ClearReason, compareIncidents, type Incident } from "./incident.ts";
import { type IncidentQuery, IncidentStore } from "./incident-store.ts";
import { compileRule, type Rule } from "./rule.ts";
import type { RuleConfig } from "./rule-options.ts";
import { RuleState } from "./rule-state.ts";
import { instancesMax, type IncidentChange } from "./track.ts";

export interface RulesOptions {
  /** By id, as the configuration has them. */
  readonly rules: Readonly<Record<string, RuleConfig>>;
  /** Path of `incidents.db`, or ":memory:". Nobody else may have it open for writing. */
  readonly file: string;
  /**
   * The service of a source in the configuration, empty when it has none; undefined when there is no such source. The
   * state of vanished sources is dropped and their incidents are cleared. Left out, every source counts as there.
   */
  readonly serviceOf?: (source: string) => string | undefined;
}

/** Something that keeps a rule from judging, for the page: "high-traffic on shop: … is a distribution; add quantile". */
export interface RuleProblem {
  readonly rule: string;
  readonly source: string;
  readonly text: string;
}

/** The reader of the journal that turns batches into incidents. One caller, one call at a time. */
export interface Rules extends AsyncDisposable {
  /** Where to read on; committed with the incidents. Undefined before the first slice. */
  readonly cursor: Cursor | undefined;
  /** Incidents that were cleared on opening because their rule or source is gone: to be published. */
  readonly settled: readonly Incident[];
  /**
   * Advances on what is in the slice and commits it with `slice.next`, in one step. Resolves to the incidents that
   * opened, cleared or got another value, newest first. When it throws (a full disk), nothing has happened, and the
   * same slice may be given again.
   *
   * Windows do not reach across a gap: after one, sums are not known until the window is full again.
   */
  consume(slice: Slice): Promise<readonly Incident[]>;
  /** Newest first, at most `limit`. */
  incidents(query: IncidentQuery): readonly Incident[];
  incident(id: string): Incident | undefined;
  problems(): readonly RuleProblem[];
}

/**
 * Opens the rules with the state of their file. A rule that now judges differently starts with empty windows and keeps
 * its open incidents, unless they were about something else. Throws UserError JOURNAL_UNAVAILABLE for a file of another version, Corrupt
 * for a row that cannot be read, and else what SQLite throws.
 */
export async function openRules(options: RulesOptions): Promise<Rules> {
  const compiled = Object.entries(options.rules).map(([id, config]) => compileRule(id, config));
  const store = new IncidentStore(options.file);
  try {
    const settled = settle(store, compiled, options.serviceOf);
    return new OpenRules(store, compiled, settled);
  } catch (error) {
    store[Symbol.dispose]();
    throw error;
  }
}

class OpenRules implements Rules {
  readonly settled: readonly Incident[];
  readonly #store: IncidentStore;
  readonly #rules: readonly Rule[];
  #cursor: Cursor | undefined;
  /** Undefined after a failed commit: memory is then ahead of the file and has to be read again. */
  #state: RuleState | undefined;

  constructor(store: IncidentStore, rules: readonly Rule[], settled: readonly Incident[]) {
    this.#store = store;
    this.#rules = rules;
    this.settled = settled;
    this.#load();
  }

  get cursor(): Cursor | undefined {
    return this.#cursor;
  }

  async consume(slice: Slice): Promise<readonly Incident[]> {
    const state = this.#state ?? this.#load();
    if (slice.next === this.#cursor && slice.entries.length === 0 && slice.gaps.length === 0) {
      return [];
    }
    this.#state = undefined;
    if (slice.gaps.length > 0) {
      state.lose();
    }
    for (const { batch } of slice.entries) {
      state.take(batch);
    }
    const changes = state.takeChanges();
    this.#store.commit(changes, slice.next);
    this.#state = state;
    this.#cursor = slice.next;
    return changes.incidents.map(({ incident }) => incident).toSorted(compareIncidents);
  }

  incidents(query: IncidentQuery): readonly Incident[] {
    return this.#store.incidents(query);
  }

  incident(id: string): Incident | undefined {
    return this.#store.incident(id);
  }

  problems(): readonly RuleProblem[] {
    const problems: RuleProblem[] = [];
    for (const { rule, source, problem, samplesSkipped } of this.#state?.tracks ?? []) {
      if (problem !== undefined) {
        problems.push({ rule: rule.id, source, text: problem });
      }
      if (samplesSkipped > 0) {
        const names = rule.by.join(", ");
        const text = `more than ${instancesMax} combinations of ${names}: ${samplesSkipped} samples were not judged; narrow labels, or judge by less`;
        problems.push({ rule: rule.id, source, text });
      }
    }
    return problems;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#store[Symbol.dispose]();
  }

  #load(): RuleState {
    const stored = this.#store.load();
    this.#cursor = stored.cursor;
    this.#state = new RuleState(this.#rules, stored);
    return this.#state;
  }
}

/** Brings the file in line with the configuration; returns the incidents that nobody can judge any more, cleared. */
function settle(
  store: IncidentStore,
  rules: readonly Rule[],
  serviceOf: RulesOptions["serviceOf"],
): readonly Incident[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const before = new Map(store.loadRules().map((rule) => [rule.id, rule]));
  const { openIncidents, sources, time } = store.load();

  const orphaned = (incident: Incident): ClearReason | undefined => {
    const rule = byId.get(incident.rule);
    const service = serviceOf === undefined ? incident.service : serviceOf(incident.source);
    if (rule === undefined) {
      return "rule_removed";
    }
    if (service === undefined) {
      return "source_removed";
    }
    const isSubject = rule.subject === before.get(rule.id)?.subject;
    return isSubject && isServed(rule, service) ? undefined : "rule_changed";
  };
  const cleared: IncidentChange[] = [];
  for (const { key, incident } of openIncidents) {
    const reason = orphaned(incident);
    if (reason !== undefined) {
      const at = time.tickAt ?? incident.openedAt;
      cleared.push({ key, incident: clearIncident(incident, at, reason) });
    }
  }
  const isGone = (source: string): boolean =>
    serviceOf !== undefined && serviceOf(source) === undefined;
  const isChanged = (id: string): boolean => before.get(id)?.hash !== byId.get(id)?.hash;
  store.settle({
    rules: rules.map(({ id, hash, subject }) => ({ id, hash, subject })),
    droppedRules: [...before.keys()].filter(isChanged),
    droppedSources: [...sources.keys()].filter(isGone),
    cleared,
  });
  return cleared.map(({ incident }) => incident).toSorted(compareIncidents);
}

function isServed(rule: Rule, service: string): boolean {
  return rule.service === undefined || rule.service === service;
}
