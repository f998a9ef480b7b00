import { z } from "zod";
import { toBatchJson } from "../core/batch-json.ts";
import { defineOutput } from "../core/component.ts";
import { filePath } from "../core/options.ts";
import { exampleBatch, exampleLine } from "./_example-batch.ts";
import { openRotatingFile } from "./_rotating-file.ts";

export const jsonFile = defineOutput({
  name: "json-file",
  summary: "Appends each batch to a file as one JSON object a line.",
  options: z.strictObject({
    path: filePath().describe("File to append to; created when absent, with its folder's rights."),
  }),
  examples: [
    {
      title: "A file for a log shipper",
      options: { path: "/var/log/watchpost.ndjson" },
      batches: [exampleBatch],
      expect: { files: { "/var/log/watchpost.ndjson": `${exampleLine}\n` } },
    },
  ],

  async open({ path }, { files }) {
    const file = await openRotatingFile({ path }, files);
    return {
      async write(batches) {
        await file.append(
          batches.map((batch) => `${JSON.stringify(toBatchJson(batch))}\n`).join(""),
        );
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  },
});
