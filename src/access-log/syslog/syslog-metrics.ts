import type { MetricDefinition } from "../../core/component.ts";

/** Why a message was not counted as a line. All but the last two mean that lines are missing. */
export const dropReasons = [
  "no_room",
  "system",
  "sender",
  "too_long",
  "malformed",
  "program",
  "not_allowed",
] as const;
export type DropReason = (typeof dropReasons)[number];

/** Of a source that listens for syslog messages. */
export const syslogMetrics = {
  watchpost_syslog_messages_total: {
    kind: "count",
    help: "Syslog messages that came, by transport, whatever became of them.",
    labels: ["transport"],
  },
  watchpost_syslog_dropped_total: {
    kind: "count",
    help:
      "Syslog messages that were not counted: no_room (datagrams that came faster than they could be " +
      "counted or stored), system (datagrams that the operating system threw away before), sender " +
      "(HAProxy says how many its ring had no room for), too_long (above 64 KiB), malformed (TCP " +
      "connections that broke off in a message, or are no syslog), program (of another one than the " +
      "option names), not_allowed (datagrams from elsewhere).",
    labels: ["reason"],
  },
  watchpost_syslog_connections: {
    kind: "gauge",
    help: "TCP connections that are open.",
  },
  watchpost_syslog_refused_connections_total: {
    kind: "count",
    help: "TCP connections that were closed unheard: not_allowed, or too_many at once.",
    labels: ["reason"],
  },
} as const satisfies Record<string, MetricDefinition>;
