// What is asked of the history for a view: one request for each kind of chart, however many sources
// there are. Of counts the sums are asked for, which totals and rates are both made of: a rate says
// not by how much of a step that is not over it was divided.
import { type CellName, cells } from "./balancer-cells.ts";
import { weekMs } from "./ranges.ts";
import type { Window } from "./series.ts";

/** Each is one answer; those with "Before" are of a week before. */
export type QueryName =
  | "requests"
  | "errors"
  | "durations"
  | "slow"
  | "bytes"
  | "lines"
  | "up"
  | "unknown"
  | "phases"
  | "serving"
  | `cell-${CellName}`
  | `limit-${CellName}`;

export interface View {
  /** One source with all its charts; undefined for all sources. */
  readonly source: string | undefined;
  readonly group: string | undefined;
  readonly range: Window;
  readonly isCompared: boolean;
  /** Which kinds of sources there are among those looked at. */
  readonly hasLogs: boolean;
  readonly hasChecks: boolean;
  readonly hasBalancers: boolean;
}

/** The name under which an answer is kept. */
export type AnswerName = QueryName | `${QueryName}Before`;

export interface PlannedQuery {
  readonly name: AnswerName;
  /** Of /api/v1/query. */
  readonly params: string;
}

export interface Plan {
  readonly queries: readonly PlannedQuery[];
  /** Parameters of /api/v1/heatmap and /api/v1/tops; undefined when the view has none. */
  readonly heatMap: string | undefined;
  readonly tops: string | undefined;
}

interface Definition {
  readonly name: QueryName;
  readonly metric: string;
  readonly conditions?: readonly string[];
  readonly aggregate: string;
  readonly by: readonly string[];
  /** The labels of its lines a week before; undefined when it is not compared. */
  readonly byBefore?: readonly string[];
  /**
   * Whether the chosen group narrows it. The requests of all groups are asked for: they are the
   * list of groups.
   */
  readonly narrowed: "always" | "before" | "never";
  /** How many points there may be; as many as the server likes when left out. */
  readonly pointsMax?: number;
  /** Drawn in the view of a single source alone. */
  readonly isDetail?: true;
}

const logQueries: readonly Definition[] = [
  {
    name: "requests",
    metric: "http_requests_total",
    aggregate: "sum",
    by: ["source", "group"],
    byBefore: ["source"],
    narrowed: "before",
  },
  {
    name: "errors",
    metric: "http_requests_total",
    conditions: ['status=~"4.*|5.*"'],
    aggregate: "sum",
    by: ["source", "status"],
    byBefore: ["source"],
    narrowed: "always",
  },
  {
    name: "durations",
    metric: "http_request_duration_seconds",
    aggregate: "quantile",
    by: ["source"],
    byBefore: ["source"],
    narrowed: "always",
  },
  {
    name: "slow",
    metric: "http_slow_requests_total",
    aggregate: "sum",
    by: ["source"],
    byBefore: ["source"],
    narrowed: "always",
    isDetail: true,
  },
  {
    name: "bytes",
    metric: "http_response_bytes_total",
    aggregate: "sum",
    by: ["source"],
    byBefore: ["source"],
    narrowed: "always",
  },
  // Counted also while nobody asks for anything: tells a time without requests from one that was
  // not watched.
  {
    name: "lines",
    metric: "log_lines_total",
    aggregate: "sum",
    by: ["source"],
    narrowed: "never",
  },
];

const checkQueries: readonly Definition[] = [
  { name: "up", metric: "check_up", aggregate: "avg", by: ["source"], narrowed: "never" },
  {
    name: "unknown",
    metric: "check_unknown_total",
    aggregate: "sum",
    by: ["source"],
    narrowed: "never",
  },
  {
    name: "phases",
    metric: "check_duration_seconds",
    aggregate: "avg",
    by: ["source", "phase"],
    byBefore: ["source", "phase"],
    narrowed: "never",
  },
];

