// Counts what the reference parser has read: the same as the generated code does, for an entry.

import type { Entry } from "../format/fields.ts";
import { anonymise } from "./anonymise.ts";
import { compileCondition } from "./_compile-condition.ts";
import { type Grouping, skippedId, ungroupedId } from "./grouping.ts";
import { malformedTarget, type ScanSpec } from "./log-scanner.ts";
import { type KeyField, keyFields, keyTables } from "./_scan-plan.ts";
import type { Tallies } from "./tallies.ts";
import type { TextKeys } from "./_text-keys.ts";

export class EntryCounter {
  /** Lines of the format have a target: those that lack it are counted as malformed. */
  hasTarget = false;
  readonly #spec: ScanSpec;
  readonly #grouping: Grouping;
  readonly #keys: TextKeys;
  readonly #isWanted: (entry: Entry) => boolean;
  readonly #hasMetrics: boolean;

  constructor(spec: ScanSpec, grouping: Grouping, keys: TextKeys) {
    this.#spec = spec;
    this.#grouping = grouping;
    this.#keys = keys;
    this.#isWanted = compileCondition(spec.where);
    this.#hasMetrics = (spec.metrics ?? []).length + (spec.patterns ?? []).length > 0;
  }

  /** `tallies` are those of the entry's instant. */
  count(entry: Entry, tallies: Tallies): void {
    const { time: timeMs = Number.NaN } = entry;
    tallies.lines.read++;
    if (!this.#isWanted(entry)) {
      tallies.lines.filtered++;
      return;
    }
    const path = entry.target?.split("?", 1)[0];
    const group = this.#grouping.idOf(path);
    if (group === skippedId) {
      tallies.lines.skipped++;
      return;
    }
    const isUngrouped = group === ungroupedId && this.#grouping.isNaming;
    tallies.lines[isUngrouped ? "ungrouped" : "parsed"]++;
    tallies.from = timeMs < tallies.from ? timeMs : tallies.from;
    tallies.to = timeMs > tallies.to ? timeMs : tallies.to;
    if (this.hasTarget) {
      this.#keys.count(tallies.targets, path ?? malformedTarget);
    }
    for (const name of keyFields) {
      this.#addKey(tallies, name, entry[name]);
    }
    tallies.groupOf(group).add(entry, this.#spec.slowSeconds ?? Infinity);
    tallies.retries += entry.retries ?? 0;
    if (!Number.isNaN(timeMs)) {
      tallies.series?.at(timeMs).add(entry);
    }
    if (this.#hasMetrics) {
      tallies.metrics.add(entry);
    }
  }

  #addKey(tallies: Tallies, name: KeyField, value: string | undefined): void {
    if (value !== undefined) {
      const isHidden = name === "client" && this.#spec.anonymise === true;
      this.#keys.count(tallies[keyTables[name]], isHidden ? anonymise(value) : value);
    }
  }
}
