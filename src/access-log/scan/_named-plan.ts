// Which names of a keyed format or a user's expression have to be found, and what their values are.

import type { FieldName } from "../format/fields.ts";
import type { TimeValue, Value } from "../format/line-format.ts";
import { keyKinds, type KeyKind, type WantedKey } from "./_key-finder.ts";
import { keyTables, type NamedFormat } from "./_scan-plan.ts";

export type NamedValue = Exclude<
  Value | TimeValue,
  { readonly type: "skipped" } | { readonly type: "endpoint" }
>;

export interface NamedBinding {
  readonly value: NamedValue;
  /** Its place in `keys`. */
  readonly key: number;
}

export interface NamedPlan {
  readonly keys: readonly WantedKey[];
  /** In the order of the format: the first that has a value gives it to its field. */
  readonly bindings: readonly NamedBinding[];
}

/**
 * Texts that nobody wants are left out; numbers and times are not, because they can fail a line.
 * Undefined: the format has something that only the reference parser reads.
 */
export function planNames(
  format: NamedFormat,
  wanted: ReadonlySet<FieldName>,
): NamedPlan | undefined {
  const all: readonly Named[] = toNamed(format);
  if (!all.every(({ value }) => isReadable(value))) {
    return undefined;
  }
  // A whole request line counts unless method, target and protocol are there without it.
  const hasRequest = all.some(({ value }) => value.type === "request");
  const texts = new Set([...wanted, ...(hasRequest ? (["method", "protocol"] as const) : [])]);
  const kept = all.filter(({ value }) => isKept(value, texts));
  const paths = [...new Set(kept.map(({ path }) => JSON.stringify(path)))];
  const bindings: NamedBinding[] = [];
  for (const { path, value } of kept) {
    const key = paths.indexOf(JSON.stringify(path));
    const isKnown = bindings.some(
      (other) => other.key === key && fieldOf(other.value) === fieldOf(value),
    );
    if (!isKnown && value.type !== "skipped" && value.type !== "endpoint") {
      bindings.push({ value, key });
    }
  }
  const keys = paths.map((text, key) => {
    const own = bindings.filter((binding) => binding.key === key);
    const path = kept.find((each) => JSON.stringify(each.path) === text)?.path ?? [];
    return { path, kind: kindOf(own) };
  });
  return { keys, bindings };
}

interface Named {
  readonly path: readonly string[];
  readonly value: Value | TimeValue;
}

function toNamed(format: NamedFormat): readonly Named[] {
  return format.layout === "keyed"
    ? format.keys
    : format.groups.map(({ group, value }) => ({ path: [group], value }));
}

function isReadable(value: Value | TimeValue): boolean {
  switch (value.type) {
    case "text":
      return value.missing === undefined && value.list === undefined;
    case "target":
      return !value.hasAppendedQuery;
    case "endpoint":
      return false;
    case "number":
    case "status":
    case "request":
    case "time":
    case "skipped":
      return true;
  }
}

function isKept(value: Value | TimeValue, wanted: ReadonlySet<FieldName>): boolean {
  return (
    value.type !== "skipped" &&
    (value.type !== "text" || Object.hasOwn(keyTables, value.field) || wanted.has(value.field))
  );
}

function fieldOf(value: Value | TimeValue): string {
  return value.type === "text" || value.type === "number" ? value.field : value.type;
}

function kindOf(bindings: readonly NamedBinding[]): KeyKind {
  const kinds = new Set(bindings.map(({ value }) => valueKinds[value.type]));
  if (kinds.has(keyKinds.key)) {
    return keyKinds.key;
  }
  const [only = keyKinds.text] = kinds;
  return kinds.size === 1 ? only : keyKinds.text;
}

const valueKinds: Readonly<Record<NamedValue["type"], KeyKind>> = {
  text: keyKinds.key,
  target: keyKinds.key,
  request: keyKinds.text,
  number: keyKinds.number,
  status: keyKinds.number,
  time: keyKinds.time,
};
