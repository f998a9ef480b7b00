// The graphs that the plugins of elfstats-munin draw, under the same names, for every source that reads an access log:
// who had them keeps their RRDs. All values are gauges, and counts are those of five minutes.
import {
  type Field,
  type Graph,
  type LegalNames,
  type Plugin,
  createFieldNames,
} from "./_munin-graph.ts";
import { at } from "./_munin-metric-graphs.ts";
import { type Column, type Point, type SpooledSource, distributionSlots } from "./_munin-spool.ts";

export const elfstatsPlugins = [
  "elfstatsm_calls",
  "elfstatsm_percentiles",
  "elfstatsm_response_times",
  "elfstatsm_response_codes",
  "elfstatsm_total_records",
  "elfstatsm_patterns",
] as const;
type ElfstatsPlugin = (typeof elfstatsPlugins)[number];

/** Metrics that are drawn here, and nowhere else. */
export const elfstatsMetrics: ReadonlySet<string> = new Set([
  "http_requests_total",
  "http_request_duration_seconds",
  "http_slow_requests_total",
  "log_lines_total",
  "log_matches_total",
  "log_matches_distinct",
]);

/** Whether the source reads an access log. */
export function hasElfstats({ columns }: SpooledSource): boolean {
  return columns.some(({ name }) => name === "http_requests_total" || name === "log_lines_total");
}

export interface ElfstatsGraphs {
  readonly source: SpooledSource;
  /** Its graphs are called as the plugins of a single instance call theirs. */
  readonly isPrimary: boolean;
  readonly graphNames: LegalNames;
}

/** By plugin; those without graphs are left out. */
export function toElfstatsPlugins(given: ElfstatsGraphs): readonly Plugin[] {
  const views: Readonly<Record<ElfstatsPlugin, (given: ElfstatsGraphs) => Graph[]>> = {
    elfstatsm_calls: toCalls,
    elfstatsm_percentiles: toPercentiles,
    elfstatsm_response_times: toResponseTimes,
    elfstatsm_response_codes: toResponseCodes,
    elfstatsm_total_records: toTotalRecords,
    elfstatsm_patterns: toPatterns,
  };
  return elfstatsPlugins
    .map((name) => ({ name, graphs: views[name](given) }))
    .filter(({ graphs }) => graphs.length > 0);
}

type Attributes = Readonly<Record<string, string>>;
const logarithmic = "--base 1000 --logarithmic --units=si";

function toNamedGraph(
  { source, isPrimary, graphNames }: ElfstatsGraphs,
  name: string,
  { title, ...attributes }: Attributes & { readonly title: string },
  fields: readonly Field[],
): Graph {
  return {
    name: graphNames.take(isPrimary ? name : `${name}_${source.id}`),
    attributes: { title: isPrimary ? title : `${title} - ${source.id}`, ...attributes },
    fields,
    source,
  };
}

// ------------------------------------------------------------------------------------------------ groups and methods

interface Method {
  readonly group: string;
  readonly method: string;
  /** The group as Watchpost calls it. */
  readonly label: string;
}

