import { z } from "zod";
import { askHistory, rangeParameters, selector, toRange } from "../history-query.ts";
import { defineRoute } from "../route.ts";

export const labels = defineRoute({
  kind: "json",
  path: "/api/v1/labels",
  summary: "Lists the labels of series within a range, with their values.",
  query: z.strictObject({
    label: z.string().optional().describe("Only this label."),
    select: selector().optional().describe("Of which series; of all when left out."),
    ...rangeParameters,
    limit: z.coerce.number().int().min(1).max(10_000).default(1000).describe("Values at most."),
  }),
  reply: z.object({
    labels: z.array(
      z.object({
        label: z.string(),
        values: z.array(z.string()).describe("Sorted."),
        total: z.number().describe("How many there are."),
      }),
    ),
  }),
  examples: [{ title: "The groups of a source", query: "label=group&select=http_requests_total" }],

  async handle({ label, select, limit, ...times }, { engine, environment }) {
    const range = toRange(times, environment.clock.now());
    const found = await askHistory(() => engine.history.labels({ ...select, ...range }, limit));
    const wanted = found.filter((one) => label === undefined || one.label === label);
    return { labels: wanted.map((one) => ({ ...one, values: [...one.values] })) };
  },
});
