// A look into zod schemas: what keys they know, how they describe them, and which defaults they would fill in.
import { z } from "zod";
import { quantities } from "../core/options.ts";
import type { Path } from "./_findings.ts";

type Schema = z.core.$ZodType;

/** The schemas that may apply at a path: several where a union is passed on the way. */
export function schemasAt(schema: Schema, path: Path): readonly Schema[] {
  const [step, ...rest] = path;
  if (step === undefined) {
    return unwrap(schema);
  }
  return unwrap(schema).flatMap((part) => {
    const inner = childOf(part, step);
    return inner === undefined ? [] : schemasAt(inner, rest);
  });
}

/** The keys that may stand at a path. */
export function keysAt(schema: Schema, path: Path): readonly string[] {
  const keys = schemasAt(schema, path).flatMap((part) =>
    part instanceof z.ZodObject ? Object.keys(part.shape) : [],
  );
  return [...new Set(keys)];
}

/** The sentence that describes the value at a path; undefined when there is none. */
export function descriptionAt(schema: Schema, path: Path): string | undefined {
  const last = path.at(-1);
  if (last === undefined) {
    return undefined;
  }
  for (const parent of schemasAt(schema, path.slice(0, -1))) {
    const child = childOf(parent, last);
    const description = child === undefined ? undefined : z.globalRegistry.get(child)?.description;
    if (description !== undefined) {
      return description;
    }
  }
  return undefined;
}

/** What was written, with the defaults of all that was not. Quantities stay, and become, text with a unit. */
export function fillDefaults(schema: Schema, input: unknown): unknown {
  if (input === undefined) {
    return defaultOf(schema);
  }
  const branches = unwrap(schema);
  const fitting =
    branches.length > 1 ? branches.find((one) => isAccepted(one, input)) : branches[0];
  if (fitting instanceof z.ZodObject && isRecord(input)) {
    const filled = Object.entries(fitting.shape).map(([key, part]) => [
      key,
      fillDefaults(part, Object.hasOwn(input, key) ? input[key] : undefined),
    ]);
    return Object.fromEntries(filled.filter(([, value]) => value !== undefined));
  }
  if (fitting instanceof z.ZodArray && Array.isArray(input)) {
    return input.map((item) => fillDefaults(fitting.element, item));
  }
  if (fitting instanceof z.ZodRecord && isRecord(input)) {
    const { valueType } = fitting;
    const filled = Object.entries(input).map(([key, value]) => [
      key,
      fillDefaults(valueType, value),
    ]);
    return Object.fromEntries(filled);
  }
  return input;
}

/** The default as a user would write it; undefined when there is none. */
export function defaultOf(schema: Schema): unknown {
  if (schema instanceof z.ZodPrefault) {
    return fillDefaults(schema.def.innerType, schema.def.defaultValue);
  }
  if (schema instanceof z.ZodDefault) {
    return printQuantity(schema.def.innerType, schema.def.defaultValue);
  }
  const inner = innerOf(schema);
  return inner === undefined ? undefined : defaultOf(inner);
}

/** A validated value as text with its unit, if the schema is one of a quantity. */
function printQuantity(schema: Schema, value: unknown): unknown {
  const quantity = quantities.get(schema);
  if (quantity !== undefined) {
    return quantity.print(value);
  }
  const inner = innerOf(schema);
  return inner === undefined ? value : printQuantity(inner, value);
}

function childOf(schema: Schema, step: string | number): Schema | undefined {
  if (schema instanceof z.ZodObject) {
    const { shape } = schema;
    return Object.hasOwn(shape, step) ? shape[String(step)] : undefined;
  }
  if (schema instanceof z.ZodRecord) {
    return schema.valueType;
  }
  if (schema instanceof z.ZodArray) {
    return schema.element;
  }
  return schema instanceof z.ZodTuple && typeof step === "number"
    ? schema.def.items[step]
    : undefined;
}

/** Without what only wraps it; the branches of a union. */
function unwrap(schema: Schema): readonly Schema[] {
  if (schema instanceof z.ZodUnion) {
    return schema.options.flatMap((option) => unwrap(option));
  }
  const inner = innerOf(schema);
  return inner === undefined ? [schema] : unwrap(inner);
}

function innerOf(schema: Schema): Schema | undefined {
  if (schema instanceof z.ZodPipe) {
    return schema.def.in;
  }
  if (schema instanceof z.ZodLazy) {
    return schema.def.getter();
  }
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodNonOptional ||
    schema instanceof z.ZodCatch
  ) {
    return schema.def.innerType;
  }
  return undefined;
}

function isAccepted(schema: Schema, input: unknown): boolean {
  return z.core.safeParse(schema, input).success;
}

/** An object as it is; anything else as an empty one. */
export function toRecord(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
