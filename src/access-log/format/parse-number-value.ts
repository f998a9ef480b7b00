import { isWhole } from "./fields.ts";
import type { NumberValue } from "./line-format.ts";
import { parseAmount, parseUnitSeconds } from "./parse-amount.ts";

/** The number that `raw` is by the rules of NumberValue; undefined when it is missing. */
export function parseNumberValue(
  value: NumberValue,
  raw: string,
): number | undefined | "bad_number" {
  const elements = value.list === undefined ? [raw] : splitList(raw);
  const present = elements.filter((element) => !isMissing(element, value.missing));
  const amounts: number[] = [];
  for (const element of present) {
    const amount =
      (value.mayHaveUnit === true ? parseUnitSeconds(element) : undefined) ??
      parseAmount(element, value.divisor);
    if (amount === undefined || (isWhole(value.field) && !Number.isInteger(amount))) {
      return "bad_number";
    }
    amounts.push(amount);
  }
  return amounts.length === 0 ? value.whenMissing : combine(amounts, value.list);
}

function combine(amounts: readonly number[], list: NumberValue["list"]): number | undefined {
  return list === "sum" ? amounts.reduce((sum, amount) => sum + amount, 0) : amounts.at(-1);
}

export function splitList(raw: string): readonly string[] {
  return raw.split(/, | : /);
}

/** Empty, `-`, or one of `more`. */
export function isMissing(raw: string, more: readonly string[] = []): boolean {
  return raw === "" || raw === "-" || more.includes(raw);
}
