// Conditions as functions of an entry: how the lines are filtered that the generated code leaves to
// the reference parser, and metrics of one's own.

import type { Entry } from "../format/fields.ts";
import { compilePattern } from "./compile-pattern.ts";
import { type Condition, ignoreCase, type NumberCondition, type TextCondition } from "./where.ts";

/** Always true for no condition. Throws RangeError for a pattern that cannot be compiled. */
export function compileCondition(condition: Condition | undefined): (entry: Entry) => boolean {
  switch (condition?.kind) {
    case undefined:
      return () => true;
    case "and": {
      const all = condition.all.map(compileCondition);
      return (entry) => all.every((holds) => holds(entry));
    }
    case "or": {
      const all = condition.all.map(compileCondition);
      return (entry) => all.some((holds) => holds(entry));
    }
    case "not": {
      const inner = compileCondition(condition.inner);
      return (entry) => !inner(entry);
    }
    case "present":
      return (entry) => entry[condition.field] !== undefined;
    case "number":
      return (entry) => holdsNumber(condition, entry[condition.field]);
    case "text": {
      const holds = compileText(condition);
      return (entry) => holds(entry[condition.field]);
    }
  }
}

function holdsNumber({ operator, value }: NumberCondition, found: number | undefined): boolean {
  if (found === undefined) {
    return operator === "!=";
  }
  switch (operator) {
    case "=":
      return found === value;
    case "!=":
      return found !== value;
    case "<":
      return found < value;
    case "<=":
      return found <= value;
    case ">":
      return found > value;
    case ">=":
      return found >= value;
  }
}

/** Of the value of the condition's field, undefined when the line lacks it. */
export function compileText({
  operator,
  value,
}: TextCondition): (text: string | undefined) => boolean {
  switch (operator) {
    case "=":
      return (text) => text === value;
    case "!=":
      return (text) => text !== value;
    case "~":
    case "!~": {
      const pattern = compilePattern(ignoreCase(value));
      const isWanted = operator === "~";
      return (text) => (text !== undefined && pattern.test(text)) === isWanted;
    }
  }
}
