// The JSON Schema for editors: what a file may hold, before it is validated.
import { z } from "zod";
import type { Output, Source } from "../core/component.ts";
import type { ConfigParts } from "./config.ts";
import { idPattern, outputKeys, rootSchema, sourceKeys } from "./_schema.ts";
import { defaultOf, toRecord } from "./_schema-walk.ts";

export type JsonSchema = Readonly<Record<string, unknown>>;

interface ObjectSchema {
  readonly properties: Readonly<Record<string, JsonSchema>>;
  readonly required: readonly string[];
}

/** Draft 2020-12. Each kind is an alternative of its own, so that editors offer the options that fit it. */
export function toJsonSchema(parts: ConfigParts): JsonSchema {
  const root = toObjectSchema(rootSchema);
  const { sources, outputs, rule } = parts;
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "Watchpost configuration",
    type: "object",
    properties: {
      ...root.properties,
      sources: {
        ...mapOf(sources.map((kind) => kindSchema(kind, sourceKeys([kind.name])))),
        description: root.properties["sources"]?.["description"],
      },
      outputs: {
        ...mapOf(outputs.map((kind) => kindSchema(kind, outputKeys([kind.name])))),
        description: root.properties["outputs"]?.["description"],
      },
      rules: {
        ...mapOf([withoutDialect(rule)]),
        description: root.properties["rules"]?.["description"],
      },
    },
    additionalProperties: false,
  };
}

/** The options of a component or a rule alone, as a file may hold them. */
export function toOptionsSchema(options: z.ZodObject): JsonSchema {
  return generate(options);
}

/** The keys that every source, or every output, takes beside its own options. */
export function toCommonSchema(of: "sources" | "outputs", parts: ConfigParts): JsonSchema {
  const kinds = parts[of].map(({ name }) => name);
  return generate(of === "sources" ? sourceKeys(kinds) : outputKeys(kinds));
}

/** An object of the user's own ids, each of which holds one of the alternatives. */
function mapOf(alternatives: readonly JsonSchema[]): JsonSchema {
  return {
    type: "object",
    propertyNames: { pattern: idPattern.source },
    additionalProperties: alternatives.length === 1 ? alternatives[0] : { oneOf: alternatives },
  };
}

function kindSchema(kind: Source | Output, common: z.ZodObject): JsonSchema {
  const [shared, own] = [toObjectSchema(common), toObjectSchema(kind.options)];
  const every =
    "every" in kind ? { every: { ...shared.properties["every"], default: kind.every } } : {};
  return {
    title: kind.name,
    description: kind.summary,
    type: "object",
    properties: {
      ...shared.properties,
      kind: { const: kind.name, description: kind.summary },
      ...every,
      ...own.properties,
    },
    required: [...shared.required, ...own.required],
    additionalProperties: false,
  };
}

function toObjectSchema(schema: z.ZodObject): ObjectSchema {
  const { properties = {}, required = [] } = generate(schema);
  const shapes = Object.entries(properties).map(([key, value]) => [key, toRecord(value)]);
  return { properties: Object.fromEntries(shapes), required };
}

function withoutDialect(schema: z.ZodObject): JsonSchema {
  const { $schema: _, ...rest } = generate(schema);
  return rest;
}

function generate(schema: z.ZodObject): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override({ zodSchema, jsonSchema }) {
      const isDefault = zodSchema instanceof z.ZodDefault || zodSchema instanceof z.ZodPrefault;
      const value = isDefault ? defaultOf(zodSchema) : undefined;
      if (value !== undefined) {
        Object.assign(jsonSchema, { default: value });
      }
    },
  });
}
