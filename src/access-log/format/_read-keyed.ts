// The reference reading of JSON, LTSV and logfmt lines.

import { type FieldName, isModelName } from "./fields.ts";
import {
  type FailureReason,
  type KeyedFormat,
  type TimeValue,
  type Value,
  fieldsOf,
} from "./line-format.ts";
import { decodeLogfmt } from "./decode-text.ts";
import { type Draft, readValue } from "./_read-value.ts";
import { readTime } from "./read-time.ts";

/** Finds the value of a path in a line: undefined when it is absent or no scalar. */
type Lookup = (path: readonly string[]) => string | undefined;

/** Reads `line`, as text, into the draft; returns why it cannot, or undefined. */
export function readKeyed(
  format: KeyedFormat,
  line: string,
  draft: Draft,
): FailureReason | undefined {
  const lookup = openLine(format.syntax, line);
  if (typeof lookup !== "function") {
    return lookup;
  }
  let hasAny = format.syntax === "json";
  for (const { path, value } of format.keys) {
    const text = lookup(path);
    hasAny ||= text !== undefined;
    const failure = text === undefined ? undefined : readNamedValue(value, text, draft);
    if (failure !== undefined) {
      return failure;
    }
  }
  return hasAny ? undefined : "wrong_layout";
}

/** Adds a value that has a name, and is decoded, unless its field is there or it is missing. */
export function readNamedValue(
  value: Value | TimeValue,
  text: string,
  draft: Draft,
): FailureReason | undefined {
  if (text === "" || text === "-" || fieldsOf(value).every((field) => has(draft, field, value))) {
    return undefined;
  }
  return value.type === "time"
    ? readWholeTime(value, text, draft)
    : readValue(value, { raw: text, decode: (raw) => raw }, draft);
}

/** `scheme` and `host` only come along with a target. */
function has(draft: Draft, field: FieldName, { type }: Value | TimeValue): boolean {
  if (field === "time") {
    return Object.keys(draft.time).length > 0;
  }
  const isByTheWay = type === "target" || type === "request";
  return (
    (isByTheWay && isModelName(field) && (field === "scheme" || field === "host")) ||
    draft.values.has(field)
  );
}

function readWholeTime(value: TimeValue, text: string, draft: Draft): FailureReason | undefined {
  for (const layout of value.layouts) {
    const found = readTime(text, 0, layout);
    if (found?.end === text.length) {
      draft.time = found.components;
      draft.timeIs = value.timeIs ?? draft.timeIs;
      return undefined;
    }
  }
  return "bad_time";
}

function openLine(syntax: KeyedFormat["syntax"], line: string): Lookup | FailureReason {
  switch (syntax) {
    case "json":
      return openJson(line);
    case "ltsv":
      return openLtsv(line);
    case "logfmt":
      return openLogfmt(line);
  }
}

function openJson(line: string): Lookup | FailureReason {
  const parsed = parseJson(line) ?? parseJson(withJsonEscapes(line));
  if (!isObject(parsed)) {
    return "bad_json";
  }
  return (path) => {
    let value: unknown = parsed;
    for (const key of path) {
      value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
      value = Array.isArray(value) ? (value as readonly unknown[])[0] : value;
    }
    return toText(value);
  };
}

/** nginx writes `\xHH` into strings unless it is told `escape=json`. */
function withJsonEscapes(line: string): string {
  return line.replaceAll(/\\(?:x([0-9A-Fa-f]{2})|(.))/gs, (escape, hex?: string) =>
    hex === undefined ? escape : `\\u00${hex}`,
  );
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Half a character, which only `\uD83D` alone can be, becomes U+FFFD. */
function toText(value: unknown): string | undefined {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value).toWellFormed()
    : undefined;
}

function openLtsv(line: string): Lookup | FailureReason {
  const values = new Map<string, string>();
  for (const column of line.split("\t")) {
    const colon = column.indexOf(":");
    if (colon <= 0) {
      return "wrong_layout";
    }
    values.set(column.slice(0, colon), column.slice(colon + 1));
  }
  return ([label = ""]) => values.get(label);
}

const pair =
  /\s*(?<key>[^\s="]+)(?:=(?:"(?<quoted>(?:[^"\\]|\\.)*)"(?=\s|$)|(?<bare>[^\s"]*)(?=\s|$)))?(?=\s|$)/gsy;

function openLogfmt(line: string): Lookup | FailureReason {
  const values = new Map<string, string>();
  const trimmed = line.trim();
  pair.lastIndex = 0;
  while (pair.lastIndex < trimmed.length) {
    const found = pair.exec(trimmed);
    if (found === null) {
      return "wrong_layout";
    }
    const { key = "", quoted, bare } = found.groups ?? {};
    values.set(key, quoted === undefined ? (bare ?? "true") : decodeLogfmt(quoted));
  }
  return ([key = ""]) => values.get(key);
}
