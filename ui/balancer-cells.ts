// The columns of HAProxy's view, as people know them from its own page.
import { formatBytes, formatNumber, formatSeconds } from "./format.ts";
import type { Format } from "./measure.ts";

export interface Cell {
  readonly name: CellName;
  /** Short, for the head of its column; `help` says the rest. */
  readonly title: string;
  readonly help: string;
  readonly metric: string;
  /** Label `code` of the series that count. */
  readonly code?: string;
  /** Counts are shown per second. */
  readonly isCount: boolean;
  /** Kinds of rows of which a poll leaves out what is zero. */
  readonly sparseOf?: readonly string[];
  /** The metric of its limit, drawn as a bar. */
  readonly limit?: string;
  readonly format: Format;
  /** Whether round numbers are powers of two. */
  readonly binary?: true;
}

export const cellNames = [
  "sessions",
  "sessionRate",
  "queue",
  "requests",
  "clientErrors",
  "serverErrors",
  "errors",
  "retries",
  "response",
  "received",
  "sent",
] as const;

export type CellName = (typeof cellNames)[number];

const perSecond = { isCount: true, format: formatNumber } as const;
const bytesPerSecond = { isCount: true, format: formatBytes, binary: true } as const;

export const cells: readonly Cell[] = [
  {
    name: "sessions",
    title: "Sessions",
    help: "Open now; the bar is the share of its limit.",
    metric: "haproxy_sessions",
    limit: "haproxy_session_limit",
    isCount: false,
    format: formatNumber,
  },
  {
    name: "sessionRate",
    title: "New/s",
    help: "Sessions that began in the last second.",
    metric: "haproxy_session_rate",
    isCount: false,
    format: formatNumber,
  },
  {
    name: "queue",
    title: "Queue",
    help: "Requests that wait for a free server; the bar is the share of its limit.",
    metric: "haproxy_queue",
    limit: "haproxy_queue_limit",
    isCount: false,
    format: formatNumber,
  },
  {
    name: "requests",
    title: "Req/s",
    help: "Requests over HTTP.",
    metric: "haproxy_requests_total",
    ...perSecond,
  },
  {
    name: "clientErrors",
    title: "4xx/s",
    help: "Responses with a status of 400 to 499.",
    metric: "haproxy_responses_total",
    code: "4xx",
    ...perSecond,
  },
  {
    name: "serverErrors",
    title: "5xx/s",
    help: "Responses with a status of 500 to 599.",
    metric: "haproxy_responses_total",
    code: "5xx",
    ...perSecond,
  },
  {
    name: "errors",
    title: "Errors/s",
    help: "Requests, connections and responses that failed.",
    metric: "haproxy_errors_total",
    ...perSecond,
  },
  {
    name: "retries",
    title: "Retries/s",
    help: "Connections to servers that were tried again.",
    metric: "haproxy_retries_total",
    sparseOf: ["server", "backend"],
    ...perSecond,
  },
  {
    name: "response",
    title: "Response",
    help: "Average time to the response, over the last 1024 requests.",
    metric: "haproxy_response_time_seconds",
    isCount: false,
    format: formatSeconds,
  },
  {
    name: "received",
    title: "In/s",
    help: "Bytes of requests.",
    metric: "haproxy_received_bytes_total",
    ...bytesPerSecond,
  },
  {
    name: "sent",
    title: "Out/s",
    help: "Bytes of responses.",
    metric: "haproxy_sent_bytes_total",
    ...bytesPerSecond,
  },
];

/** "12.5/s" */
export function formatCell({ isCount, format }: Cell, value: number | null): string {
  return isCount && value !== null ? `${format(value)}/s` : format(value);
}