/** elfstatsd's groups and methods of a metric's series, sorted, by group. */
function toMethods({ source }: ElfstatsGraphs, metric: string): ReadonlyMap<string, Method[]> {
  const labels = new Set(columnsOf(source, metric).map(({ labels: { group = "" } }) => group));
  const methods = [...labels].map((label) => {
    // What is in no group, "(ungrouped)", stands for itself.
    const [group = "", ...rest] = label.replaceAll(/[().-]/g, "").split("/");
    const isNoGroup = label.startsWith("(");
    return { group, method: rest.join("_") || (isNoGroup ? group : "nogroup"), label };
  });
  return Map.groupBy(
    methods.toSorted((a, b) => compare(`${a.group}_${a.method}`, `${b.group}_${b.method}`)),
    ({ group }) => group,
  );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function columnsOf({ columns }: SpooledSource, metric: string): readonly Column[] {
  return columns.filter(({ name }) => name === metric);
}

/** Of all series of a metric that have this label. */
function toSum(
  source: SpooledSource,
  metric: string,
  label: string,
  value: string,
): (point: Point) => number {
  const values = columnsOf(source, metric)
    .filter(({ labels }) => labels[label] === value)
    .map(({ slot }) => at(slot));
  return sumOf(values);
}

/** In five minutes, of the points that have all or some of these. */
function sumOf(values: readonly ((point: Point) => number)[]): (point: Point) => number {
  return (point) => {
    const known = values.map((valueAt) => valueAt(point)).filter((value) => !Number.isNaN(value));
    return known.length === 0
      ? Number.NaN
      : (known.reduce((sum, value) => sum + value, 0) * 300) / point.spanS;
  };
}

function toMethodFields(
  methods: readonly Method[],
  toValue: (method: Method) => (point: Point) => number,
): readonly Field[] {
  const names = createFieldNames();
  return methods.map((each) => ({
    name: names.take(each.method),
    label: each.method,
    attributes: { draw: "LINE1", info: each.method },
    valueAt: toValue(each),
  }));
}

// ------------------------------------------------------------------------------------------------------- the plugins

function toCalls(given: ElfstatsGraphs): Graph[] {
  const category = "elfstats_calls";
  const args = "--base 1000";
  const groups = [...toMethods(given, "http_requests_total")];
  const stalled = toMethods(given, "http_slow_requests_total");
  return groups.flatMap(([group, methods]) => {
    const count = (metric: string): readonly Field[] =>
      toMethodFields(methods, ({ label }) => toSum(given.source, metric, "group", label));
    const start = `elfstats_${group.toLowerCase()}`;
    const GROUP = group.toUpperCase();
    const calls = toNamedGraph(
      given,
      `${start}_total_calls`,
      {
        title: `elfstats - number of calls for ${GROUP} methods`,
        category,
        vlabel: "Number of calls in 5 min",
        info: `Method group ${GROUP}`,
        args,
      },
      count("http_requests_total"),
    );
    if (!stalled.has(group)) {
      return [calls];
    }
    const slow = toNamedGraph(
      given,
      `${start}_stalled_calls`,
      {
        title: `elfstats - number of stalled calls for ${GROUP} methods`,
        category,
        vlabel: "Number of stalled calls in 5 min",
        info: `Method group ${GROUP}: number of calls exceeding the threshold`,
        args,
      },
      count("http_slow_requests_total"),
    );
    return [calls, slow];
  });
}

/** Name, slot, draw, colour, label, info. */
const percentileFields = [
  ["min", "min", "LINE1", "67E667", "shortest", "shortest"],
  ["avg", "avg", "LINE2", "00CC00", "average", "average"],
  ["max", "max", "LINE1", "FF7373", "longest", "longest"],
  ["p50", "p50", "LINE1", "39E639", "50%", "50% percentile"],
  ["p90", "p90", "LINE1", "FF9400", "90%", "90% percentile"],
  ["p99", "p99", "LINE2", "FF0000", "99%", "99% percentile"],
] as const;

function toPercentiles(given: ElfstatsGraphs): Graph[] {
  return [...toMethods(given, durations).values()].flat().map((each) => {
    const { group, method } = each;
    const what = `${group.toUpperCase()}:${method}`;
    const fields = percentileFields.map(([name, slot, draw, colour, label, info]) => ({
      name,
      label,
      attributes: { draw, info, colour },
      valueAt: toMilliseconds(given.source, each, slot),
    }));
    return toNamedGraph(
      given,
      `elfstats_${group.toLowerCase()}_${method}`,
      {
        title: `elfstats - ${what} method calls percentiles`,
        category: "elfstats_percentiles",
        vlabel: "Response time in ms",
        info: `Method ${what}`,
        args: logarithmic,
      },
      fields,
    );
  });
}

const durations = "http_request_duration_seconds";
type DurationSlot = (typeof distributionSlots)[number] | "avg";

function toMilliseconds(
  source: SpooledSource,
  { label }: Method,
  wanted: DurationSlot,
): (point: Point) => number {
  const column = columnsOf(source, durations).find(({ labels }) => labels["group"] === label);
  const slot = (name: (typeof distributionSlots)[number]): ((point: Point) => number) =>
    at((column?.slot ?? -1) + distributionSlots.indexOf(name));
  return wanted === "avg"
    ? (point) => (slot("sum")(point) / slot("count")(point)) * 1000
    : (point) => slot(wanted)(point) * 1000;
}

function toResponseTimes(given: ElfstatsGraphs): Graph[] {
  return [...toMethods(given, durations)].flatMap(([group, methods]) =>
    (["total", "average"] as const).map((kind) => {
      const GROUP = group.toUpperCase();
      const fields = toMethodFields(methods, (each) =>
        kind === "total"
          ? sumOf([toMilliseconds(given.source, each, "sum")])
          : toMilliseconds(given.source, each, "avg"),
      );
      return toNamedGraph(
        given,
        `elfstats_${group.toLowerCase()}_response_${kind === "total" ? "total" : "avg"}`,
        {
          title: `elfstats - ${kind} response time for ${GROUP} methods`,
          category: "elfstats_resp_times",
          vlabel: "Response time in ms",
          info: `Method group ${GROUP}`,
          args: logarithmic,
        },
        fields,
      );
    }),
  );
}

/**
 * The plugin calls its fields by the bare code, which is no legal name; a master stores `200` as `_00`. One graph
 * holds the codes of one first digit only, so that these names differ.
 */
function toResponseCodes(given: ElfstatsGraphs): Graph[] {
  const { source } = given;
  const statuses = columnsOf(source, "http_requests_total").map(({ labels }) => labels["status"]);
  const codes = [...new Set(statuses.filter((status) => status !== undefined))].toSorted();
  return [...Map.groupBy(codes, (code) => code.slice(0, 1))].map(([digit, group]) => {
    const names = createFieldNames();
    const fields = group.map((code) => ({
      name: names.take(code.replace(/^./, "_")),
      label: code,
      attributes: { draw: "LINE1", info: code },
      valueAt: toSum(source, "http_requests_total", "status", code),
    }));
    return toNamedGraph(
      given,
      `elfstats_response_codes_${digit}XX`,
      {
        title: `elfstats - Calls per response codes - ${digit}XX`,
        category: "elfstats_resp_codes",
        vlabel: "Number of calls per 5 min",
        info: `Response ${digit}XX code`,
        args: "--base 1000",
      },
      fields,
    );
  });
}

/** Outcomes of lines that elfstatsd calls skipped; all but these and the parsed ones are errors to it. */
const skippedOutcomes: ReadonlySet<string> = new Set(["skipped", "filtered", "comment"]);

function toTotalRecords(given: ElfstatsGraphs): Graph[] {
  const columns = columnsOf(given.source, "log_lines_total");
  if (columns.length === 0) {
    return [];
  }
  const wrong = columns.filter(
    (column) => !isSkipped(column) && column.labels["outcome"] !== "parsed",
  );
  const fields = (
    [
      ["error", wrong],
      ["skipped", columns.filter(isSkipped)],
    ] as const
  ).map(([name, those]) => ({
    name,
    label: name,
    attributes: { draw: "LINE2", info: name },
    valueAt: sumOf([() => 0, ...those.map(({ slot }) => at(slot))]),
  }));
  const attributes = {
    title: "elfstats - Number of log records per status",
    category: "elfstats_total_records",
    vlabel: "Number of records per 5 min",
    info: "Total number of records",
    args: logarithmic,
  };
  return [toNamedGraph(given, "elfstats_total_records", attributes, fields)];
}

function isSkipped({ labels: { outcome = "" } }: Column): boolean {
  return skippedOutcomes.has(outcome);
}

function toPatterns(given: ElfstatsGraphs): Graph[] {
  const { source } = given;
  const columns = columnsOf(source, "log_matches_total");
  const patterns = new Set(columns.map(({ labels: { pattern = "" } }) => pattern));
  return [...patterns].toSorted().map((pattern) => {
    const distinct = columnsOf(source, "log_matches_distinct").filter(
      ({ labels }) => labels["pattern"] === pattern,
    );
    const total = toSum(source, "log_matches_total", "pattern", pattern);
    const fields = [
      {
        name: "total",
        label: "total",
        attributes: { draw: "LINE2", info: "total" },
        valueAt: total,
      },
      // Of the latest window: how many differ in five minutes cannot be told from shorter ones.
      ...distinct.slice(0, 1).map(({ slot }) => ({
        name: "distinct",
        label: "distinct",
        attributes: { draw: "LINE2", info: "distinct" },
        valueAt: at(slot),
      })),
    ];
    return toNamedGraph(
      given,
      `elfstats_patterns_${pattern}`,
      {
        title: `elfstats - Number of ${pattern.toUpperCase()} pattern appearances`,
        category: "elfstats_patterns",
        vlabel: "Number of matches per 5 min",
        info: "Number of pattern matches in access log",
        args: logarithmic,
      },
      fields,
    );
  });
}
