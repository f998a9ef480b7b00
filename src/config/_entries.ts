// Sources, outputs and rules: each is checked on its own, so that all mistakes are found at once.
import { z } from "zod";
import { ownSource } from "../core/batch.ts";
import type { Output, Source } from "../core/component.ts";
import { parseDuration } from "../core/units.ts";
import type { ConfigParts, OutputConfig, SourceConfig } from "./config.ts";
import type { Finding, Path } from "./_findings.ts";
import { idPattern, outputKeys, sourceKeys } from "./_schema.ts";
import { fillDefaults, isRecord, toRecord } from "./_schema-walk.ts";
import { validate } from "./_validate.ts";

export interface Entry<Value> {
  readonly value: Value;
  readonly written: unknown;
}

/** Below an id, before anything is known about it. */
export type RawEntries = ReadonlyMap<string, unknown>;

export function readSources(
  raw: RawEntries,
  parts: ConfigParts,
  findings: Finding[],
): ReadonlyMap<string, Entry<SourceConfig>> {
  const common = sourceKeys(parts.sources.map(({ name }) => name));
  return readEntries(raw, (id, entry) => {
    const path = ["sources", id];
    checkId(id, path, findings);
    if (id === ownSource) {
      const message = "is the id under which a node reports on itself; choose another";
      findings.push({ path, code: "invalid", message, atKey: true });
    }
    const read = readComponent({ path, entry, kinds: parts.sources, common }, findings);
    if (read === undefined) {
      return undefined;
    }
    const { keys, kind, options, written } = read;
    const { service = "", outputs } = keys;
    const everyMs = keys.every ?? defaultEveryMs(kind);
    return {
      value: { id, kind: kind.name, service, everyMs, outputs, options },
      written: {
        kind: kind.name,
        ...written.keys,
        every: written.keys["every"] ?? kind.every,
        ...written.options,
      },
    };
  });
}

export function readOutputs(
  raw: RawEntries,
  parts: ConfigParts,
  findings: Finding[],
): ReadonlyMap<string, Entry<OutputConfig>> {
  const common = outputKeys(parts.outputs.map(({ name }) => name));
  return readEntries(raw, (id, entry) => {
    const path = ["outputs", id];
    checkId(id, path, findings);
    const read = readComponent({ path, entry, kinds: parts.outputs, common }, findings);
    if (read === undefined) {
      return undefined;
    }
    const { keys, kind, options, written } = read;
    const { only = [], except = [], labels = {} } = keys;
    return {
      value: { id, kind: kind.name, only, except, labels, options },
      written: { ...written.keys, ...written.options },
    };
  });
}

export function readRules<Rule extends z.ZodObject>(
  raw: RawEntries,
  schema: Rule,
  findings: Finding[],
): ReadonlyMap<string, Entry<z.output<Rule>>> {
  return readEntries(raw, (id, entry) => {
    const path = ["rules", id];
    checkId(id, path, findings);
    const value = validate(schema, entry, { path, owner: "a rule" }, findings);
    return value === undefined ? undefined : { value, written: fillDefaults(schema, entry) };
  });
}

function readEntries<Value>(
  raw: RawEntries,
  read: (id: string, entry: unknown) => Entry<Value> | undefined,
): ReadonlyMap<string, Entry<Value>> {
  const entries = new Map<string, Entry<Value>>();
  for (const [id, entry] of raw) {
    const value = read(id, entry);
    if (value !== undefined) {
      entries.set(id, value);
    }
  }
  return entries;
}

function checkId(id: string, path: Path, findings: Finding[]): void {
  if (!idPattern.test(id)) {
    const message =
      "is not a usable id; write up to 64 letters, digits, `-`, `_` and `.`, beginning with a letter or a digit";
    findings.push({ path, code: "invalid", message, atKey: true });
  }
}

interface ComponentEntry<Kind, Common> {
  readonly path: Path;
  readonly entry: unknown;
  readonly kinds: readonly Kind[];
  readonly common: Common;
}

interface ReadComponent<Kind, Common extends z.ZodObject> {
  readonly kind: Kind;
  readonly keys: z.output<Common>;
  readonly options: Readonly<Record<string, unknown>>;
  readonly written: {
    readonly keys: Readonly<Record<string, unknown>>;
    readonly options: Readonly<Record<string, unknown>>;
  };
}

function readComponent<Kind extends Source | Output, Common extends z.ZodObject>(
  { path, entry, kinds, common }: ComponentEntry<Kind, Common>,
  findings: Finding[],
): ReadComponent<Kind, Common> | undefined {
  if (entry === null) {
    const message = "is empty; write `kind:` and what else it needs below it, indented";
    findings.push({ path, code: "missing", message });
    return undefined;
  }
  if (!isRecord(entry)) {
    validate(z.record(z.string(), z.unknown()), entry, { path }, findings);
    return undefined;
  }
  const commonKeys = Object.keys(common.shape);
  const [own, rest] = splitKeys(entry, commonKeys);
  const keys = validate(common, own, { path }, findings);
  const kind = kinds.find(({ name }) => name === entry["kind"]);
  if (kind === undefined) {
    return undefined;
  }
  refuseSharedKeys(kind, commonKeys);
  const place = { path, otherKeys: commonKeys, owner: `kind \`${kind.name}\`` };
  const options = validate(kind.options, rest, place, findings);
  if (keys === undefined || options === undefined) {
    return undefined;
  }
  const written = {
    keys: toRecord(fillDefaults(common, own)),
    options: toRecord(fillDefaults(kind.options, rest)),
  };
  return { kind, keys, options, written };
}

/** A component cannot have an option of its own that is named like a common key: only one of both would get it. */
function refuseSharedKeys(kind: Source | Output, commonKeys: readonly string[]): void {
  const shared = commonKeys.find((key) => Object.hasOwn(kind.options.shape, key));
  if (shared !== undefined) {
    throw new TypeError(`${kind.name} declares the option ${shared}, which is a common key`);
  }
}

function splitKeys(
  entry: Readonly<Record<string, unknown>>,
  names: readonly string[],
): readonly [Record<string, unknown>, Record<string, unknown>] {
  const entries = Object.entries(entry);
  return [
    Object.fromEntries(entries.filter(([key]) => names.includes(key))),
    Object.fromEntries(entries.filter(([key]) => !names.includes(key))),
  ];
}

function defaultEveryMs(kind: Source): number {
  const everyMs = parseDuration(kind.every);
  if (everyMs === undefined) {
    throw new TypeError(`the source ${kind.name} declares \`every: ${kind.every}\`, no duration`);
  }
  return everyMs;
}
