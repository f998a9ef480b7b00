import { z } from "zod";
import { toBatchJson } from "../core/batch-json.ts";
import { defineOutput } from "../core/component.ts";
import { exampleBatch, exampleLine } from "./_example-batch.ts";

export const stdout = defineOutput({
  name: "stdout",
  summary: "Writes each batch to standard output as one JSON object a line.",
  options: z.strictObject({}),
  examples: [
    {
      title: "To be seen, or piped into another program",
      options: {},
      batches: [exampleBatch],
      expect: { printed: `${exampleLine}\n` },
    },
  ],

  open: async (_options, { print }) => ({
    async write(batches) {
      await print(batches.map((batch) => `${JSON.stringify(toBatchJson(batch))}\n`).join(""));
    },
  }),
});
