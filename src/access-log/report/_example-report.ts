// A report with something of everything in it, also what people with bad intentions send.

import type { Report, ReportedDurations, ReportedGroup, ReportedWindow } from "./report.ts";

const noDurations: ReportedDurations = {
  count: 0,
  sum: 0,
  p50: null,
  p90: null,
  p99: null,
  max: null,
};

function durations(count: number, p50: number): ReportedDurations {
  return { count, sum: count * p50 * 1.5, p50, p90: p50 * 4, p99: p50 * 16, max: p50 * 50 };
}

function group(name: string, requests: number, p50: number): ReportedGroup {
  const failed = Math.floor(requests / 50);
  return {
    group: name,
    requests,
    status: { "200": requests - failed - 1, "404": 1, "503": failed },
    bytes: requests * 2048,
    duration: durations(requests, p50),
    upstreamDuration: noDurations,
    slow: failed,
  };
}

function window(minute: number, requests: number): ReportedWindow {
  return {
    at: new Date(Date.UTC(2026, 9, 10, 13, minute)).toISOString(),
    requests,
    bytes: requests * 2048,
    status: { "2xx": requests - 2, "4xx": 1, "5xx": 1 },
    p50: 0.02,
    p99: minute / 10,
  };
}

const groups = [
  group("/products/{id}", 6000, 0.05),
  group("/search", 3000, 0.2),
  group("/static/\u001b[31mred\u202e.js", 1000, 0.0004),
];

export const exampleReport: Report = {
  lines: {
    read: 10_040,
    parsed: 9000,
    filtered: 20,
    skipped: 0,
    ungrouped: 1000,
    comment: 4,
    unparsed: 15,
    tooLong: 1,
  },
  unparsed: { wrong_layout: 12, bad_time: 3 },
  from: "2026-10-10T13:00:00.000Z",
  to: "2026-10-10T13:09:59.000Z",
  requests: 10_000,
  bytes: 20_480_000,
  status: { "200": 9797, "404": 3, "503": 200 },
  duration: durations(10_000, 0.043),
  upstreamDuration: noDurations,
  slow: { threshold: 0.5, requests: 200 },
  clients: 321,
  groups,
  top: {
    targets: [
      { key: "/products/7", count: 2500, error: 0 },
      { key: "/search", count: 1200, error: 300 },
      { key: `/static/${"long/".repeat(30)}`, count: 3, error: 0 },
    ],
    clients: [{ key: "192.0.2.7", count: 4000, error: 0 }],
    users: [{ key: '=cmd|"/C calc"!A0', count: 2, error: 0 }],
    referrers: [{ key: "https://例え.example/検索", count: 1500, error: 0 }],
    agents: [{ key: "<script>alert(1)</script>", count: 9000, error: 0 }],
    bots: [],
    hosts: [],
  },
  termination: { "----": 9990, "SC--": 10 },
  cache: {},
  tlsVersions: {},
  retries: 1,
  series: {
    windowSeconds: 60,
    windows: [...[400, 800, 1200, 1600, 2000, 1600, 1600, 800].entries()].map(([at, requests]) =>
      window(at < 4 ? at : at + 2, requests),
    ),
  },
  files: [
    {
      file: "access.log",
      sizeBytes: 1_000_000,
      format: "combined",
      lines: 10_040,
      unparsed: 16,
      problem: null,
    },
    {
      file: "old.gz",
      sizeBytes: 9,
      format: null,
      lines: 0,
      unparsed: 0,
      problem: { code: "missing", message: "does not exist" },
    },
  ],
  failures: [
    { file: "access.log", reason: "wrong_layout", text: "\u0016\u0003\u0001 a TLS hello" },
    { file: "access.log", reason: "bad_time", text: "192.0.2.7 - - [31/Feb/2026] x" },
  ],
};
