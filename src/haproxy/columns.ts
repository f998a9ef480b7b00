// What the columns of HAProxy's statistics mean here: which become gauges, which counts, and under which names.
// HAProxy 2.2 to 3.4, management guide section 9.1; columns are found by name, because their places have moved.
import type { MetricDefinition } from "../core/component.ts";
import type { Labels } from "../core/sample.ts";

/** What a row of the statistics is about, in the order of the `type` column. */
export const rowKinds = ["frontend", "backend", "server", "listener"] as const;
export type RowKind = (typeof rowKinds)[number];

interface Column {
  readonly column: string;
  readonly metric: string;
  readonly help: string;
}

export interface GaugeColumn extends Column {
  /** From the column's unit to the metric's; 1 when left out. */
  readonly scale?: number;
  /** Rows of other kinds leave it out. */
  readonly only?: readonly RowKind[];
  /** Workers that a reload has left behind have their share of it. */
  readonly isShared?: true;
  /** Nothing is configured when it is 0. */
  readonly isLimit?: true;
  /** An average over the last 1 024 requests, however old: left out when there was none in the window. */
  readonly isRecent?: true;
}

/** Of a server, the count over a window says the same. */
const proxies: readonly RowKind[] = ["frontend", "backend"];

const average = "average of the last 1 024 requests; absent when there was none in the window.";

/** Values of now. */
export const gaugeColumns: readonly GaugeColumn[] = [
  {
    column: "scur",
    metric: "haproxy_sessions",
    isShared: true,
    help: "Sessions open now; with `legacyRate`, of backends those that began in the last second.",
  },
  {
    column: "slim",
    metric: "haproxy_session_limit",
    isLimit: true,
    help: "The most sessions that are let in; of a backend its `fullconn`, which stops nobody.",
  },
  {
    column: "rate",
    metric: "haproxy_session_rate",
    only: proxies,
    isShared: true,
    help: "Sessions that began in the last second.",
  },
  {
    column: "rate_lim",
    metric: "haproxy_session_rate_limit",
    isLimit: true,
    help: "The most sessions a second.",
  },
  {
    column: "req_rate",
    metric: "haproxy_request_rate",
    isShared: true,
    help: "Requests in the last second.",
  },
  {
    column: "conn_rate",
    metric: "haproxy_connection_rate",
    isShared: true,
    help: "Connections in the last second.",
  },
  {
    column: "qcur",
    metric: "haproxy_queue",
    isShared: true,
    help: "Requests that wait for a server.",
  },
  {
    column: "qlimit",
    metric: "haproxy_queue_limit",
    isLimit: true,
    help: "The most requests that may wait for the server.",
  },
  {
    column: "act",
    metric: "haproxy_active_servers",
    only: ["backend"],
    help: "Servers that are up, without the backups.",
  },
  {
    column: "bck",
    metric: "haproxy_backup_servers",
    only: ["backend"],
    help: "Backup servers that are up.",
  },
  {
    column: "weight",
    metric: "haproxy_weight",
    only: ["backend"],
    help: "Weight of all its servers that are up together.",
  },
  {
    column: "throttle",
    metric: "haproxy_throttle_ratio",
    scale: 0.01,
    help: "Share of its weight that a server gets while it starts slowly.",
  },
  {
    column: "check_duration",
    metric: "haproxy_check_duration_seconds",
    scale: 0.001,
    help: "How long the last health check took.",
  },
  {
    column: "qtime",
    metric: "haproxy_queue_time_seconds",
    scale: 0.001,
    isRecent: true,
    help: `Time in the queue, ${average}`,
  },
  {
    column: "ctime",
    metric: "haproxy_connect_time_seconds",
    scale: 0.001,
    isRecent: true,
    help: `Time to connect to the server, ${average}`,
  },
  {
    column: "rtime",
    metric: "haproxy_response_time_seconds",
    scale: 0.001,
    isRecent: true,
    help: `Time until the server answered, ${average}`,
  },
  {
    column: "ttime",
    metric: "haproxy_total_time_seconds",
    scale: 0.001,
    isRecent: true,
    help: `Time of the whole session, ${average}`,
  },
];

export interface CounterColumn extends Column {
  /** Beside those of the row. */
  readonly labels?: Labels;
  /** Said of frontends and backends also when it is 0; all else only when something happened. */
  readonly isDense?: true;
  /** Said of frontends and backends alone: servers are many, and it tells little of one. */
  readonly isOfProxy?: true;
}

const responses = "Responses by class of their status; `other` is no HTTP status.";
const denied = "Refused by rules: requests, responses, connections, sessions.";
const errors =
  "Broken requests of clients, failed connections to servers, broken responses, and errors of HAProxy itself.";
const aborts = "Transfers that the client or the server broke off.";
const compression = "Bytes into and out of the compression.";

