import { z } from "zod";
import { ownSource } from "../../core/batch.ts";
import { HttpProblem } from "../http-problem.ts";
import { defineRoute } from "../route.ts";

/** The engine writes to the journal each second; so long without it means that it cannot. */
const tickAgeMaxMs = 10_000;

export const readyz = defineRoute({
  kind: "json",
  path: "/readyz",
  summary: "Answers 200 while measurements reach the journal, 503 with the reason otherwise.",
  query: z.strictObject({}),
  reply: z.object({ status: z.literal("ready") }),
  isPublic: true,

  async handle(_query, { engine, environment }) {
    const { newestAt, sources } = await engine.journal.status();
    if (newestAt === undefined || !sources.some(({ source }) => source === ownSource)) {
      throw new HttpProblem(503, "JOURNAL_UNAVAILABLE", "nothing has been written yet");
    }
    const ageMs = environment.clock.now() - newestAt;
    if (ageMs > tickAgeMaxMs) {
      const age = Math.round(ageMs / 1000);
      throw new HttpProblem(503, "JOURNAL_UNAVAILABLE", `nothing was written for ${age} s`);
    }
    return { status: "ready" as const };
  },
});
