import { z } from "zod";
import { errorCodes } from "../core/errors.ts";
import type { Route } from "./route.ts";

/** The whole API in OpenAPI 3.1 (spec.openapis.org/oas/v3.1.1), made from the definitions of its routes. */
export function describeApi(
  routes: readonly Route[],
  version: string,
): { readonly openapi: string; readonly [key: string]: unknown } {
  return {
    openapi: "3.1.1",
    info: {
      title: "Watchpost",
      version,
      description: "What a Watchpost node measures, and its incidents. Instants are UTC.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/" }],
    components: {
      securitySchemes: { token: { type: "http", scheme: "bearer" } },
      schemas: { Problem: problemSchema },
    },
    paths: Object.fromEntries(
      routes.map((route) => [
        route.path,
        { [route.kind === "action" ? "post" : "get"]: describeRoute(route) },
      ]),
    ),
  };
}

/** RFC 9457. */
const problemSchema = {
  type: "object",
  required: ["status", "code", "detail"],
  properties: {
    type: { type: "string" },
    status: { type: "integer" },
    code: { type: "string", enum: Object.keys(errorCodes) },
    detail: { type: "string", description: "One sentence for people." },
  },
};

function describeRoute(route: Route): object {
  const content =
    route.kind !== "stream"
      ? { "application/json": { schema: toSchema(route.reply, "output") } }
      : {
          "text/event-stream": {
            schema: { type: "string", description: toEventText(route.events) },
          },
        };
  const problem = {
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
  };
  return {
    operationId: toOperationId(route),
    summary: route.summary,
    security: route.isPublic === true ? [] : [{}, { token: [] }],
    ...(route.kind === "action"
      ? {
          requestBody: {
            required: true,
            content: { "application/json": { schema: toSchema(route.query, "input") } },
          },
        }
      : { parameters: describeParameters(route) }),
    responses: {
      "200": { description: "The answer.", content },
      default: { description: "What is wrong.", ...problem },
    },
  };
}

function describeParameters(route: Route): object[] {
  const { properties = {}, required = [] } = toSchema(route.query, "input");
  const examples = route.kind === "json" ? (route.examples ?? []) : [];
  return Object.entries(properties).map(([name, { description, ...schema }]) => {
    const given = examples.map(({ title, query }) => [title, new URLSearchParams(query).get(name)]);
    const shown = given.filter(([, value]) => value !== null);
    return {
      name,
      in: "query",
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema,
      ...(shown.length === 0
        ? {}
        : { examples: Object.fromEntries(shown.map(([title, value]) => [title, { value }])) }),
    };
  });
}

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, { readonly description?: string }>>;
  readonly required?: readonly string[];
}

function toSchema(schema: z.ZodType, io: "input" | "output"): ObjectSchema {
  const { $schema: _, ...plain } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return JSON.parse(JSON.stringify(plain));
}

function toEventText(events: Readonly<Record<string, string>>): string {
  return Object.entries(events)
    .map(([name, what]) => `${name}: ${what}`)
    .join(" ");
}

/** "/api/v1/openapi.json" → "getOpenapiJson" */
function toOperationId({ path, kind }: Route): string {
  const words = path
    .replace("/api/v1/", "")
    .split(/[^a-z]+/)
    .filter(Boolean);
  return `${kind === "action" ? "post" : "get"}${words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join("")}`;
}
