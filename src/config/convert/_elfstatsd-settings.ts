import { translatePattern } from "./_python-pattern.ts";
import { OldPattern, type OldSetting, type OldValue, isList } from "./_python-settings.ts";
import type { OldProblem } from "./_refuse.ts";

/** Settings by name, with their defaults. What is of the wrong kind is refused, and something of the right one given. */
export interface Settings {
  value(name: string): OldValue;
  text(name: string): string;
  number(name: string): number;
  truth(name: string): boolean;
  list(name: string): readonly OldValue[];
  /** As ours. */
  pattern(name: string): string;
  /** Of a value within the setting; undefined when it was refused. */
  toPattern(name: string, value: OldValue | undefined): string | undefined;
  refuse(name: string, message: string): void;
}

export function createSettings(
  settings: ReadonlyMap<string, OldSetting>,
  defaults: Readonly<Record<string, OldValue>>,
  problems: OldProblem[],
): Settings {
  const refuse = (name: string, message: string): void => {
    problems.push({ line: settings.get(name)?.line ?? 1, path: name, message });
  };
  for (const [name, { problem }] of settings) {
    if (problem !== undefined && name in defaults) {
      refuse(name, `${problem}; write the value itself`);
    }
  }
  const value = (name: string): OldValue => settings.get(name)?.value ?? defaults[name] ?? null;
  const toPattern = (name: string, given: OldValue | undefined): string | undefined => {
    const old = typeof given === "string" ? new OldPattern(given, "") : given;
    if (!(old instanceof OldPattern)) {
      refuse(name, "has to hold regular expressions");
      return undefined;
    }
    const { pattern, problem } = translatePattern(old);
    if (problem !== undefined) {
      refuse(name, problem);
    }
    return pattern;
  };
  return {
    value,
    refuse,
    toPattern,
    text(name) {
      const given = value(name);
      if (typeof given !== "string") {
        refuse(name, "has to be a text");
      }
      return typeof given === "string" ? given : "";
    },
    number(name) {
      const given = value(name);
      if (typeof given !== "number") {
        refuse(name, "has to be a number");
      }
      return typeof given === "number" ? given : 1;
    },
    truth: (name) => value(name) === true || value(name) === 1,
    list(name) {
      const given = value(name);
      if (!isList(given)) {
        refuse(name, "has to be a list");
      }
      return isList(given) ? given : [];
    },
    pattern: (name) => toPattern(name, value(name)) ?? "",
  };
}
