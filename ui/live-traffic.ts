// What came in of an access log, as its charts draw it.
import { showGroups, type ShownGroups } from "./groups.ts";
import { errorSeries, quantileSeries } from "./line-styles.ts";
import type { ChartData, PlotSeries } from "./plot.ts";
import { toColumns, toRateColumns } from "./series.ts";
import {
  type Counts,
  rankGroups,
  sumCounts,
  toRequestColumns,
  type TrafficWindow,
  ungrouped,
} from "./traffic.ts";

export interface LiveAxis {
  readonly everyMs: number;
  /** The end of the time axis. */
  readonly now: number;
}

export interface LiveTraffic {
  readonly requests: ChartData;
  readonly errors: ChartData;
  readonly slow: ChartData;
  readonly bytes: ChartData;
  /** For the next time, so that groups keep their colours. */
  readonly colours: ReadonlyMap<string, string>;
}

/** Of all groups, or of `group` alone, which has the same colour then. */
export function toLiveTraffic(
  windows: readonly TrafficWindow[],
  axis: LiveAxis,
  {
    group,
    colours,
  }: { readonly group?: string | undefined; readonly colours: ShownGroups["colours"] },
): LiveTraffic {
  const groups = showGroups(rankGroups(windows), colours);
  const rates = (series: readonly PlotSeries[], of: readonly (keyof Counts)[]): ChartData => ({
    series,
    columns: toRateColumns(windows, {
      ...axis,
      read: of.map(
        (one) =>
          ({ traffic }) =>
            sumCounts(traffic, one, group),
      ),
    }),
  });
  return {
    requests: toRequests(windows, axis, pickGroup(groups, group)),
    errors: rates(errorSeries, ["serverErrors", "clientErrors"]),
    slow: rates([{ label: "slow", colour: "--p90" }], ["slow"]),
    bytes: rates([{ label: "sent", colour: "--p90" }], ["bytes"]),
    colours: groups.colours,
  };
}

/** One group alone; one that is not shown apart is drawn in grey. */
function pickGroup(groups: ShownGroups, group: string | undefined): ShownGroups {
  if (group === undefined) {
    return groups;
  }
  const own = groups.series.find((one) => one.group === group);
  const drawn = own ?? { group, label: group || "no group", colour: "--series-unnamed" };
  return { ...groups, series: [drawn], rest: undefined };
}

function toRequests(
  windows: readonly TrafficWindow[],
  axis: LiveAxis,
  { series, rest }: ShownGroups,
): ChartData {
  const shown = series.map(({ group }) => group);
  return {
    series: rest === undefined ? series : [...series, rest],
    columns: toRequestColumns(windows, axis, { shown, others: rest !== undefined }),
  };
}

/** The groups whose durations are known: those of the source as a whole first, then the busiest. */
export function listDurations(windows: readonly TrafficWindow[]): string[] {
  const ranked = rankGroups(windows, "durations");
  return ranked.includes(ungrouped)
    ? [ungrouped, ...ranked.filter((group) => group !== ungrouped)]
    : ranked;
}

/**
 * Percentiles of groups cannot be merged afterwards: they are those of the source as a whole, or of
 * one group.
 */
export function toLiveDurations(
  windows: readonly TrafficWindow[],
  axis: LiveAxis,
  group: string | undefined,
): ChartData {
  const columns = toColumns(windows, {
    ...axis,
    read: (["p99", "p90", "p50"] as const).map(
      (quantile) => (window) => window.traffic.durations.get(group ?? "")?.[quantile] ?? null,
    ),
  });
  return { series: group === undefined ? [] : quantileSeries, columns };
}
