// Measurements as OTLP's metrics (opentelemetry.io/docs/specs/otel/metrics/data-model).
import type { Batch } from "../core/batch.ts";
import type { MetricDefinition } from "../core/component.ts";
import type { Distribution } from "../core/distribution.ts";
import type { Labels } from "../core/sample.ts";
import type { LedgerRow } from "./_ledger-rows.ts";
import type { Look } from "./_ledger.ts";
import type { Message } from "./_otlp-encoding.ts";

export const temporalities = ["cumulative", "delta"] as const;

export type Temporality = (typeof temporalities)[number];

/** AggregationTemporality. */
const temporalityNumbers = { delta: 1, cumulative: 2 };

/** DataPointFlags: the series has ended. */
const noRecordedValue = 1;

/** A series as it goes into a data point; without a value it has ended. */
export type OtlpPoint = {
  readonly name: string;
  readonly labels: Labels;
  readonly startedAt: number;
  readonly at: number;
} & (
  | { readonly kind: "count" | "gauge"; readonly value: number | undefined }
  | { readonly kind: "distribution"; readonly value: Distribution | undefined }
);

/** What was measured in this window alone: start and end are the window's. */
export function* toDeltaPoints({ samples, from, to }: Batch): Generator<OtlpPoint> {
  for (const sample of samples) {
    const { name, labels } = sample;
    const head = { name, labels, startedAt: from, at: to };
    switch (sample.kind) {
      case "distribution":
        yield { ...head, kind: "distribution", value: sample.value };
        break;
      case "distinct":
        yield { ...head, kind: "gauge", value: sample.value.count };
        break;
      case "gauge":
        yield { ...head, kind: "gauge", value: sample.value };
        break;
      case "count":
        if (sample.value >= 0 && sample.value < Infinity) {
          yield { ...head, kind: "count", value: sample.value };
        }
    }
  }
}

/** Everything since it was counted first. */
export function* toCumulativePoints({ rows, gone, at }: Look<unknown>): Generator<OtlpPoint> {
  for (const row of rows) {
    yield toPoint(row, at);
  }
  for (const row of gone) {
    yield { ...toPoint(row, at), value: undefined };
  }
}

function toPoint(row: LedgerRow<unknown>, at: number): OtlpPoint {
  const { name, labels, startedAt } = row;
  const head = { name, labels, startedAt, at };
  return row.kind === "distribution"
    ? { ...head, kind: row.kind, value: row.value }
    : { ...head, kind: row.kind, value: row.value };
}

/** Metrics with their data points, in the order of first appearance. */
export function toMetrics(
  points: readonly OtlpPoint[],
  temporality: Temporality,
  describe: (metric: string) => MetricDefinition | undefined,
): readonly Message[] {
  const groups = Map.groupBy(points, ({ name, kind }) => `${kind} ${name}`);
  return [...groups.values()].map((group) => {
    const [{ name, kind } = { name: "", kind: "gauge" }] = group;
    const dataPoints = group.map(toDataPoint);
    const aggregationTemporality = temporalityNumbers[temporality];
    const description = describe(name)?.help;
    const unit = toUnit(name);
    const head = { name, description, unit };
    switch (kind) {
      case "distribution":
        return { ...head, exponentialHistogram: { dataPoints, aggregationTemporality } };
      case "count":
        return { ...head, sum: { dataPoints, aggregationTemporality, isMonotonic: true } };
      default:
        return { ...head, gauge: { dataPoints } };
    }
  });
}

/** By the unit that the name ends in, as UCUM writes it. */
function toUnit(name: string): string | undefined {
  const [, unit = ""] = /_(seconds|bytes|ratio|celsius)(?:_total)?$/.exec(name) ?? [];
  return { seconds: "s", bytes: "By", ratio: "1", celsius: "Cel" }[unit];
}

function toDataPoint(point: OtlpPoint): Message {
  const { kind, labels, startedAt, at, value } = point;
  const head = {
    attributes: toAttributes(labels),
    ...(kind !== "gauge" && { startTimeUnixNano: startedAt }),
    timeUnixNano: at,
  };
  if (value === undefined) {
    return { ...head, flags: noRecordedValue };
  }
  return typeof value === "number"
    ? { ...head, asDouble: value }
    : { ...head, ...toBuckets(value) };
}

/** Our buckets are OpenTelemetry's: bucket i holds base^i < value <= base^(i+1). */
function toBuckets(distribution: Distribution): Message {
  const { count, sum, min, max, scale, zeroCount, positive, negative } = distribution;
  return {
    count,
    sum,
    scale,
    zeroCount,
    positive: { offset: positive.offset, bucketCounts: [...positive.counts] },
    negative: { offset: negative.offset, bucketCounts: [...negative.counts] },
    ...(count > 0 && { min, max }),
  };
}

export function toAttributes(labels: Labels): readonly Message[] {
  return Object.entries(labels).map(([key, value]) => ({
    key,
    // Half a character, as a cut one leaves it, cannot be written as UTF-8.
    value: { stringValue: value.toWellFormed() },
  }));
}