const rowLabels = ["source", "proxy", "kind", "server"];

/** They are averaged in a table: more points would say the same. */
const balancerPointsMax = 24;

const balancerQueries: readonly Definition[] = [
  ...cells.map(({ name, metric, isCount, code }) => ({
    ...toRowQuery(`cell-${name}`, metric),
    aggregate: isCount ? "sum" : "avg",
    ...(code !== undefined && { conditions: [`code=${quote(code)}`] }),
  })),
  ...cells.flatMap(({ name, limit }) =>
    limit === undefined ? [] : [toRowQuery(`limit-${name}`, limit)],
  ),
  toRowQuery("serving", "haproxy_serving"),
];

function toRowQuery(name: QueryName, metric: string): Definition {
  return {
    name,
    metric,
    aggregate: "avg",
    by: rowLabels,
    narrowed: "never",
    pointsMax: balancerPointsMax,
  };
}

const targetsShown = 20;

export function planQueries(view: View): Plan {
  const defined = [
    ...(view.hasLogs ? logQueries : []),
    ...(view.hasChecks ? checkQueries : []),
    ...(view.hasBalancers ? balancerQueries : []),
  ].filter(({ isDetail }) => isDetail !== true || view.source !== undefined);
  const now = defined.map((one) => plan(one, view, false));
  const before = defined
    .filter(({ byBefore }) => view.isCompared && byBefore !== undefined)
    .map((one) => plan(one, view, true));
  const isDetailed = view.source !== undefined && view.hasLogs;
  const durations = select("http_request_duration_seconds", conditionsOf(view, true));
  return {
    queries: [...now, ...before],
    heatMap: isDetailed ? toParams({ select: durations }, view.range) : undefined,
    tops: isDetailed
      ? toParams(
          { source: view.source ?? "", name: "http_targets", limit: String(targetsShown) },
          view.range,
        )
      : undefined,
  };
}

function plan(definition: Definition, view: View, isBefore: boolean): PlannedQuery {
  const { name, metric, conditions = [], aggregate, by, byBefore = by, narrowed } = definition;
  const isOfGroup = narrowed === "always" || (narrowed === "before" && isBefore);
  const { from, to } = view.range;
  const range = isBefore ? { from: from - weekMs, to: to - weekMs } : view.range;
  const options = {
    select: select(metric, [...conditionsOf(view, isOfGroup), ...conditions]),
    aggregate,
    ...(aggregate === "quantile" && { quantile: isBefore ? "0.99" : "0.5,0.9,0.99" }),
    by: (isBefore ? byBefore : by).join(","),
    ...(definition.pointsMax !== undefined && { points: String(definition.pointsMax) }),
  };
  return {
    name: isBefore ? `${name}Before` : name,
    params: toParams({ ...options, step: stepOf(definition, range) }, range),
  };
}

const dayMs = 86_400_000;

/**
 * Distributions are what takes long to read. Beyond two days the server keeps them by the minute and
 * by the hour; a chart of a week would want half an hour, and would be made of minutes.
 */
function stepOf({ aggregate }: Definition, { from, to }: Window): string {
  const days = (to - from) / dayMs;
  return aggregate === "quantile" && days > 2 && days < 15 ? "1h" : "auto";
}

function conditionsOf({ source, group }: View, isOfGroup: boolean): string[] {
  return [
    ...(source === undefined ? [] : [`source=${quote(source)}`]),
    ...(group === undefined || !isOfGroup ? [] : [`group=${quote(group)}`]),
  ];
}

function select(metric: string, conditions: readonly string[]): string {
  return conditions.length === 0 ? metric : `${metric}{${conditions.join(",")}}`;
}

/** A label's value as selectors have it. */
export function quote(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`).replaceAll("\n", String.raw`\n`)}"`;
}

function toParams(options: Readonly<Record<string, string>>, { from, to }: Window): string {
  const range = { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
  return new URLSearchParams({ ...options, ...range }).toString();
}
