// A closed window in the vocabulary of measurements.
import type { Observation } from "../../core/component.ts";
import { count, noLabels, type Sample, type TopSample } from "../../core/sample.ts";
import { failureReasons } from "../format/line-format.ts";
import {
  type GroupResult,
  type MetricSpec,
  noStatus,
  requestsOf,
  type ScanResult,
  type TopName,
  topNames,
} from "../scan/log-scanner.ts";
import type { KnownRows } from "./known-rows.ts";
import type { KnownSeries } from "./known-series.ts";
import type { ClosedWindow } from "./open-windows.ts";
import { toOwnSamples, toOwnTops } from "./own-samples.ts";
import type { WindowAggregate } from "./window-aggregate.ts";
import type { windowMetrics } from "./window-metrics.ts";

export interface WindowReport {
  /** The option `slow` is set, so that also a zero is a measurement. */
  readonly hasSlow: boolean;
  readonly known: KnownSeries;
  /** Metrics of the user's own, and the rows that they have had. */
  readonly metrics: readonly MetricSpec[];
  readonly knownRows: KnownRows;
}

export function toObservation(
  { from, to, aggregate }: ClosedWindow,
  { hasSlow, known, metrics, knownRows }: WindowReport,
): Observation {
  const { result } = aggregate;
  return {
    from,
    to,
    samples: [
      ...requestSamples(result, known, hasSlow),
      ...stateSamples(result),
      ...toOwnSamples(metrics, result.metrics, knownRows),
      ...lineSamples(result, aggregate),
    ],
    tops:
      requestsOf(result) === 0 ? [] : [...toTops(result), ...toOwnTops(metrics, result.metrics)],
    ...(aggregate.isPartial && { partial: true }),
  };
}

function* requestSamples(
  { groups, clients }: ScanResult,
  known: KnownSeries,
  hasSlow: boolean,
): Generator<Sample> {
  for (const [group, statuses] of known.withZeroes(groups)) {
    const labels = { group };
    for (const [status, requests] of statuses) {
      yield count("http_requests_total", requests, { ...labels, status: toStatusText(status) });
    }
    yield* groupSamples(labels, groups.get(group), hasSlow);
  }
  yield { kind: "distinct", name: "http_clients", labels: noLabels, value: clients };
}

function toStatusText(status: number): string {
  return status === noStatus ? "none" : String(status).padStart(3, "0");
}

function* groupSamples(
  labels: { readonly group: string },
  group: GroupResult | undefined,
  hasSlow: boolean,
): Generator<Sample> {
  if (group !== undefined && group.durations.count > 0) {
    const name = "http_request_duration_seconds";
    yield { kind: "distribution", name, labels, value: group.durations };
  }
  if (group !== undefined && group.upstreamDurations.count > 0) {
    const name = "http_upstream_duration_seconds";
    yield { kind: "distribution", name, labels, value: group.upstreamDurations };
  }
  yield count("http_response_bytes_total", group?.bytes ?? 0, labels);
  if (hasSlow) {
    yield count("http_slow_requests_total", group?.slow ?? 0, labels);
  }
}

function* stateSamples(result: ScanResult): Generator<Sample> {
  for (const [state, requests] of result.termination) {
    yield count("haproxy_terminations_total", requests, { state });
  }
  if (result.retries > 0) {
    yield count("haproxy_retries_total", result.retries);
  }
  for (const [state, requests] of result.cache) {
    yield count("http_cache_requests_total", requests, { state });
  }
  for (const [version, requests] of result.tlsVersions) {
    yield count("http_tls_requests_total", requests, { version });
  }
  for (const [name, { total, distinct }] of result.patterns) {
    yield count("log_matches_total", total, { pattern: name });
    const labels = { pattern: name };
    yield { kind: "distinct", name: "log_matches_distinct", labels, value: distinct };
  }
}

function* lineSamples({ lines }: ScanResult, { late, early }: WindowAggregate): Generator<Sample> {
  const unparsed = failureReasons.reduce((sum, reason) => sum + lines.unparsed[reason], 0);
  yield count("log_lines_total", lines.parsed, { outcome: "parsed" });
  yield count("log_lines_total", unparsed, { outcome: "unparsed" });
  yield count("log_lines_total", lines.tooLong, { outcome: "too_long" });
  for (const outcome of ["filtered", "skipped", "ungrouped", "comment"] as const) {
    if (lines[outcome] > 0) {
      yield count("log_lines_total", lines[outcome], { outcome });
    }
  }
  for (const reason of failureReasons) {
    if (lines.unparsed[reason] > 0) {
      yield count("log_unparsed_lines_total", lines.unparsed[reason], { reason });
    }
  }
  if (late > 0) {
    yield count("watchpost_late_lines_total", late);
  }
  if (early > 0) {
    yield count("watchpost_early_lines_total", early);
  }
}

const topMetrics: Readonly<Record<TopName, keyof typeof windowMetrics>> = {
  targets: "http_targets",
  clients: "http_clients_top",
  users: "http_users",
  referrers: "http_referrers",
  agents: "http_agents",
  bots: "http_bots",
  hosts: "http_hosts",
};

/** Those that have a key. */
function* toTops({ tops }: ScanResult): Generator<TopSample> {
  for (const name of topNames) {
    const value = tops[name];
    if (value.total > 0) {
      yield { name: topMetrics[name], labels: noLabels, value };
    }
  }
}
