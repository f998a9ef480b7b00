import type { MetricDefinition } from "../../core/component.ts";
import { ownMetrics } from "./own-metrics.ts";

/** Every metric that a window of a log yields. */
export const windowMetrics = {
  http_requests_total: {
    kind: "count",
    help:
      "Requests, by group and status (`none` where the line has none). Groups and statuses that a " +
      "window lacks are zero, as long as they are not too many.",
    labels: ["group", "status"],
  },
  http_request_duration_seconds: {
    kind: "distribution",
    help: "Durations of the requests whose lines have one.",
    labels: ["group"],
  },
  http_upstream_duration_seconds: {
    kind: "distribution",
    help: "How long upstreams or backend servers took, where the lines say it.",
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
  haproxy_terminations_total: {
    kind: "count",
    help: "Requests by HAProxy's termination state.",
    labels: ["state"],
  },
  haproxy_retries_total: { kind: "count", help: "Connection attempts that HAProxy repeated." },
  http_cache_requests_total: {
    kind: "count",
    help: "Requests by the state of the cache, where the lines say it.",
    labels: ["state"],
  },
  http_tls_requests_total: {
    kind: "count",
    help: "Requests by the version of TLS, where the lines say it.",
    labels: ["version"],
  },
  log_matches_total: {
    kind: "count",
    help: "Requests whose target has one of the patterns.",
    labels: ["pattern"],
  },
  log_matches_distinct: {
    kind: "distinct",
    help: "Different texts that a pattern matched.",
    labels: ["pattern"],
  },
  ...ownMetrics,
  log_lines_total: {
    kind: "count",
    help:
      "All lines read, by what became of them: parsed, unparsed (not of this format), too_long " +
      "(above 64 KiB; not looked at), and where it occurs ungrouped (counted, but no rule names " +
      "it), filtered, skipped and comment.",
    labels: ["outcome"],
  },
  log_unparsed_lines_total: {
    kind: "count",
    help: "The unparsed lines by the reason why.",
    labels: ["reason"],
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
  http_users: { kind: "top", help: "Requests by authenticated user." },
  http_referrers: { kind: "top", help: "Requests by referrer." },
  http_agents: { kind: "top", help: "Requests by user agent, bots apart." },
  http_bots: { kind: "top", help: "Requests by user agent, of those that say they are a program." },
  http_hosts: { kind: "top", help: "Requests by the host that was asked for." },
} as const satisfies Record<string, MetricDefinition>;
