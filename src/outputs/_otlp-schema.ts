// The messages of OTLP that are sent (github.com/open-telemetry/opentelemetry-proto, opentelemetry/proto/…/v1).
import type { Schema } from "./_otlp-encoding.ts";

const anyValue = { stringValue: [1, "text"] } as const satisfies Schema;
const keyValue = { key: [1, "text"], value: [2, anyValue] } as const satisfies Schema;
const resource: Schema = { attributes: [1, [keyValue]] };
const scope: Schema = { name: [1, "text"] };

const numberPoint: Schema = {
  startTimeUnixNano: [2, "nanos"],
  timeUnixNano: [3, "nanos"],
  asDouble: [4, "double"],
  attributes: [7, [keyValue]],
  flags: [8, "integer"],
};

const buckets: Schema = { offset: [1, "signed"], bucketCounts: [2, "counts"] };

const exponentialPoint: Schema = {
  attributes: [1, [keyValue]],
  startTimeUnixNano: [2, "nanos"],
  timeUnixNano: [3, "nanos"],
  count: [4, "count"],
  sum: [5, "double"],
  scale: [6, "signed"],
  zeroCount: [7, "count"],
  positive: [8, buckets],
  negative: [9, buckets],
  flags: [10, "integer"],
  min: [12, "double"],
  max: [13, "double"],
};

const metric: Schema = {
  name: [1, "text"],
  description: [2, "text"],
  unit: [3, "text"],
  gauge: [5, { dataPoints: [1, [numberPoint]] }],
  sum: [
    7,
    {
      dataPoints: [1, [numberPoint]],
      aggregationTemporality: [2, "integer"],
      isMonotonic: [3, "integer"],
    },
  ],
  exponentialHistogram: [
    10,
    { dataPoints: [1, [exponentialPoint]], aggregationTemporality: [2, "integer"] },
  ],
};

export const resourceMetrics: Schema = {
  resource: [1, resource],
  scopeMetrics: [2, [{ scope: [1, scope], metrics: [2, [metric]] }]],
};

const logRecord: Schema = {
  timeUnixNano: [1, "nanos"],
  severityNumber: [2, "integer"],
  severityText: [3, "text"],
  body: [5, anyValue],
  attributes: [6, [keyValue]],
  observedTimeUnixNano: [11, "nanos"],
  eventName: [12, "text"],
};

export const resourceLogs: Schema = {
  resource: [1, resource],
  scopeLogs: [2, [{ scope: [1, scope], logRecords: [2, [logRecord]] }]],
};

/** Of both requests alike: resource_metrics, resource_logs. */
export const resourcesField = 1;
