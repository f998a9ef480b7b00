import type { Batch } from "../core/batch.ts";
import { count } from "../core/sample.ts";
import { exampleBatch } from "./_example-batch.ts";

const endpoint = "http://collector.example:4318";
const options = { url: endpoint, encoding: "json", compression: "none" } as const;

const window = {
  startTimeUnixNano: "1795190400000000000",
  timeUnixNano: "1795190410000000000",
};

function toAttributes(labels: Readonly<Record<string, string>>): readonly object[] {
  return Object.entries(labels).map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

const resource = {
  attributes: toAttributes({ "service.name": "web", "service.instance.id": "shop" }),
};
const scope = { name: "watchpost" };

const requests = {
  ...window,
  asDouble: 2,
  attributes: toAttributes({ group: "api", status: "200" }),
};

/** 0.25 and 0.5 are the upper bounds of their buckets, 64 apart. */
const durations = {
  attributes: toAttributes({ group: "api" }),
  ...window,
  count: "2",
  sum: 0.75,
  scale: 6,
  zeroCount: "0",
  positive: { offset: -129, bucketCounts: ["1", ...Array.from({ length: 63 }, () => "0"), "1"] },
  negative: { offset: 0, bucketCounts: [] },
  min: 0.25,
  max: 0.5,
};

const check = { timeUnixNano: window.timeUnixNano, asDouble: 1, attributes: [] };

export const cumulativeExample = {
  title: "Counts as cumulative sums, distributions as exponential histograms",
  options,
  given: { replies: { [`${endpoint}/v1/metrics`]: {} } },
  batches: [exampleBatch],
  expect: {
    posted: {
      [`${endpoint}/v1/metrics`]: [
        toMetricsText([
          {
            name: "http_requests_total",
            sum: { dataPoints: [requests], aggregationTemporality: 2, isMonotonic: true },
          },
          {
            name: "http_request_duration_seconds",
            unit: "s",
            exponentialHistogram: { dataPoints: [durations], aggregationTemporality: 2 },
          },
          { name: "check_up", gauge: { dataPoints: [check] } },
        ]),
      ],
    },
  },
};

const event = {
  at: exampleBatch.to,
  name: "file_rotated",
  labels: { file: "/var/log/a.log" },
  text: "/var/log/a.log was rotated.",
};

const eventBatch: Batch = {
  ...exampleBatch,
  samples: [count("http_requests_total", 2, { group: "api", status: "200" })],
  events: [event],
};

export const deltaExample = {
  title: "What each window counted, and events as log records",
  options: { ...options, temporality: "delta", logs: true } as const,
  given: { replies: { [`${endpoint}/v1/metrics`]: {}, [`${endpoint}/v1/logs`]: {} } },
  batches: [eventBatch],
  expect: {
    posted: {
      [`${endpoint}/v1/metrics`]: [
        toMetricsText([
          {
            name: "http_requests_total",
            sum: { dataPoints: [requests], aggregationTemporality: 1, isMonotonic: true },
          },
        ]),
      ],
      [`${endpoint}/v1/logs`]: [
        JSON.stringify({
          resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: [toLogRecord()] }] }],
        }),
      ],
    },
  },
};

function toMetricsText(metrics: readonly object[]): string {
  return JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics: [{ scope, metrics }] }] });
}

function toLogRecord(): object {
  return {
    timeUnixNano: window.timeUnixNano,
    severityNumber: 9,
    severityText: "INFO",
    body: { stringValue: event.text },
    attributes: toAttributes(event.labels),
    observedTimeUnixNano: window.timeUnixNano,
    eventName: event.name,
  };
}
