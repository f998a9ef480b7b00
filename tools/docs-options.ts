// Tables of options: a row for each key, those of nested objects below the one that holds them.

import { z } from "zod";
import { duration, size } from "../src/core/options.ts";

/** As much of JSON Schema as the options of this project need. */
export interface PropertySchema {
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly pattern?: string;
  readonly const?: string | number;
  readonly enum?: readonly (string | number)[];
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly items?: PropertySchema;
  readonly anyOf?: readonly PropertySchema[];
  readonly oneOf?: readonly PropertySchema[];
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly additionalProperties?: boolean | PropertySchema;
}

/** Quantities are texts to a schema; their patterns tell them apart. */
const quantityTypes: ReadonlyMap<string | undefined, string> = new Map([
  [z.toJSONSchema(duration(), { io: "input" }).pattern, "duration"],
  [z.toJSONSchema(size(), { io: "input" }).pattern, "size"],
]);

/** The same schema as plain JSON: without what only its library knows. */
export function toPropertySchema(schema: unknown): PropertySchema {
  const plain: PropertySchema = JSON.parse(JSON.stringify(schema));
  return plain;
}

/** Markdown: a table of the keys of an object, or "None." */
export function optionsTable(schema: unknown): string {
  const rows = rowsOf(toPropertySchema(schema), "");
  return rows.length === 0
    ? "None.\n"
    : `| option | type | default | meaning |\n|---|---|---|---|\n${rows.join("")}`;
}

function rowsOf(schema: PropertySchema, prefix: string): readonly string[] {
  const required = new Set(schema.required);
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    rowOf(`${prefix}${name}`, property, required.has(name)),
    ...nestedRows(property, `${prefix}${name}`),
  ]);
}

function rowOf(name: string, property: PropertySchema, isRequired: boolean): string {
  // The defaults of an object are those of its keys, which have rows of their own.
  const isNested = property.properties !== undefined;
  const given =
    property.default === undefined || isNested ? "" : `\`${JSON.stringify(property.default)}\``;
  const initial = given === "" && isRequired ? "required" : given;
  const meaning = (property.description ?? "").replaceAll("|", "\\|").replaceAll("\n", " ");
  return `| \`${name}\` | ${typeText(property)} | ${initial} | ${meaning} |\n`;
}

/** `expect.status` of an object, `groups[].match` of a list, `sensors.*.title` of a map. */
function nestedRows(property: PropertySchema, name: string): readonly string[] {
  const { items, anyOf, oneOf, additionalProperties } = property;
  const branches = (anyOf ?? oneOf ?? []).filter((branch) => !isSecretPlace(branch));
  const rows = [
    ...rowsOf(property, `${name}.`),
    ...(items === undefined ? [] : nestedRows(items, `${name}[]`)),
    ...(typeof additionalProperties === "object"
      ? nestedRows(additionalProperties, `${name}.*`)
      : []),
    ...branches.flatMap((branch) => nestedRows(branch, name)),
  ];
  return [...new Set(rows)];
}

/** `{ env }` and `{ file }` are told once, with the units. */
function isSecretPlace({ properties }: PropertySchema): boolean {
  const keys = Object.keys(properties ?? {});
  return keys.length === 1 && (keys[0] === "env" || keys[0] === "file");
}

function typeText(property: PropertySchema): string {
  const { anyOf, oneOf, items, additionalProperties } = property;
  if (property.enum !== undefined) {
    return property.enum.map((value) => `\`${String(value)}\``).join(" or ");
  }
  const branches = anyOf ?? oneOf;
  if (branches !== undefined) {
    const types = branches.map((branch) => (isSecretPlace(branch) ? "secret" : typeText(branch)));
    return [...new Set(types)].join(" or ");
  }
  if (property.const !== undefined) {
    return `\`${String(property.const)}\``;
  }
  if (property.type === "array") {
    return `list of ${typeText(items ?? {})}`;
  }
  if (typeof additionalProperties === "object") {
    return `map of ${typeText(additionalProperties)}`;
  }
  const types = typeof property.type === "string" ? [property.type] : (property.type ?? ["any"]);
  const fallback = property.properties === undefined ? types.join(" or ") : "object";
  return quantityTypes.get(property.pattern) ?? fallback;
}
