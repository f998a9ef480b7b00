import { z } from "zod";
import { toInstant } from "../../core/batch-json.ts";
import {
  askHistory,
  rangeParameters,
  selector,
  step,
  toRange,
  toStepMs,
} from "../history-query.ts";
import { defineRoute } from "../route.ts";

export const heatmap = defineRoute({
  kind: "json",
  path: "/api/v1/heatmap",
  summary: "Answers with how the observations of a distribution are spread, step by step.",
  query: z.strictObject({
    select: selector().describe("Which series of a distribution; they are merged."),
    ...rangeParameters,
    step: step().prefault("auto").describe("Spacing of the columns; `auto` fits a chart."),
  }),
  reply: z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    stepMs: z.number(),
    spans: z
      .array(z.object({ from: z.number(), to: z.number(), stepMs: z.number() }))
      .describe("Parts of the range; older ones may be kept in coarser steps only."),
    bounds: z
      .array(z.number())
      .describe(
        "Upper bounds of the rows, rising, in the base unit. The first row takes zeros too.",
      ),
    columns: z
      .array(z.tuple([z.number(), z.array(z.number())]))
      .describe("[start of the step in ms since the epoch, observations in each row]."),
  }),
  examples: [
    { title: "Durations of a source", query: "select=http_request_duration_seconds&from=6h" },
  ],

  async handle({ select, step: given, ...times }, { engine, environment }) {
    const range = toRange(times, environment.clock.now());
    const stepMs = toStepMs(given, range);
    const map = await askHistory(() =>
      engine.history.queryHeatMap({ ...select, ...range, stepMs }),
    );
    return {
      from: toInstant(range.from),
      to: toInstant(range.to),
      stepMs,
      spans: [...map.spans],
      bounds: [...map.bounds],
      columns: map.columns.map(([at, counts]): [number, number[]] => [at, [...counts]]),
    };
  },
});
