// Under which names the metrics of the user's own are measured. The names are fixed, as those of
// patterns are, and the label `metric` tells the metrics apart: so a catalogue can promise them,
// and the configuration check knows the kind, the unit and the labels that a rule may name.
import type { MetricDefinition } from "../../core/component.ts";
import { type FieldName, fields, isModelName } from "../format/fields.ts";
import type { MetricSpec } from "../scan/log-scanner.ts";

/** Fields of few values. What has many is for a distinct or a top, and never a label. */
export const labelFields = [
  "method",
  "status",
  "protocol",
  "scheme",
  "host",
  "server_name",
  "port",
  "user",
  "cache",
  "tls_version",
  "tls_cipher",
  "upstream",
  "upstream_status",
  "frontend",
  "backend",
  "server",
  "termination",
] as const satisfies readonly FieldName[];

const labels = ["metric", ...labelFields];

/** Of metrics of the user's own; `metric` is the name that the user gave. */
export const ownMetrics = {
  log_metric_total: {
    kind: "count",
    help: "Of the option `metrics`: counts of lines, and sums of numbers without a unit.",
    labels,
  },
  log_metric_seconds_total: {
    kind: "count",
    help: "Of the option `metrics`: sums of durations.",
    labels,
  },
  log_metric_bytes_total: {
    kind: "count",
    help: "Of the option `metrics`: sums of sizes.",
    labels,
  },
  log_metric_values: {
    kind: "distribution",
    help: "Of the option `metrics`: how numbers without a unit are spread.",
    labels,
  },
  log_metric_seconds: {
    kind: "distribution",
    help: "Of the option `metrics`: how durations are spread.",
    labels,
  },
  log_metric_bytes: {
    kind: "distribution",
    help: "Of the option `metrics`: how sizes are spread.",
    labels,
  },
  log_metric_distinct: {
    kind: "distinct",
    help: "Of the option `metrics`: how many different values there are.",
    labels,
  },
  log_metric_top: {
    kind: "top",
    help: "Of the option `metrics`: the most frequent values.",
    labels,
  },
} as const satisfies Record<string, MetricDefinition>;

export type OwnMetricName = keyof typeof ownMetrics;

/** The kind and the unit of the field make the name. */
export function toOwnMetricName({ kind, field }: MetricSpec): OwnMetricName {
  const unit = unitOf(field);
  switch (kind) {
    case "count":
      return unit === undefined ? "log_metric_total" : `log_metric_${unit}_total`;
    case "distribution":
      return unit === undefined ? "log_metric_values" : `log_metric_${unit}`;
    case "distinct":
      return "log_metric_distinct";
    case "top":
      return "log_metric_top";
  }
}

function unitOf(field: FieldName | undefined): "seconds" | "bytes" | undefined {
  if (field === undefined || !isModelName(field)) {
    return undefined;
  }
  const known = fields[field];
  return "unit" in known && known.unit !== "milliseconds" ? known.unit : undefined;
}
