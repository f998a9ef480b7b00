// Which name a request is counted under. Names become label values, so that their number is bounded
// here.

import { compilePattern } from "./compile-pattern.ts";
import { otherName, ungrouped, type GroupSpec } from "./log-scanner.ts";
import { toPathTemplate } from "./path-template.ts";

/** Ids of the two names that are always there, and of requests that are not counted at all. */
export const ungroupedId = 0;
export const otherId = 1;
export const skippedId = 2;

/** Longer names are cut. */
const nameCharsMax = 120;
/** Targets whose group is remembered; all are forgotten when the room is used up. */
const targetsMax = 20_000;

interface Rule {
  readonly pattern: RegExp;
  readonly group: string | undefined;
  readonly method?: string | undefined;
}

/**
 * Names groups by the first rule that matches; remembers the names, because their number is bounded
 * for life. The ids of groups are those of one Grouping, in the order in which they were first seen.
 */
export class Grouping {
  /** Whether a request can have a group at all. */
  readonly isNaming: boolean;
  readonly #rules: readonly Rule[];
  readonly #renames: readonly Rule[];
  readonly #skip: readonly RegExp[];
  readonly #deleted: RegExp | undefined;
  readonly #hasTemplates: boolean;
  readonly #namesMax: number;
  readonly #names: string[] = [ungrouped, otherName, "(skipped)"];
  readonly #ids = new Map([
    ["", ungroupedId],
    [ungrouped, ungroupedId],
    [otherName, otherId],
  ]);
  readonly #byTarget = new Map<string, number>();

  /**
   * `names` are those of an earlier life of the same source with the same rules. Throws RangeError
   * for a pattern that core/user-pattern.ts refuses.
   */
  constructor(spec: GroupSpec, namesMax: number, names: readonly string[] = []) {
    this.#rules = spec.rules.map(({ match, group }) => ({ pattern: compilePattern(match), group }));
    this.#renames = (spec.renames ?? []).map(({ match, group, method }) => ({
      pattern: compilePattern(match),
      group,
      method,
    }));
    this.#skip = (spec.skip ?? []).map(compilePattern);
    const { deleted } = spec;
    this.#deleted =
      deleted === undefined || deleted === ""
        ? undefined
        : // oxlint-disable-next-line no-invalid-regexp -- `l` is V8's flag for the linear-time engine
          new RegExp(compilePattern(deleted).source, "gl");
    this.#hasTemplates = spec.templates === true;
    this.isNaming = spec.rules.length > 0 || this.#hasTemplates;
    this.#namesMax = namesMax;
    for (const name of names) {
      this.#admit(name);
    }
  }

  /** In the order they were first seen. */
  get names(): readonly string[] {
    return this.#names.slice(skippedId + 1);
  }

  nameOf(id: number): string {
    return this.#names[id] ?? otherName;
  }

  /** `target` is the request target without its query; undefined when the request has none. */
  idOf(target: string | undefined): number {
    if (target === undefined) {
      return ungroupedId;
    }
    const known = this.#byTarget.get(target);
    if (known !== undefined) {
      return known;
    }
    if (this.#byTarget.size >= targetsMax) {
      this.#byTarget.clear();
    }
    const id = this.#decide(target);
    this.#byTarget.set(target, id);
    return id;
  }

  #decide(target: string): number {
    const ruled = firstMatch(this.#rules, target);
    if (ruled !== undefined) {
      return this.#admit(firstMatch(this.#renames, target) ?? ruled);
    }
    if (this.#skip.some((pattern) => pattern.test(target))) {
      return skippedId;
    }
    return this.#hasTemplates ? this.#admit(toPathTemplate(target)) : ungroupedId;
  }

  #admit(text: string): number {
    const bare = this.#deleted === undefined ? text : text.replaceAll(this.#deleted, "");
    const name = bare.slice(0, nameCharsMax).toWellFormed();
    const known = this.#ids.get(name);
    if (known !== undefined) {
      return known;
    }
    if (this.#names.length - skippedId - 1 >= this.#namesMax) {
      return otherId;
    }
    const id = this.#names.length;
    this.#names.push(name);
    this.#ids.set(name, id);
    return id;
  }
}

/**
 * `group/method` when both parts are there, else the one that is. A match without a name goes on to
 * the next rule.
 */
function firstMatch(rules: readonly Rule[], target: string): string | undefined {
  for (const { pattern, group, method } of rules) {
    const match = pattern.exec(target);
    if (match !== null) {
      const parts = [group ?? match.groups?.["group"], method ?? match.groups?.["method"]];
      const name = parts.filter((part) => part !== undefined && part !== "").join("/");
      if (name !== "") {
        return name;
      }
    }
  }
  return undefined;
}
