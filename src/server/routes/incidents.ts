import { z } from "zod";
import { incidentJson, toIncidentJson } from "../incident-json.ts";
import { defineRoute } from "../route.ts";

export const incidents = defineRoute({
  kind: "json",
  path: "/api/v1/incidents",
  summary: "Lists incidents, newest first.",
  query: z.strictObject({
    state: z.enum(["open", "all"]).default("all").describe("Only open ones, or all."),
    limit: z.coerce.number().int().min(1).max(1000).default(100).describe("How many at most."),
  }),
  reply: z.object({ incidents: z.array(incidentJson) }),
  handle: async (query, { engine }) => ({
    incidents: engine.incidents(query).map(toIncidentJson),
  }),
});
