// What a scan of one format has to find in a line, for the generator.

import { type FieldName, isNumberName, type NumberName, type TextName } from "../format/fields.ts";
import { lastingFields } from "../format/event-time.ts";
import {
  boundFields,
  type KeyedFormat,
  type PatternFormat,
  type PositionalFormat,
} from "../format/line-format.ts";
import { type Condition, fieldsOfCondition } from "./where.ts";
import type { ScanLimits, ScanSpec } from "./log-scanner.ts";

/** The texts whose values are counted, and the table of Tallies in which they are. */
export const keyTables = {
  client: "clients",
  user: "users",
  referrer: "referrers",
  agent: "agents",
  host: "hosts",
  termination: "termination",
  cache: "cache",
  tls_version: "tlsVersions",
} as const satisfies Partial<Record<TextName, string>>;
export type KeyField = keyof typeof keyTables;
export const keyFields: readonly KeyField[] = [
  "client",
  "user",
  "referrer",
  "agent",
  "host",
  "termination",
  "cache",
  "tls_version",
];

/** The durations that are counted: as whole milliseconds, too, when that is how they are logged. */
export const durationFields: readonly NumberName[] = ["duration", "upstream_duration"];

/** The numbers that are always counted. */
const countedNumbers: readonly NumberName[] = [
  "status",
  "bytes",
  "duration",
  "upstream_duration",
  "retries",
];

/** Lines whose values have names. */
export type NamedFormat = KeyedFormat | PatternFormat;
export type ScannedFormat = PositionalFormat | NamedFormat;

export interface ScanPlan<Format extends ScannedFormat = ScannedFormat> {
  readonly format: Format;
  /** The fields that lines have. */
  readonly bound: ReadonlySet<FieldName>;
  /** Numbers and texts to find, the target and the fields of keyTables apart. */
  readonly wanted: ReadonlySet<FieldName>;
  readonly where: Condition | undefined;
  /** Patterns or metrics of one's own are asked for, and what their entries need. */
  readonly hasMetrics: boolean;
  readonly metricFields: readonly FieldName[];
  readonly slowSeconds: number;
  readonly anonymise: boolean;
  readonly hasSeries: boolean;
  /** Lines count at the end of their request: durations are added to their time. */
  readonly isPlacedByEnd: boolean;
  readonly limits: ScanLimits;
  /** Requests without a group are `ungrouped`. */
  readonly isNaming: boolean;
  /** Lines may be comments. */
  readonly hasComments: boolean;
}

export interface PlanParts {
  readonly spec: ScanSpec;
  readonly limits: ScanLimits;
  readonly isNaming: boolean;
}

export function planScan<Format extends ScannedFormat>(
  format: Format,
  { spec, limits, isNaming }: PlanParts,
): ScanPlan<Format> {
  const metricFields = metricFieldsOf(spec);
  const bound = boundFields(format);
  const isPlacedByEnd = spec.placesByEnd === true;
  return {
    format,
    bound,
    wanted: new Set([
      ...countedNumbers,
      ...(isPlacedByEnd ? lastingFields(format.timeIs, bound) : []),
      ...fieldsOfCondition(spec.where),
      ...metricFields,
    ]),
    where: spec.where,
    hasMetrics: (spec.metrics ?? []).length + (spec.patterns ?? []).length > 0,
    metricFields,
    slowSeconds: spec.slowSeconds ?? Infinity,
    anonymise: spec.anonymise === true,
    hasSeries: spec.windowMs !== undefined,
    isPlacedByEnd,
    limits,
    isNaming,
    hasComments: spec.format.layout === "header",
  };
}

function metricFieldsOf({ metrics = [], patterns = [] }: ScanSpec): readonly FieldName[] {
  const named = metrics.flatMap(({ field, where, labels = [] }) => [
    ...(field === undefined ? [] : [field]),
    ...fieldsOfCondition(where),
    ...labels,
  ]);
  const target: readonly FieldName[] = patterns.length > 0 ? ["target"] : [];
  return [...new Set([...named, ...target])];
}

/** A variable of the generated code. */
export function variableOf(
  name: FieldName,
  kind: "number" | "millis" | "start" | "end" | "escaped" | "hash" | "check",
): string {
  const prefix = {
    number: "n",
    millis: "m",
    start: "s",
    end: "e",
    escaped: "x",
    hash: "h",
    check: "j",
  }[kind];
  const index = nameIndex(name);
  return `${prefix}${index}`;
}

const indexes = new Map<FieldName, number>();

/** Names of fields may come from the configuration: the code only has their number. */
function nameIndex(name: FieldName): number {
  const known = indexes.get(name);
  if (known !== undefined) {
    return known;
  }
  indexes.set(name, indexes.size);
  return indexes.size - 1;
}

export function isText(name: FieldName): name is TextName {
  return name !== "time" && !isNumberName(name);
}
