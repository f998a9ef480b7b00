import { z } from "zod";
import { HttpProblem } from "../http-problem.ts";
import { defineAction } from "../route.ts";

export const outputsRepeat = defineAction({
  kind: "action",
  path: "/api/v1/outputs/repeat",
  summary:
    "Sends again what was appended to the journal since an instant, by an output whose destination keeps one of two.",
  query: z.strictObject({
    output: z.string().describe("The output's id."),
    from: z.iso.datetime({ offset: true }).describe("From which instant on."),
  }),
  reply: z.object({
    batches: z.number().describe("How many are sent again, as far as the journal still has them."),
  }),

  async handle({ output, from }, { engine }) {
    if (!engine.config.outputs.has(output)) {
      throw new HttpProblem(404, "NOT_FOUND", `there is no output ${output}`);
    }
    if (!engine.isRepeatable(output)) {
      const detail = `what is sent twice by the output ${output} counts twice, so nothing is sent again`;
      throw new HttpProblem(409, "REQUEST_INVALID", detail);
    }
    return { batches: await engine.repeatOutput(output, Date.parse(from)) };
  },
});
