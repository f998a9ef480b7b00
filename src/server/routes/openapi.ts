import { z } from "zod";
import { defineRoute } from "../route.ts";

export const openapi = defineRoute({
  kind: "json",
  path: "/api/v1/openapi.json",
  summary: "Describes this API in the OpenAPI format.",
  query: z.strictObject({}),
  reply: z.looseObject({ openapi: z.string() }),
  isPublic: true,
  handle: async (_query, { describeApi }) => describeApi(),
});
