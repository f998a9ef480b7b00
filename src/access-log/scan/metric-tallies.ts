// Patterns and metrics of the user's own. They are asked for by few, and read an entry.

import { Distinct } from "../../core/distinct.ts";
import { Distribution } from "../../core/distribution.ts";
import { Top } from "../../core/top.ts";
import type { Entry, FieldName } from "../format/fields.ts";
import { compileCondition } from "./_compile-condition.ts";
import { anonymise } from "./anonymise.ts";
import { compilePattern } from "./compile-pattern.ts";
import {
  otherName,
  type MetricResult,
  type MetricSpec,
  type PatternResult,
  type PatternSpec,
  type ScanLimits,
} from "./log-scanner.ts";

/** What the specification says, compiled once a scanner. */
export interface CompiledMetrics {
  readonly patterns: readonly { readonly name: string; readonly all: readonly RegExp[] }[];
  readonly metrics: readonly {
    readonly spec: MetricSpec;
    readonly isWanted: (entry: Entry) => boolean;
  }[];
  /** Addresses become their network before they are counted, as in ScanSpec. */
  readonly anonymise: boolean;
}

/** Throws RangeError for a pattern that core/user-pattern.ts refuses. */
export function compileMetrics(
  patterns: readonly PatternSpec[] = [],
  metrics: readonly MetricSpec[] = [],
  hidesClients = false,
): CompiledMetrics {
  return {
    patterns: patterns.map(({ name, patterns: all }) => ({ name, all: all.map(compilePattern) })),
    metrics: metrics.map((spec) => ({ spec, isWanted: compileCondition(spec.where) })),
    anonymise: hidesClients,
  };
}

type Value = number | Distribution | Distinct | Top;

export class MetricTallies {
  readonly #compiled: CompiledMetrics;
  readonly #limits: ScanLimits;
  readonly #patterns = new Map<string, { total: number; readonly distinct: Distinct }>();
  readonly #metrics = new Map<string, Map<string, Value>>();

  constructor(compiled: CompiledMetrics, limits: ScanLimits) {
    this.#compiled = compiled;
    this.#limits = limits;
    for (const { name } of compiled.patterns) {
      this.#patterns.set(name, { total: 0, distinct: new Distinct() });
    }
    for (const { spec } of compiled.metrics) {
      this.#metrics.set(spec.name, new Map());
    }
  }

  /** A counted request. Needs the fields that the metrics name, and the target for patterns. */
  add(entry: Entry): void {
    for (const { name, all } of this.#compiled.patterns) {
      this.#addPattern(name, all, entry.target);
    }
    for (const { spec, isWanted } of this.#compiled.metrics) {
      if (isWanted(entry)) {
        this.#addMetric(spec, entry);
      }
    }
  }

  patterns(): Map<string, PatternResult> {
    const copy = [...this.#patterns].map(
      ([name, { total, distinct }]) => [name, { total, distinct: distinct.clone() }] as const,
    );
    return new Map(copy);
  }

  metrics(): Map<string, MetricResult> {
    const results = this.#compiled.metrics.map(({ spec }) => {
      const rows = [...(this.#metrics.get(spec.name) ?? [])].map(
        ([labels, value]) => [labels, typeof value === "number" ? value : value.clone()] as const,
      );
      return [spec.name, { kind: spec.kind, rows: new Map(rows) }] as const;
    });
    return new Map(results);
  }

  #addPattern(name: string, all: readonly RegExp[], target: string | undefined): void {
    const tally = this.#patterns.get(name);
    if (tally === undefined || target === undefined) {
      return;
    }
    for (const pattern of all) {
      const match = pattern.exec(target);
      if (match !== null) {
        tally.total++;
        tally.distinct.add(match.groups?.["pattern"] ?? match[0]);
        return;
      }
    }
  }

  #addMetric(spec: MetricSpec, entry: Entry): void {
    const rows = this.#metrics.get(spec.name);
    const value: string | number | undefined =
      spec.field === undefined ? 1 : this.#read(entry, spec.field);
    if (rows === undefined || value === undefined) {
      return;
    }
    const labels = JSON.stringify(
      (spec.labels ?? []).map((name) => toLabel(this.#read(entry, name))),
    );
    const isFull = rows.size >= this.#limits.labelSetsMax && !rows.has(labels);
    const key = isFull ? otherName : labels;
    const row = rows.get(key);
    rows.set(key, addValue(row ?? this.#create(spec.kind), value));
  }

  #read(entry: Entry, name: FieldName): string | number | undefined {
    const value = entry[name];
    return this.#compiled.anonymise && typeof value === "string" && addressFields.has(name)
      ? value.split(/,\s*/).map(anonymise).join(", ")
      : value;
  }

  #create(kind: MetricSpec["kind"]): Value {
    switch (kind) {
      case "count":
        return 0;
      case "distribution":
        return new Distribution();
      case "distinct":
        return new Distinct();
      case "top":
        return new Top(this.#limits.topEntriesMax);
    }
  }
}

/** Those that hold an address of the client, or (X-Forwarded-For) a list of them. */
const addressFields: ReadonlySet<FieldName> = new Set<FieldName>([
  "client",
  "peer",
  "forwarded_for",
]);

const labelCharsMax = 120;

function toLabel(value: string | number | undefined): string {
  return String(value ?? "").slice(0, labelCharsMax);
}

/** Returns what to keep. */
function addValue(to: Value, value: string | number): Value {
  if (typeof to === "number") {
    return to + (typeof value === "number" ? value : 1);
  }
  if (to instanceof Distribution) {
    to.add(typeof value === "number" ? value : Number.NaN);
  } else {
    to.add(String(value));
  }
  return to;
}
