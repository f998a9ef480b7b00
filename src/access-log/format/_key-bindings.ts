// Which values the keys of a line are bound to.

import { type FieldName, type NumberName, type TextName, isNumberName } from "./fields.ts";
import { unitDivisors } from "./format-result.ts";
import type { KeyBinding, NumberValue, TimeValue, Value } from "./line-format.ts";
import { anyTime } from "./time-layout.ts";

/** A field, or a whole request line; `time:start` is when the request came; of numbers with the unit that the log has. */
export type BindingName =
  | FieldName
  | "request"
  | "time:start"
  | `${NumberName}:${"ms" | "us" | "ns"}`;

/** A name → keys, with dots between nested ones and spaces between alternatives. */
export type KeyTable = readonly (readonly [BindingName, string])[];

const listsOf: Readonly<Partial<Record<NumberName, "sum" | "last">>> = {
  upstream_duration: "sum",
  connect_duration: "sum",
  upstream_header_duration: "sum",
  upstream_status: "last",
};

/** One binding for each key of the table, in its order. */
export function toBindings(table: KeyTable): readonly KeyBinding[] {
  return table.flatMap(([name, keys]) =>
    keys.split(" ").map((key) => ({ path: key.split("."), value: toKeyedValue(name) })),
  );
}

/** What a key bound to a field holds, whatever wrote it: lists, units and strings are allowed. */
export function toKeyedValue(name: BindingName): Value | TimeValue {
  if (name === "request" || name === "status") {
    return { type: name };
  }
  if (name === "time" || name === "time:start") {
    return { type: "time", layouts: anyTime, ...(name !== "time" && { timeIs: "start" }) };
  }
  if (name === "target") {
    return { type: "target", hasAppendedQuery: false };
  }
  const [field, unit] = splitUnit(name);
  return isNumberName(field) ? toNumber(field, unit) : { type: "text", field: asText(field) };
}

function toNumber(field: NumberName, unit: keyof typeof unitDivisors): NumberValue {
  const list = listsOf[field];
  return {
    type: "number",
    field,
    divisor: unitDivisors[unit],
    mayHaveUnit: true,
    ...(list === undefined ? {} : { list }),
  };
}

function splitUnit(name: string): readonly [FieldName, keyof typeof unitDivisors] {
  const [, field = name, unit] = /^(.+):(ms|us|ns|s)$/.exec(name) ?? [];
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the type of the names says so
  return [field as FieldName, (unit ?? "s") as keyof typeof unitDivisors];
}

function asText(field: FieldName): TextName {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- numbers and the time are taken
  return field as TextName;
}
