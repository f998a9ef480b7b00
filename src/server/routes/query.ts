import { z } from "zod";
import { toInstant } from "../../core/batch-json.ts";
import {
  askHistory,
  list,
  rangeParameters,
  selector,
  step,
  toRange,
  toStepMs,
} from "../history-query.ts";
import { defineRoute } from "../route.ts";

const aggregates = ["rate", "sum", "avg", "min", "max", "count", "quantile", "distinct"] as const;

export const query = defineRoute({
  kind: "json",
  path: "/api/v1/query",
  summary: "Answers with the points of the selected series over a range, put together as asked.",
  query: z.strictObject({
    select: selector().describe('Which series: `metric{label="value",other=~"a|b"}`.'),
    aggregate: z.enum(aggregates).describe("What becomes of the points of a step."),
    quantile: list()
      .prefault("")
      .transform((texts) => texts.map(Number))
      .refine((all) => all.every((one) => one >= 0 && one <= 1), "holds something outside 0 to 1")
      .describe("For `quantile`: shares such as 0.5,0.99; each yields its own series."),
    by: list()
      .prefault("")
      .describe("Labels to keep apart, such as group,status; else all in one."),
    ...rangeParameters,
    step: step().prefault("auto").describe("Spacing of the points; `auto` goes by `points`."),
    points: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(360)
      .describe("For a step of `auto`: how many points there may be."),
  }),
  reply: z.object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    stepMs: z.number(),
    spans: z
      .array(z.object({ from: z.number(), to: z.number(), stepMs: z.number() }))
      .describe("Parts of the range; older ones may be kept in coarser steps only."),
    series: z.array(
      z.object({
        labels: z.record(z.string(), z.string()).describe("Those of `by`, and `quantile`."),
        points: z
          .array(z.tuple([z.number(), z.number()]))
          .describe("[start of the step in ms since the epoch, value]; absent where nothing is."),
      }),
    ),
  }),
  examples: [
    {
      title: "Requests per second by group over the last hour",
      query: "select=http_requests_total&aggregate=rate&by=source,group",
    },
    {
      title: "Three quantiles of a source, in steps of a minute",
      query:
        "select=http_request_duration_seconds%7Bsource%3D%22shop%22%7D&aggregate=quantile" +
        "&quantile=0.5,0.9,0.99&from=6h&step=1m",
    },
  ],

  async handle(
    { select, aggregate, quantile, by, step: given, points: pointsMax, ...times },
    { engine, environment },
  ) {
    const range = toRange(times, environment.clock.now());
    const stepMs = toStepMs(given, range, pointsMax);
    const asked = { ...select, ...range, stepMs, aggregate, quantiles: quantile, by };
    const { spans, series } = await askHistory(() => engine.history.query(asked));
    return {
      from: toInstant(range.from),
      to: toInstant(range.to),
      stepMs,
      spans: [...spans],
      series: series.map(({ labels, quantile: share, points }) => ({
        labels: share === undefined ? labels : { ...labels, quantile: String(share) },
        points: points.map(([at, value]): [number, number] => [at, value]),
      })),
    };
  },
});
