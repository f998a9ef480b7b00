import { z } from "zod";
import { toBatchJson } from "../core/batch-json.ts";
import { type AppendableFile, type Files, defineOutput } from "../core/component.ts";
import { exampleBatch, exampleLine } from "./_example-batch.ts";

export const jsonFile = defineOutput({
  name: "json-file",
  summary: "Appends each batch to a file as one JSON object a line.",
  options: z.strictObject({
    path: z
      .string()
      .min(1)
      .describe("File to append to; created when absent, with its folder's rights."),
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
    let file = await files.openAppend(path);
    /** The last write failed after a part of it was taken: the file may end in the middle of a line. */
    let isTorn = false;
    return {
      async write(batches, signal) {
        signal.throwIfAborted();
        file = await reopenWhenRotated(file, path, files);
        const lines = batches.map((batch) => `${JSON.stringify(toBatchJson(batch))}\n`).join("");
        const { sizeBytes } = await file.stat();
        try {
          await file.append(isTorn && sizeBytes > 0 ? `\n${lines}` : lines);
          isTorn = false;
        } catch (error) {
          isTorn ||= (await file.stat()).sizeBytes !== sizeBytes;
          throw error;
        }
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  },
});

/** Follows a rotation: once the path names another file, or none, the next write goes to a new one. */
async function reopenWhenRotated(
  file: AppendableFile,
  path: string,
  files: Files,
): Promise<AppendableFile> {
  const [open, named] = await Promise.all([file.stat(), files.stat(path)]);
  if (named?.dev === open.dev && named.ino === open.ino) {
    return file;
  }
  const next = await files.openAppend(path);
  await file[Symbol.asyncDispose]();
  return next;
}
