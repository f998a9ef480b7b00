// Rules that most people want for a log, by name: `rules: { silence: { stock: log-silent, source: shop } }`. They are
// data, as one would write them: whatever is written beside `stock` takes the place of what stands here.

import type { StockRule } from "../config/config.ts";

export const stockNames = [
  "log-silent",
  "log-unparsed",
  "server-errors",
  "slower-than-usual",
  "traffic-drop",
  "traffic-spike",
  "busy-client",
] as const;

export type StockName = (typeof stockNames)[number];

export const stockRules: Readonly<Record<StockName, StockRule>> = {
  "log-silent": {
    help: "The log has had no line for ten minutes.",
    rule: {
      metric: "log_lines_total",
      over: "10m",
      below: 0,
      summary: "{service}: no line in the log for {over}",
    },
  },
  "log-unparsed": {
    help: "More than one line in a hundred is of another form than `format` says.",
    rule: {
      metric: "log_lines_total",
      labels: { outcome: ["unparsed", "too_long"] },
      of: {},
      over: "5m",
      above: "1%",
      minimum: 120,
      summary: "{service}: {value} of the log's lines cannot be read",
    },
  },
  "server-errors": {
    help: "More than five requests in a hundred end with a status of 500 or more.",
    rule: {
      metric: "http_requests_total",
      labels: { status: "5*" },
      of: {},
      over: "5m",
      above: "5%",
      clear: "2%",
      minimum: 50,
      summary: "{service}: {value} of the requests failed over {over}",
    },
  },
  "slower-than-usual": {
    help: "The slowest hundredth takes three times as long as over the hour before.",
    rule: {
      metric: "http_request_duration_seconds",
      quantile: 0.99,
      over: "5m",
      baseline: "1h",
      above: 3,
      clear: 2,
      for: "2m",
      minimum: 120,
      summary: "{service}: p99 is {value} times what it was over the {baseline} before",
    },
  },
  "traffic-drop": {
    help: "Less than a third of the requests that came over the hour before.",
    rule: {
      metric: "http_requests_total",
      over: "5m",
      baseline: "1h",
      below: "30%",
      clear: "50%",
      for: "1m",
      minimum: 50,
      summary: "{service}: requests fell to {value} of what they were over the {baseline} before",
    },
  },
  "traffic-spike": {
    help: "Five times as many requests as over the hour before.",
    rule: {
      metric: "http_requests_total",
      over: "5m",
      baseline: "1h",
      above: 5,
      clear: 3,
      for: "1m",
      minimum: 300,
      summary: "{service}: {value} times the requests of the {baseline} before",
    },
  },
  "busy-client": {
    help: "One client makes more than three requests in ten.",
    rule: {
      metric: "http_clients_top",
      over: "5m",
      above: "30%",
      clear: "20%",
      minimum: 300,
      summary: "{service}: the client {heaviest} makes {value} of the requests",
    },
  },
};
