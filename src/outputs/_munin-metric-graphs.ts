import type { MetricDefinition } from "../core/component.ts";
import { type Field, type Graph, type LegalNames, createFieldNames } from "./_munin-graph.ts";
import { type Column, type Point, type SpooledSource, distributionSlots } from "./_munin-spool.ts";

/** Lines in one graph; nobody could tell more of them apart. */
const fieldsMax = 100;

export interface MetricGraphs {
  readonly source: SpooledSource;
  /** Those to be drawn. */
  readonly columns: readonly Column[];
  readonly describe: (metric: string) => MetricDefinition | undefined;
  readonly graphNames: LegalNames;
}

/** One graph a metric, one line a series: counts per second, gauges as they are, of distributions three percentiles. */
export function toMetricGraphs(given: MetricGraphs): readonly Graph[] {
  const byMetric = Map.groupBy(given.columns, ({ name, kind }) => `${name}\0${kind}`);
  return [...byMetric.values()].map((columns) => toGraph(given, columns));
}

function toGraph(given: MetricGraphs, columns: readonly Column[]): Graph {
  const { source, describe, graphNames } = given;
  const [{ name: metric, kind } = noColumn] = columns;
  const words = toWords(metric);
  const names = createFieldNames();
  const all = columns.flatMap((column) => toFields(column, names));
  const more = all.length - fieldsMax;
  const about = describe(metric)?.help ?? metric;
  return {
    name: graphNames.take(`${source.id}_${metric}`),
    attributes: {
      title: `${source.id}: ${words}`,
      category: toCategory(source.service),
      vlabel: toUnit(metric) + (kind === "count" ? " per second" : ""),
      info: more > 0 ? `${about} (${more} more lines are left out.)` : about,
      args: `--base ${metric.includes("_bytes") ? 1024 : 1000}${kind === "gauge" ? "" : " -l 0"}`,
    },
    fields: all.slice(0, fieldsMax),
    source,
  };
}

const noColumn: Column = { name: "", labels: {}, kind: "gauge", slot: 0 };

function toFields({ name: metric, labels, kind, slot }: Column, names: LegalNames): Field[] {
  const values = Object.values(labels);
  const name = values.length === 0 ? "value" : values.join("_");
  const label = values.length === 0 ? toWords(metric) : values.join(" ");
  switch (kind) {
    case "gauge":
      return [{ name: names.take(name), label, valueAt: at(slot) }];
    case "count": {
      const valueAt = (point: Point): number => at(slot)(point) / point.spanS;
      return [{ name: names.take(name), label, attributes: { min: "0" }, valueAt }];
    }
    case "distribution":
      return (["p50", "p90", "p99"] as const).map((quantile) => ({
        name: names.take(values.length === 0 ? quantile : `${name}_${quantile}`),
        label: values.length === 0 ? quantile : `${label} ${quantile}`,
        valueAt: at(slot + distributionSlots.indexOf(quantile)),
      }));
  }
}

/** NaN in points older than the column. */
export function at(slot: number): (point: Point) => number {
  return ({ values }) => values[slot] ?? Number.NaN;
}

/** `http_response_bytes_total` → "http response": the unit stands at the axis. */
function toWords(metric: string): string {
  const name = metric.replace(/_total$/, "").replace(/_(?:seconds|bytes|ratio)$/, "");
  return name.replaceAll("_", " ").trim() || metric;
}

function toUnit(metric: string): string {
  const [, unit] = /_(seconds|bytes|ratio|celsius|percent)(?:_total)?$/.exec(metric) ?? [];
  return unit ?? toWords(metric);
}

/** Lower case letters, digits and dashes. */
function toCategory(service: string): string {
  const legal = service.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
  return legal.replaceAll(/^-|-$/g, "") || "watchpost";
}