/** Running totals of one process. */
export const counterColumns: readonly CounterColumn[] = [
  { column: "stot", isDense: true, metric: "haproxy_sessions_total", help: "Sessions." },
  {
    column: "req_tot",
    isDense: true,
    metric: "haproxy_requests_total",
    help: "Requests over HTTP.",
  },
  {
    column: "conn_tot",
    isDense: true,
    metric: "haproxy_connections_total",
    help: "Connections of clients.",
  },
  {
    column: "bin",
    isDense: true,
    metric: "haproxy_received_bytes_total",
    help: "Bytes of requests, as HAProxy counts them: since 3.3 without what it adds.",
  },
  {
    column: "bout",
    isDense: true,
    metric: "haproxy_sent_bytes_total",
    help: "Bytes of responses, as HAProxy counts them: since 3.3 without what it adds.",
  },
  ...["1xx", "2xx", "3xx", "4xx", "5xx", "other"].map((code) => ({
    column: `hrsp_${code}`,
    metric: "haproxy_responses_total",
    labels: { code },
    isDense: true as const,
    help: responses,
  })),
  ...[
    ["dreq", "request"],
    ["dresp", "response"],
    ["dcon", "connection"],
    ["dses", "session"],
  ].map(([column = "", what = ""]) => ({
    column,
    metric: "haproxy_denied_total",
    labels: { what },
    help: denied,
  })),
  ...[
    ["ereq", "request"],
    ["econ", "connect"],
    ["eresp", "response"],
    ["eint", "internal"],
  ].map(([column = "", what = ""]) => ({
    column,
    metric: "haproxy_errors_total",
    labels: { what },
    isDense: true as const,
    help: errors,
  })),
  { column: "cli_abrt", metric: "haproxy_aborts_total", labels: { side: "client" }, help: aborts },
  { column: "srv_abrt", metric: "haproxy_aborts_total", labels: { side: "server" }, help: aborts },
  {
    column: "wretr",
    metric: "haproxy_retries_total",
    help: "Connections to servers tried again.",
  },
  {
    column: "wredis",
    metric: "haproxy_redispatches_total",
    help: "Requests sent to another server than the one they belonged to.",
  },
  {
    column: "wrew",
    isOfProxy: true,
    metric: "haproxy_rewrite_failures_total",
    help: "Headers that could not be rewritten.",
  },
  {
    column: "lbtot",
    isOfProxy: true,
    metric: "haproxy_selections_total",
    help: "Times that the balancing chose it.",
  },
  { column: "connect", metric: "haproxy_connects_total", help: "Connections made to servers." },
  { column: "reuse", metric: "haproxy_reuses_total", help: "Connections to servers used again." },
  {
    column: "intercepted",
    isOfProxy: true,
    metric: "haproxy_intercepted_total",
    help: "Requests that HAProxy answered itself.",
  },
  { column: "cache_lookups", metric: "haproxy_cache_lookups_total", help: "Looks into the cache." },
  { column: "cache_hits", metric: "haproxy_cache_hits_total", help: "Answers from the cache." },
  {
    column: "comp_in",
    metric: "haproxy_compression_bytes_total",
    labels: { direction: "in" },
    help: compression,
  },
  {
    column: "comp_out",
    metric: "haproxy_compression_bytes_total",
    labels: { direction: "out" },
    help: compression,
  },
  { column: "chkfail", metric: "haproxy_check_failures_total", help: "Health checks that failed." },
  { column: "chkdown", metric: "haproxy_downs_total", help: "Times that it went down." },
  { column: "downtime", metric: "haproxy_downtime_seconds_total", help: "How long it was down." },
];

/** Seconds since the state changed, for the texts of events and for telling how old a process is at least. */
export const lastChangeColumn = "lastchg";

/** Every column that is read as a number, in the order in which a row holds them. */
export const numberColumns: readonly string[] = [
  ...gaugeColumns.map(({ column }) => column),
  ...counterColumns.map(({ column }) => column),
  lastChangeColumn,
];

/** Numbers a row. */
export const rowStride = numberColumns.length;
/** Where a row's counters begin. */
export const counterOffset = gaugeColumns.length;

/** The place of a column in a row's numbers. Throws for one that is not read. */
export function numberIndexOf(column: string): number {
  const index = numberColumns.indexOf(column);
  if (index < 0) {
    throw new Error(`${column} is not among the columns that are read`);
  }
  return index;
}

const rowLabels = ["proxy", "kind", "server"];

function toCatalogue(): Record<string, MetricDefinition> {
  const catalogue: Record<string, MetricDefinition> = {};
  for (const { metric, help } of gaugeColumns) {
    catalogue[metric] = { kind: "gauge", help, labels: rowLabels };
  }
  for (const { metric, help, labels = {} } of counterColumns) {
    const own = Object.keys(labels);
    catalogue[metric] = { kind: "count", help, labels: [...rowLabels, ...own] };
  }
  return catalogue;
}

/** What is said of frontends, backends, servers and listeners. */
export const rowMetrics: Readonly<Record<string, MetricDefinition>> = {
  ...toCatalogue(),
  haproxy_session_saturation_ratio: {
    kind: "gauge",
    help: "Sessions as a share of their limit; absent without one.",
    labels: rowLabels,
  },
  haproxy_state: {
    kind: "gauge",
    help:
      "1 for the state that it is in (`up`, `down`, `drain`, `maint`, `nolb`, `no_check`, `open`, `full`, `stop` …), " +
      "with the result of the last health check (`L7OK` …) where there is one.",
    labels: [...rowLabels, "state", "check"],
  },
  haproxy_serving: {
    kind: "gauge",
    help: "1 when a server or backend is up or not checked, 0 when it is down; absent in maintenance and while it drains.",
    labels: rowLabels,
  },
};
