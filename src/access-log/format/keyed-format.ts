// Lines of named values: JSON, LTSV, logfmt.

import { fields, isModelName, isNumberName, isTextName, toExtraName } from "./fields.ts";
import type { FormatOptions, FormatResult } from "./format-result.ts";
import {
  caddyKeys,
  flatKeys,
  ltsvKeys,
  toTomcatKeys,
  tomcatKeys,
  traefikKeys,
} from "./_known-keys.ts";
import { toKeyedValue } from "./_key-bindings.ts";
import { type KeyBinding, type KeyedFormat, boundFields } from "./line-format.ts";
import { remarksOn } from "./assemble-layout.ts";
import { suggest } from "./suggest.ts";

/**
 * `json` knows the keys of nginx, Caddy, Traefik and Tomcat together: those with a name that only
 * one of them uses first. Tomcat's `host` is a client and everyone else's a host, so that Tomcat
 * without `%v` needs `tomcat-json`.
 */
const anyKeys: readonly KeyBinding[] = [
  ...caddyKeys,
  ...traefikKeys,
  ...tomcatKeys,
  ...flatKeys,
].filter(
  ({ path, value }) => !(path[0] === "host" && value.type === "text" && value.field === "client"),
);

/** By the names that users write. */
export const keyedFormats = {
  json: toFormat("json", anyKeys),
  "nginx-json": toFormat("json", flatKeys),
  caddy: toFormat("json", caddyKeys),
  traefik: toFormat("json", traefikKeys),
  "tomcat-json": toFormat("json", tomcatKeys),
  ltsv: toFormat("ltsv", [...ltsvKeys, ...flatKeys.filter(({ path }) => path[0] !== "host")]),
  logfmt: toFormat("logfmt", [...flatKeys, ...traefikKeys]),
} as const satisfies Readonly<Record<string, KeyedFormat>>;

export type KeyedName = keyof typeof keyedFormats;

/** A format by name; Tomcat's `elapsedTime` follows the options. */
export function findKeyedFormat(name: KeyedName, options: FormatOptions): KeyedFormat {
  const { durationUnit, tomcatVersion = 10 } = options;
  const unit = durationUnit ?? (tomcatVersion >= 10 ? "us" : "ms");
  return name === "tomcat-json" ? toFormat("json", toTomcatKeys(unit)) : keyedFormats[name];
}

function toFormat(syntax: KeyedFormat["syntax"], keys: readonly KeyBinding[]): KeyedFormat {
  return { layout: "keyed", syntax, keys, timeIs: "end" };
}

const assignment = /\s*,?\s*([A-Za-z0-9_.]+)\s*=\s*("[^"]*"|[^\s,()]+)(?:\((ms|us|ns|s)\))?/y;

/**
 * Parses a mapping: `field=key` with commas or spaces between, `status=resp.status` for a nested
 * key, `status="resp.status"` for a key with dots in it, `duration=took(ms)` for a unit. `request`
 * is a whole request line. Fields of one's own are written `variable.name`.
 */
export function parseMapping(
  syntax: KeyedFormat["syntax"],
  mapping: string,
  from: number,
): FormatResult {
  const keys: KeyBinding[] = [];
  let at = 0;
  while (mapping.slice(at).trim() !== "") {
    assignment.lastIndex = at;
    const found = assignment.exec(mapping);
    const column = from + at + 1 + (/^[\s,]*/.exec(mapping.slice(at))?.[0].length ?? 0);
    if (found === null) {
      return { problem: `in column ${column} a field=key is expected, such as status=code` };
    }
    const binding = toBinding(found);
    if (binding === undefined) {
      const known = [...Object.keys(fields), "request"];
      const hint = suggest(found[1] ?? "", known);
      return { problem: `unknown field ${found[1]} in column ${column}${hint}` };
    }
    keys.push(binding);
    at = assignment.lastIndex;
  }
  const format: KeyedFormat = { layout: "keyed", syntax, keys, timeIs: "end" };
  return { format, remarks: remarksOn(boundFields(format)) };
}

function toBinding([, name = "", key = "", unit]: RegExpExecArray): KeyBinding | undefined {
  const path = key.startsWith('"') ? [key.slice(1, -1)] : key.split(".");
  if (name === "request") {
    return { path, value: { type: "request" } };
  }
  if (isModelName(name)) {
    if (!isNumberName(name)) {
      return { path, value: toKeyedValue(name) };
    }
    return { path, value: toKeyedValue(isUnit(unit) ? `${name}:${unit}` : name) };
  }
  const own = /^variable\.(.+)$/.exec(name)?.[1];
  const field = own === undefined ? undefined : toExtraName("variable", own);
  return field !== undefined && isTextName(field)
    ? { path, value: { type: "text", field } }
    : undefined;
}

function isUnit(unit: string | undefined): unit is "ms" | "us" | "ns" {
  return unit === "ms" || unit === "us" || unit === "ns";
}
