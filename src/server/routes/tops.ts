import { z } from "zod";
import { toInstant } from "../../core/batch-json.ts";
import { createMatcher } from "../../core/selector.ts";
import { askHistory, rangeParameters, toRange } from "../history-query.ts";
import { defineRoute } from "../route.ts";

export const tops = defineRoute({
  kind: "json",
  path: "/api/v1/tops",
  summary: "Lists the heaviest keys of a range, such as the most requested targets.",
  query: z.strictObject({
    name: z.string().min(1).describe("Which top: `http_targets`, for example."),
    source: z.string().optional().describe("Of one source; of all together when left out."),
    ...rangeParameters,
    limit: z.coerce.number().int().min(1).max(1000).default(20).describe("How many rows at most."),
  }),
  reply: z.object({
    from: z.iso.datetime().describe("The range that was answered: whole minutes or hours."),
    to: z.iso.datetime(),
    total: z.number(),
    other: z.number().describe("What the rows leave of the total."),
    errorMax: z.number().describe("No key that is missing was seen more often."),
    entries: z.array(
      z.object({
        key: z.string(),
        count: z.number().describe("At most this often."),
        error: z.number().describe("The true number is at most this much smaller."),
      }),
    ),
  }),
  examples: [{ title: "Targets of the last hour", query: "name=http_targets&limit=5" }],

  async handle({ name, source, limit, ...times }, { engine, environment }) {
    const range = toRange(times, environment.clock.now());
    const matcher = source === undefined ? undefined : createMatcher("source", "=", source);
    const matchers = matcher === undefined || "problem" in matcher ? [] : [matcher];
    const asked = { metric: name, matchers, ...range };
    const found = await askHistory(() => engine.history.queryTops(asked, limit));
    return {
      from: toInstant(found.range.from),
      to: toInstant(found.range.to),
      total: found.total,
      other: found.other,
      errorMax: found.errorMax,
      entries: [...found.entries],
    };
  },
});
