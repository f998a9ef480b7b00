import { z } from "zod";
import { toInstant } from "../../core/batch-json.ts";
import type { Engine } from "../../engine/engine.ts";
import { outputReaderPrefix } from "../../engine/output-reader.ts";
import { defineRoute } from "../route.ts";

export const readersReply = z.object({
  readers: z.array(
    z.object({
      name: z.string().describe("`rules`, `history`, `totals`, or `output:` and the output's id."),
      output: z
        .object({
          id: z.string(),
          kind: z.string(),
          isRepeatable: z.boolean().describe("What was sent may be sent again."),
          isAsked: z.boolean().describe("It sends nothing: others ask it."),
        })
        .nullable()
        .describe("Of the configuration; null for the node's own readers."),
      doneBatches: z.number().describe("Batches that it is done with since the start."),
      lagBatches: z.number().describe("Batches in the journal that it has not read."),
      lagMs: z.number().describe("Age of the oldest of them."),
      errors: z.number().describe("Failed attempts since the start."),
      lastError: z.string().nullable().describe("Why it fails, while it fails."),
      lastSuccessAt: z.iso.datetime().nullable(),
      missedBatches: z.number().describe("Deleted or damaged before it read them."),
      droppedBatches: z.number().describe("That its destination will never take."),
      refusedSamples: z
        .number()
        .describe("That its destination refused, while it took what was sent with them."),
    }),
  ),
});

export const readers = defineRoute({
  kind: "json",
  path: "/api/v1/readers",
  summary: "Lists the readers of the journal: how far each is behind, and what keeps it.",
  query: z.strictObject({}),
  reply: readersReply,
  handle: async (_query, { engine }) => ({
    readers: engine.readers.map((status) => {
      const { name, cursor, errors, lastError, lastSuccessAt } = status;
      const lag = cursor === undefined ? undefined : engine.journal.lag(cursor);
      return {
        name,
        output: toOutput(name, engine),
        doneBatches: status.doneBatches,
        lagBatches: lag?.batches ?? 0,
        lagMs: lag?.ms ?? 0,
        errors,
        lastError: lastError ?? null,
        lastSuccessAt: lastSuccessAt === undefined ? null : toInstant(lastSuccessAt),
        missedBatches: status.missedBatches,
        droppedBatches: status.droppedBatches,
        refusedSamples: status.refusedSamples,
      };
    }),
  }),
});

function toOutput(name: string, engine: Engine) {
  const id = name.startsWith(outputReaderPrefix) ? name.slice(outputReaderPrefix.length) : "";
  const config = engine.config.outputs.get(id);
  if (config === undefined) {
    return null;
  }
  const [isRepeatable, isAsked] = [engine.isRepeatable(id), engine.isAsked(id)];
  return { id, kind: config.kind, isRepeatable, isAsked };
}
