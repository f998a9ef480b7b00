import { z } from "zod";
import { describeError } from "../../core/errors.ts";
import { HttpProblem } from "../http-problem.ts";
import { defineAction } from "../route.ts";

export const outputsTest = defineAction({
  kind: "action",
  path: "/api/v1/outputs/test",
  summary: "Sends one clearly marked test measurement by an output, and says what became of it.",
  query: z.strictObject({ output: z.string().describe("The output's id.") }),
  reply: z.object({
    isTaken: z.boolean().describe("Nothing failed."),
    text: z.string().describe("What happened, as the end of a sentence."),
  }),

  async handle({ output }, { engine }) {
    if (!engine.config.outputs.has(output)) {
      throw new HttpProblem(404, "NOT_FOUND", `there is no output ${output}`);
    }
    try {
      const text = await engine.tryOutput(output);
      return { isTaken: true, text };
    } catch (error) {
      return { isTaken: false, text: describeError(error) };
    }
  },
});
