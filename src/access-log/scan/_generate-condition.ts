// Generates conditions. What a pattern says of a text is remembered by the hash of its bytes, so that
// a text is decoded and searched once and not on every line.

import { type FieldName, isNumberName } from "../format/fields.ts";
import { toNumberCode } from "./_generate-end.ts";
import { type ScanPlan, variableOf } from "./_scan-plan.ts";
import type { Condition, NumberCondition, TextCondition } from "./where.ts";

/** Texts whose verdict is remembered, for each condition: the last one of each hash. */
export const verdictsMax = 4096;

const numberOperators: Readonly<Record<NumberCondition["operator"], string>> = {
  "=": "===",
  "!=": "!==",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/** An expression. Conditions on texts are added to `texts`: the code knows them by their place there. */
export function generateCondition(
  condition: Condition,
  plan: ScanPlan,
  texts: TextCondition[],
): string {
  switch (condition.kind) {
    case "and":
    case "or": {
      const all = condition.all.map((each) => `(${generateCondition(each, plan, texts)})`);
      return all.join(condition.kind === "and" ? " && " : " || ");
    }
    case "not":
      return `!(${generateCondition(condition.inner, plan, texts)})`;
    case "present":
      return presenceCode(condition.field, plan);
    case "number": {
      const number = variableOf(condition.field, "number");
      const operator = numberOperators[condition.operator];
      return plan.bound.has(condition.field)
        ? `${number} ${operator} ${toNumberCode(condition.value)}`
        : String(condition.operator === "!=");
    }
    case "text":
      return textCode(condition, plan, texts);
  }
}

function presenceCode(name: FieldName, plan: ScanPlan): string {
  if (name === "target" || name === "time" || !plan.bound.has(name)) {
    return `${valueCode(name, plan)} !== undefined`;
  }
  return isNumberName(name)
    ? `${variableOf(name, "number")} === ${variableOf(name, "number")}`
    : `${variableOf(name, "start")} >= 0`;
}

function textCode(condition: TextCondition, plan: ScanPlan, texts: TextCondition[]): string {
  const { field, operator } = condition;
  if (!plan.bound.has(field)) {
    return String(operator === "!=" || operator === "!~");
  }
  const place = texts.push(condition) - 1;
  const value = valueCode(field, plan);
  const [start, hashes] =
    field === "target"
      ? ["ts", "h = tq === te ? th : hashKey(v, ts, tq), j = tq === te ? tj : checkKey(v, ts, tq)"]
      : [
          variableOf(field, "start"),
          `h = ${variableOf(field, "hash")}, j = ${variableOf(field, "check")}`,
        ];
  return `(${start} < 0 ? X.holds(${place}, ${field === "target" ? "tt" : "undefined"})
: (${hashes}, w = (h & ${verdictsMax - 1}) << 2, C${place}[w] === h && C${place}[w + 1] === j) ? C${place}[w + 2] === 1
: (C${place}[w] = h, C${place}[w + 1] = j, (C${place}[w + 2] = X.holds(${place}, ${value}) ? 1 : 0) === 1))`;
}

/** Declares what the conditions remember. */
export function declareVerdicts(texts: readonly TextCondition[]): string {
  return texts.map((_, place) => `const C${place} = X.verdicts(${place});`).join(" ");
}

/** The value of a field, undefined when the line lacks it. */
export function valueCode(name: FieldName, plan: ScanPlan): string {
  if (!plan.bound.has(name) || name === "time") {
    return "undefined";
  }
  if (name === "target") {
    return "(ts < 0 ? tt : X.textOf(ts, tq, 0))";
  }
  const number = variableOf(name, "number");
  const start = variableOf(name, "start");
  return isNumberName(name)
    ? `(${number} === ${number} ? ${number} : undefined)`
    : `(${start} < 0 ? undefined : X.textOf(${start}, ${variableOf(name, "end")}, ${variableOf(name, "escaped")}))`;
}
