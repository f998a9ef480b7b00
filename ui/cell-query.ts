// The course of one cell of HAProxy's view.
import type { QueryReply } from "./api.ts";
import type { BalancerRow } from "./balancer.ts";
import type { Cell } from "./balancer-cells.ts";
import type { ChartData } from "./plot.ts";
import { toPastColumns, toRates } from "./past-columns.ts";
import { quote } from "./queries.ts";
import type { Window } from "./series.ts";

/** Of /api/v1/query. */
export function toCellParams(
  source: string,
  { metric, code, isCount }: Cell,
  { row: { proxy, kind, server }, range }: { readonly row: BalancerRow; readonly range: Window },
): string {
  const conditions = [
    `source=${quote(source)}`,
    `proxy=${quote(proxy)}`,
    `kind=${quote(kind)}`,
    ...(server === "" ? [] : [`server=${quote(server)}`]),
    ...(code === undefined ? [] : [`code=${quote(code)}`]),
  ];
  return new URLSearchParams({
    select: `${metric}{${conditions.join(",")}}`,
    aggregate: isCount ? "sum" : "avg",
    from: new Date(range.from).toISOString(),
    to: new Date(range.to).toISOString(),
  }).toString();
}

/** `until` is the server's time as it answered. */
export function toCellChart(
  cell: Cell,
  reply: QueryReply,
  { everyMs, until }: { readonly everyMs: number; readonly until: number },
): ChartData {
  const { stepMs, spans = [] } = reply;
  const lines = reply.series.map(({ points }) => ({ points, stepMs, spans }));
  return {
    series: lines.map(() => ({ label: cell.title, colour: "--series-1" })),
    columns: toPastColumns({
      lines: cell.isCount ? lines.map((line) => toRates(line, until)) : lines,
      everyMs,
      until,
    }),
  };
}
