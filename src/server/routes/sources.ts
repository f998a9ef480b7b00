import { z } from "zod";
import { toInstant } from "../../core/batch-json.ts";
import { defineRoute } from "../route.ts";

const total = z.object({
  name: z.string(),
  labels: z.record(z.string(), z.string()),
  value: z.number(),
});

const source = z.object({
  id: z.string(),
  kind: z.string(),
  service: z.string(),
  everyMs: z.number(),
  state: z.enum(["starting", "ok", "failing"]),
  target: z.string().nullable().describe("What it looks at: a URL, a file, a socket."),
  problem: z
    .string()
    .nullable()
    .describe("Why it fails, or why what it checks is down, in one sentence."),
  stateSince: z.iso.datetime(),
  lastBatchAt: z.iso.datetime().nullable().describe("The end of the last committed window."),
  check: z.enum(["up", "down", "unknown"]).nullable().describe("Null for what is not a check."),
  totals: z.array(total).describe("Every count since the journal began."),
});

export const sources = defineRoute({
  kind: "json",
  path: "/api/v1/sources",
  summary: "Lists the sources with their state and their counts so far.",
  query: z.strictObject({}),
  reply: z.object({ node: z.string(), version: z.string(), sources: z.array(source) }),

  async handle(_query, { engine, version }) {
    return {
      node: engine.config.node.name,
      version,
      sources: engine.sources.map((status) => ({
        id: status.id,
        kind: status.kind,
        service: status.service,
        everyMs: status.everyMs,
        state: status.state,
        target: status.target ?? null,
        problem: status.problem ?? status.remark ?? null,
        stateSince: toInstant(status.stateSince),
        lastBatchAt: status.lastBatchTo === undefined ? null : toInstant(status.lastBatchTo),
        check: status.check ?? null,
        totals: [...engine.totalsOf(status.id)],
      })),
    };
  },
});
