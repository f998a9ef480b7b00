// Which name a request is counted under. Names become label values, so that their number is bounded
// here.

/** Requests that no rule matches, and those whose request line has no target. */
export const ungrouped = "(ungrouped)";
/** Requests whose group would be one too many. */
export const otherGroup = "(other)";

/** How many different groups a source may name, besides the two above. */
export const groupsMax = 200;
/** Longer names are cut. */
const nameCharsMax = 120;
/** Targets whose group is remembered; all are forgotten when the room is used up. */
const targetsMax = 20_000;

export interface GroupRule {
  /** May name two parts, `group` and `method`. */
  readonly pattern: RegExp;
  /** Used instead of the part `group`. */
  readonly group: string | undefined;
}

/**
 * Names groups by the first rule that matches; remembers the names, because their number is bounded
 * for life.
 */
export class Grouping {
  readonly #rules: readonly GroupRule[];
  readonly #names: Set<string>;
  readonly #byTarget = new Map<string, string>();

  /** `names` are those of an earlier life of the same source with the same rules. */
  constructor(rules: readonly GroupRule[], names: readonly string[] = []) {
    this.#rules = rules;
    this.#names = new Set(names);
  }

  /** In the order they were first seen. */
  get names(): readonly string[] {
    return [...this.#names];
  }

  /**
   * `target` is the request target without its query string; undefined when the request has none.
   */
  nameOf(target: string | undefined): string {
    if (target === undefined || this.#rules.length === 0) {
      return ungrouped;
    }
    const known = this.#byTarget.get(target);
    if (known !== undefined) {
      return known;
    }
    if (this.#byTarget.size >= targetsMax) {
      this.#byTarget.clear();
    }
    const name = this.#admit(firstMatch(this.#rules, target));
    this.#byTarget.set(target, name);
    return name;
  }

  #admit(name: string): string {
    if (name === ungrouped || this.#names.has(name)) {
      return name;
    }
    if (this.#names.size >= groupsMax) {
      return otherGroup;
    }
    this.#names.add(name);
    return name;
  }
}

/**
 * `group/method` when both parts are there, else the one that is. A match without a name goes on to
 * the next rule.
 */
function firstMatch(rules: readonly GroupRule[], target: string): string {
  for (const { pattern, group } of rules) {
    const match = pattern.exec(target);
    if (match !== null) {
      const parts = [group ?? match.groups?.["group"], match.groups?.["method"]];
      const name = parts.filter((part) => part !== undefined && part !== "").join("/");
      if (name !== "") {
        return name.slice(0, nameCharsMax);
      }
    }
  }
  return ungrouped;
}
