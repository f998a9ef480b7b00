// What a window of an access log says, folded from its samples: small enough to keep thousands of
// them.
import type { DistributionJson, SampleJson, TopEntry, TopJson } from "./api.ts";
import { otherGroups } from "./groups.ts";
import { type Columns, toRateColumns, type Window } from "./series.ts";

/** Quantiles in seconds. They cannot be merged: each belongs to one group and one window. */
export interface Quantiles {
  readonly count: number;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

/** What was counted of the requests of a group. */
export interface Counts {
  requests: number;
  /** Answered with 400 to 499, and with 500 to 599. */
  clientErrors: number;
  serverErrors: number;
  bytes: number;
  slow: number;
}

/** Of the log, by whether they had the form that was expected. */
export interface Lines {
  fitting: number;
  unparsed: number;
}

export interface Traffic {
  /** By group; requests without one are under `ungrouped`. */
  readonly groups: Map<string, Counts>;
  readonly durations: Map<string, Quantiles>;
  readonly lines: Lines;
  targets: TopJson | null;
}

export interface TrafficWindow extends Window {
  readonly traffic: Traffic;
}

/** The group of requests that have none. A distribution without a group covers the whole source. */
export const ungrouped = "";

/** Groups that are kept apart in one window. */
const groupsMax = 200;

export function createTraffic(): Traffic {
  return {
    groups: new Map(),
    durations: new Map(),
    lines: { fitting: 0, unparsed: 0 },
    targets: null,
  };
}

/** Adds the samples of one batch; a window that was split comes in several. */
export function foldTraffic(
  traffic: Traffic,
  { samples, tops }: { readonly samples: readonly SampleJson[]; readonly tops: readonly TopJson[] },
): void {
  for (const sample of samples) {
    foldSample(traffic, sample);
  }
  for (const top of tops) {
    if (top.name === "http_targets") {
      traffic.targets = traffic.targets === null ? top : sumTops([traffic.targets, top]);
    }
  }
}

function foldSample(traffic: Traffic, { name, labels, value }: SampleJson): void {
  const group = labels["group"] ?? ungrouped;
  if (typeof value !== "number") {
    if (name === "http_request_duration_seconds") {
      foldDurations(traffic.durations, group, value);
    }
    return;
  }
  switch (name) {
    case "http_requests_total": {
      const counts = countsOf(traffic.groups, group);
      counts.requests += value;
      counts.clientErrors += labels["status"]?.startsWith("4") ? value : 0;
      counts.serverErrors += labels["status"]?.startsWith("5") ? value : 0;
      break;
    }
    case "http_response_bytes_total":
      countsOf(traffic.groups, group).bytes += value;
      break;
    case "http_slow_requests_total":
      countsOf(traffic.groups, group).slow += value;
      break;
    case "log_lines_total":
      foldLines(traffic.lines, labels["outcome"], value);
      break;
    default:
  }
}

/** A comment is neither: it is there whatever the form of the others. */
function foldLines(lines: Lines, outcome: string | undefined, count: number): void {
  if (outcome === "unparsed") {
    lines.unparsed += count;
  } else if (outcome !== "comment") {
    lines.fitting += count;
  }
}

function countsOf(groups: Map<string, Counts>, group: string): Counts {
  const key = groups.has(group) || groups.size < groupsMax ? group : otherGroups;
  const held = groups.get(key);
  if (held !== undefined) {
    return held;
  }
  const counts = { requests: 0, clientErrors: 0, serverErrors: 0, bytes: 0, slow: 0 };
  groups.set(key, counts);
  return counts;
}

/**
 * Of two distributions of one series and window the larger is kept, as summaries cannot be merged.
 */
function foldDurations(
  durations: Map<string, Quantiles>,
  group: string,
  { count, p50, p90, p99 }: DistributionJson,
): void {
  const held = durations.get(group);
  if (held === undefined ? durations.size < groupsMax : held.count < count) {
    durations.set(group, { count, p50, p90, p99 });
  }
}

/**
 * By requests, or by observations of durations, over all windows; the busiest first, ties by name.
 */
export function rankGroups(
  windows: readonly TrafficWindow[],
  of: "groups" | "durations" = "groups",
): string[] {
  const totals = new Map<string, number>();
  for (const { traffic } of windows) {
    for (const [group, held] of traffic[of]) {
      const count = "requests" in held ? held.requests : held.count;
      totals.set(group, (totals.get(group) ?? 0) + count);
    }
  }
  const ranked = [...totals].toSorted(([a, x], [b, y]) => y - x || a.localeCompare(b));
  return ranked.map(([group]) => group);
}

/** What was counted in this window, of one group or of all. */
export function sumCounts({ groups }: Traffic, of: keyof Counts, group?: string): number {
  if (group !== undefined) {
    return groups.get(group)?.[of] ?? 0;
  }
  let sum = 0;
  for (const counts of groups.values()) {
    sum += counts[of];
  }
  return sum;
}

/**
 * Requests per second: one series for each of `shown`, and a last one for all other groups when
 * `others`.
 */
export function toRequestColumns(
  windows: readonly TrafficWindow[],
  axis: { readonly everyMs: number; readonly now: number },
  { shown, others }: { readonly shown: readonly string[]; readonly others: boolean },
): Columns {
  const named = shown.map(
    (group) => (window: TrafficWindow) => sumCounts(window.traffic, "requests", group),
  );
  const apart = new Set(shown);
  const rest = (window: TrafficWindow): number => {
    let sum = 0;
    for (const [group, { requests }] of window.traffic.groups) {
      sum += apart.has(group) ? 0 : requests;
    }
    return sum;
  };
  return toRateColumns(windows, { ...axis, read: others ? [...named, rest] : named });
}

const misreadMs = 60_000;

/**
 * How many lines came in the last minute, or in the last window where it is longer, when not one of
 * them could be read; else 0.
 */
export function countMisread(windows: readonly TrafficWindow[]): number {
  const recent = takeRecent(windows, misreadMs).map(({ traffic }) => traffic.lines);
  const isMisread = recent.every(({ fitting }) => fitting === 0);
  return isMisread ? recent.reduce((sum, { unparsed }) => sum + unparsed, 0) : 0;
}

/** Those that began in the last `ms`, and the last one at least. */
function takeRecent<W extends Window>(windows: readonly W[], ms: number): readonly W[] {
  const last = windows.at(-1);
  const since = last === undefined ? 0 : Math.min(last.from, last.to - ms);
  return last === undefined ? [] : windows.slice(windows.findIndex(({ from }) => from >= since));
}

/** What is called now: one window of a second says little. */
const recentMs = 10_000;

/**
 * The sums of the windows of the last 10 seconds, or of the last window where it is longer;
 * undefined without any.
 */
export function sumRecent(
  windows: readonly TrafficWindow[],
  group?: string,
): (Counts & Window) | undefined {
  const recent = takeRecent(windows, recentMs);
  const [first] = recent;
  const last = recent.at(-1);
  if (first === undefined || last === undefined) {
    return undefined;
  }
  const sum = (of: keyof Counts): number =>
    recent.reduce((total, { traffic }) => total + sumCounts(traffic, of, group), 0);
  return {
    from: first.from,
    to: last.to,
    requests: sum("requests"),
    clientErrors: sum("clientErrors"),
    serverErrors: sum("serverErrors"),
    bytes: sum("bytes"),
    slow: sum("slow"),
  };
}

export interface TargetRow {
  readonly key: string;
  readonly count: number;
  /** Of all requests of the windows. */
  readonly ratio: number;
}

/**
 * The heaviest targets over all windows. Each window names only its heaviest ten: counts are lower
 * bounds.
 */
export function rankTargets(windows: readonly TrafficWindow[], max: number): TargetRow[] {
  const tops = windows.flatMap(({ traffic }) => traffic.targets ?? []);
  const { total, entries } = sumTops(tops);
  return entries.slice(0, max).map(({ key, count }) => ({ key, count, ratio: count / total }));
}

/** Entries of the same key added up, the heaviest first. */
function sumTops(tops: readonly TopJson[]): TopJson {
  const sums = new Map<string, TopEntry>();
  let total = 0;
  for (const top of tops) {
    total += top.total;
    for (const { key, count, error } of top.entries) {
      const sum = sums.get(key) ?? { key, count: 0, error: 0 };
      sums.set(key, { key, count: sum.count + count, error: sum.error + error });
    }
  }
  const entries = [...sums.values()].toSorted(
    (a, b) => b.count - a.count || a.key.localeCompare(b.key),
  );
  return { name: tops[0]?.name ?? "", labels: {}, total, entries };
}
