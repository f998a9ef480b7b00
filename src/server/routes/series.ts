import { z } from "zod";
import { toInstant } from "../../core/batch-json.ts";
import { askHistory, rangeParameters, selector, toRange } from "../history-query.ts";
import { HttpProblem } from "../http-problem.ts";
import { defineRoute } from "../route.ts";

const seriesMax = 10_000;

export const series = defineRoute({
  kind: "json",
  path: "/api/v1/series",
  summary: "Lists the series that have points within a range.",
  query: z.strictObject({
    select: selector().optional().describe("Which series; all of them when left out."),
    ...rangeParameters,
  }),
  reply: z.object({
    series: z.array(
      z.object({
        metric: z.string(),
        kind: z.enum(["gauge", "count", "distribution", "distinct", "top"]),
        labels: z.record(z.string(), z.string()),
        firstAt: z.iso.datetime(),
        lastAt: z.iso.datetime(),
      }),
    ),
  }),
  examples: [{ title: "What is known of one metric", query: "select=http_requests_total&from=1d" }],

  async handle({ select, ...times }, { engine, environment }) {
    const range = toRange(times, environment.clock.now());
    const found = await askHistory(() => engine.history.series({ ...select, ...range }));
    if (found.length > seriesMax) {
      const message = `${found.length} series match; narrow the selection to at most ${seriesMax}`;
      throw new HttpProblem(400, "QUERY_TOO_LARGE", message);
    }
    return {
      series: found.map((one) => ({
        ...one,
        firstAt: toInstant(one.firstAt),
        lastAt: toInstant(one.lastAt),
      })),
    };
  },
});
