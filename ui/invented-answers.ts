// What the history might have answered: for tests.
import type { Answers } from "./answers.ts";
import type { QuerySeries } from "./api.ts";
import type { PastSource } from "./past-traffic.ts";
import type { AnswerName, View } from "./queries.ts";

export const start = Date.UTC(2026, 10, 20, 16);
export const shop: PastSource = { id: "shop", everyMs: 10_000 };

const stepMs = 10_000;

/** Of the shop, step by step from the start; null where there is no point. */
export function inventSeries(
  labels: QuerySeries["labels"],
  values: readonly (number | null)[],
): QuerySeries {
  const points = values.flatMap((value, step) =>
    value === null ? [] : [[start + step * stepMs, value] as const],
  );
  return { labels: { source: shop.id, ...labels }, points };
}

/** Over the minute from the start; what is not listed could not be loaded. */
export function inventAnswers(
  replies: readonly (readonly [AnswerName, readonly QuerySeries[]])[],
  changes: Partial<View> = {},
): Answers {
  const range = { from: start, to: start + 60_000 };
  return {
    view: {
      source: undefined,
      group: undefined,
      range,
      isCompared: false,
      hasLogs: true,
      hasChecks: true,
      hasBalancers: true,
      ...changes,
    },
    askedAt: range.to,
    replies: new Map(replies.map(([name, series]) => [name, { from: "", to: "", stepMs, series }])),
    heatMap: undefined,
    tops: undefined,
    problems: [],
    isComplete: true,
  };
}
