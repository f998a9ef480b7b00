// Kinds and a rule for the tests of this folder: one of every construct that real components use.
import { z } from "zod";
import { defineOutput, defineSource } from "../core/component.ts";
import { duration, oneOrMore, secret, size, threshold } from "../core/options.ts";
import type { ConfigParts } from "./config.ts";

const http = defineSource({
  name: "http",
  summary: "Requests a URL and looks at the answer.",
  every: "30s",
  check: true,
  metrics: {
    check_up: { kind: "gauge", help: "1 while it is up." },
    check_duration_seconds: { kind: "gauge", help: "How long it took.", labels: ["phase"] },
  },
  options: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).describe("Address that is requested."),
    method: z.enum(["GET", "HEAD", "POST"]).default("GET").describe("Method of the request."),
    timeout: duration().default(10_000).describe("How long to wait for the answer."),
    username: z.string().optional().describe("User for basic authentication."),
    password: secret().optional().describe("Password for basic authentication."),
    follow: z.boolean().default(true).describe("Follows redirections."),
    expect: z
      .strictObject({
        status: oneOrMore(z.union([z.int().min(100).max(599), z.string()])).optional(),
        body: z.string().min(1).optional().describe("Text that the answer must hold."),
        limit: size()
          .default(1024 * 1024)
          .describe("The most that is read of the answer."),
      })
      .prefault({})
      .describe("What a good answer looks like."),
  }),
  examples: [{ title: "Nothing", options: { url: "" }, given: {}, expect: [] }],
  observe: () => Promise.reject(new Error("is never run")),
});

const accessLog = defineSource({
  name: "access-log",
  summary: "Reads access logs.",
  every: "10s",
  metrics: {
    http_requests_total: { kind: "count", help: "Requests.", labels: ["group", "status"] },
    http_bytes_total: { kind: "count", help: "Bytes." },
    http_request_duration_seconds: { kind: "distribution", help: "Their durations." },
    "log_*": { kind: "count", help: "What patterns found." },
    http_paths: { kind: "top", help: "The paths asked for most." },
  },
  options: z.strictObject({
    files: oneOrMore(z.string().min(1)).describe("Files to read."),
    format: z.string().describe("Format of a line."),
    groups: z
      .array(z.strictObject({ match: z.string(), name: z.string().optional() }))
      .default([])
      .describe("Rules that name requests."),
    weights: z.record(z.string(), z.number().min(0)).optional().describe("Weights of groups."),
    from: z
      .discriminatedUnion("at", [
        z.strictObject({ at: z.literal("end") }),
        z.strictObject({ at: z.literal("start"), lines: z.int().min(1) }),
      ])
      .optional()
      .describe("Where to begin in a file that was never read."),
  }),
  examples: [{ title: "Nothing", options: { files: "", format: "" }, given: {}, expect: [] }],
  observe: () => Promise.reject(new Error("is never run")),
});

const graylog = defineOutput({
  name: "gelf",
  summary: "Sends to Graylog.",
  options: z.strictObject({
    host: z.string().describe("Host of the input."),
    port: z.int().min(1).max(65_535).default(12_201).describe("Its port."),
    keys: z.array(secret()).default([]).describe("Keys that are sent along."),
  }),
  examples: [{ title: "Nothing", options: { host: "" }, batches: [], expect: {} }],
  open: () => Promise.reject(new Error("is never opened")),
});

const stdout = defineOutput({
  name: "stdout",
  summary: "Prints.",
  options: z.strictObject({}),
  examples: [{ title: "Nothing", options: {}, batches: [], expect: {} }],
  open: () => Promise.reject(new Error("is never opened")),
});

const rule = z
  .strictObject({
    source: z.string().optional().describe("Source to watch."),
    service: z.string().optional().describe("Service to watch."),
    metric: z.string().describe("Metric to judge."),
    labels: z.record(z.string(), z.string()).optional().describe("Labels to count."),
    by: z.array(z.string()).optional().describe("Labels to tell apart."),
    over: duration().optional().describe("Length of the window."),
    quantile: z.number().optional().describe("Which quantile to compare."),
    of: z
      .strictObject({
        metric: z.string().optional().describe("Metric to divide by."),
        labels: z.record(z.string(), z.string()).optional().describe("Which of its series."),
      })
      .optional()
      .describe("Judges the share of this."),
    baseline: duration().optional().describe("The time before, to compare with."),
    minimum: z.int().optional().describe("How many observations it takes."),
    above: threshold().optional().describe("Fires at or above this."),
    below: threshold().optional().describe("Fires at or below this."),
    clear: threshold().optional().describe("Clears here."),
  })
  .refine(({ above, below }) => above !== undefined || below !== undefined, {
    message: "has no threshold; write either above or below",
  });

export const sampleParts: ConfigParts<typeof rule> = {
  sources: [http, accessLog],
  outputs: [graylog, stdout],
  rule,
};

export const sampleText = `# yaml-language-server: $schema=./watchpost.schema.json
node: { name: hub-1 }
log: { level: info, console: true, file: /var/log/watchpost.log }
data: ./kept
retention:
  journal: { age: 3d, size: 512 MiB }
  history: { 10s: 1d }
server: { listen: 127.0.0.1:9090, hosts: Watchpost.example.org }
sources:
  shop:
    kind: access-log
    service: shop
    files: /var/log/nginx/shop*.log
    format: '$remote_addr - $remote_user [$time_local] "$request" $status'
    every: 5s
    groups: [{ match: '^/api/(?<group>\\w+)' }]
    outputs: graylog1
  home: &home
    kind: http
    service: shop
    url: https://shop.example/
    password: { env: HOME_PASSWORD }
    expect: { status: [200, 301-302], body: "Add to basket" }
  cart: { <<: *home, url: https://shop.example/cart }
outputs:
  graylog1:
    kind: gelf
    host: graylog.example
    only: [http_*, check_up]
    except: http_slow_requests_total
    labels: { site: berlin }
    keys: [{ file: gelf.key }]
  screen: { kind: stdout }
rules:
  high-traffic: { source: shop, metric: http_requests_total, over: 2m, above: 30/s }
  down: { service: shop, metric: check_up, below: 1 }
`;
