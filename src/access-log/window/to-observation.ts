// A closed window in the vocabulary of measurements.
import type { MetricDefinition, Observation } from "../../core/component.ts";
import { count, noLabels, type Sample, type TopSample } from "../../core/sample.ts";
import type { ClosedWindow } from "./open-windows.ts";
import { lineOutcomes, type GroupAggregate, type WindowAggregate } from "./window-aggregate.ts";

/** Every metric that a window of a log yields. */
export const windowMetrics = {
  http_requests_total: {
    kind: "count",
    help: "Requests, by group and status.",
    labels: ["group", "status"],
  },
  http_request_duration_seconds: {
    kind: "distribution",
    help: "Durations of the requests whose lines have one.",
    labels: ["group"],
  },
  http_response_bytes_total: {
    kind: "count",
    help: "Bytes of the responses.",
    labels: ["group"],
  },
  http_slow_requests_total: {
    kind: "count",
    help: "Requests that took at least as long as the option `slow`.",
    labels: ["group"],
  },
  http_clients: { kind: "distinct", help: "Different clients." },
  log_lines_total: {
    kind: "count",
    help:
      "All lines read, by what became of them: parsed, unparsed (not of this format), too_long " +
      "(above 64 KiB; not looked at).",
    labels: ["outcome"],
  },
  watchpost_late_lines_total: {
    kind: "count",
    help: "Lines whose own window was closed already; they count into the oldest open one.",
  },
  watchpost_early_lines_total: {
    kind: "count",
    help: "Lines more than a minute ahead of the clock; they count into the clock's own window.",
  },
  http_targets: {
    kind: "top",
    help: "Requests by target without its query string; (malformed) are those without a target.",
  },
  http_clients_top: { kind: "top", help: "Requests by client." },
} as const satisfies Record<string, MetricDefinition>;

/** `hasSlow`: the option `slow` is set, so that also a zero is a measurement. */
export function toObservation(
  { from, to, aggregate }: ClosedWindow,
  hasSlow: boolean,
): Observation {
  return {
    from,
    to,
    samples: [...requestSamples(aggregate, hasSlow), ...lineSamples(aggregate)],
    tops: toTops(aggregate),
    ...(aggregate.isPartial && { partial: true }),
  };
}

function* requestSamples(aggregate: WindowAggregate, hasSlow: boolean): Generator<Sample> {
  for (const [name, group] of aggregate.groups) {
    yield* groupSamples({ group: name }, group, hasSlow);
  }
  const clients = aggregate.clients;
  yield { kind: "distinct", name: "http_clients", labels: noLabels, value: clients };
}

function* groupSamples(
  labels: { readonly group: string },
  group: GroupAggregate,
  hasSlow: boolean,
): Generator<Sample> {
  for (const [status, requests] of group.requestsByStatus) {
    const text = String(status).padStart(3, "0");
    yield count("http_requests_total", requests, { ...labels, status: text });
  }
  const name = "http_request_duration_seconds";
  if (group.durations.count > 0) {
    yield { kind: "distribution", name, labels, value: group.durations };
  }
  yield count("http_response_bytes_total", group.sizeBytes, labels);
  if (hasSlow) {
    yield count("http_slow_requests_total", group.slow, labels);
  }
}

function* lineSamples({ tally }: WindowAggregate): Generator<Sample> {
  for (const outcome of lineOutcomes) {
    yield count("log_lines_total", tally[outcome], { outcome });
  }
  if (tally.late > 0) {
    yield count("watchpost_late_lines_total", tally.late);
  }
  if (tally.early > 0) {
    yield count("watchpost_early_lines_total", tally.early);
  }
}

/** None for an empty window. */
function toTops({ tally, targets, topClients }: WindowAggregate): TopSample[] {
  return tally.parsed === 0
    ? []
    : [
        { name: "http_targets", labels: noLabels, value: targets },
        { name: "http_clients_top", labels: noLabels, value: topClients },
      ];
}
