import { z } from "zod";
import { followLog } from "../access-log/follow-log.ts";
import { createCombinedParser } from "../access-log/format/combined-parser.ts";
import type { GroupRule } from "../access-log/grouping.ts";
import { parseUserPattern } from "../core/user-pattern.ts";
import { windowMetrics } from "../access-log/window/to-observation.ts";
import { defineSource } from "../core/component.ts";
import { duration } from "../core/options.ts";

const durationDivisors = { s: 1, ms: 1000, us: 1_000_000 };

const line =
  '192.0.2.7 - ann [10/Oct/2026:13:55:36 +0000] "GET /api/cart/add?id=7 HTTP/1.1" 200 512';
const agent = '"https://shop.example/" "Mozilla/5.0"';
const busyLog = [
  `${line} ${agent} 0.250`,
  `${line.replace("192.0.2.7", "2001:db8::9").replace("200 512", "500 -")} ${agent} 1.5`,
  `192.0.2.8 - - [10/Oct/2026:13:55:38 +0000] "-" 408 0 "-" "-" 0.000`,
  "not a line of this format",
  "",
].join("\n");

export const accessLog = defineSource({
  name: "access-log",
  summary: "Follows the access log of a web server and measures its requests.",
  every: "10s",
  options: z.strictObject({
    files: z
      .string()
      .min(1)
      .refine((path) => !/[*?[\]{}]/.test(path), "names one file for now; write its plain path")
      .describe("Path of the log file. It may be renamed, replaced or truncated at any time."),
    format: z
      .enum(["common", "combined"])
      .default("combined")
      .describe(
        "Form of the lines, by the name that Apache gives it; nginx's default is `combined`. " +
          "A number behind the last field is the duration of the request.",
      ),
    durationUnit: z
      .enum(["s", "ms", "us"])
      .default("s")
      .describe("Unit of that number: `s` for nginx's `$request_time`, `us` for Apache's `%D`."),
    groups: z
      .array(groupRule())
      .default([])
      .describe(
        "Rules that name the group a request is counted under, tried in order on its target " +
          "without the query string. Requests without a match are `(ungrouped)`; of more than 200 " +
          "groups, the later ones are `(other)`.",
      ),
    slow: duration()
      .optional()
      .describe("Requests that take this long or longer are counted as slow."),
    from: z
      .enum(["end", "start"])
      .default("end")
      .describe(
        "Where to begin in the file at the very first start. Afterwards every line is counted " +
          "exactly once.",
      ),
  }),
  metrics: windowMetrics,
  examples: [
    {
      title: "Requests by group and status",
      options: {
        files: "/var/log/nginx/shop.log",
        from: "start",
        slow: "1s",
        groups: [{ match: "^/api/(?<group>\\w+)/(?<method>\\w+)" }],
      },
      given: { now: "2026-10-10T13:55:39Z", files: { "/var/log/nginx/shop.log": busyLog } },
      expect: [
        [
          { name: "http_requests_total", labels: { group: "cart/add", status: "200" }, value: 1 },
          { name: "http_requests_total", labels: { group: "cart/add", status: "500" }, value: 1 },
          {
            name: "http_request_duration_seconds",
            labels: { group: "cart/add" },
            value: { count: 2, sum: 1.75 },
          },
          { name: "http_response_bytes_total", labels: { group: "cart/add" }, value: 512 },
          { name: "http_slow_requests_total", labels: { group: "cart/add" }, value: 1 },
          {
            name: "http_requests_total",
            labels: { group: "(ungrouped)", status: "408" },
            value: 1,
          },
          {
            name: "http_request_duration_seconds",
            labels: { group: "(ungrouped)" },
            value: { count: 1, sum: 0 },
          },
          { name: "http_response_bytes_total", labels: { group: "(ungrouped)" }, value: 0 },
          { name: "http_slow_requests_total", labels: { group: "(ungrouped)" }, value: 0 },
          { name: "http_clients", value: 3 },
          { name: "log_lines_total", labels: { outcome: "parsed" }, value: 3 },
          { name: "log_lines_total", labels: { outcome: "unparsed" }, value: 1 },
          { name: "log_lines_total", labels: { outcome: "too_long" }, value: 0 },
        ],
      ],
    },
    {
      title: "A log that grows, then falls silent",
      options: { files: "/var/log/apache2/access.log", format: "common" },
      given: {
        now: "2026-10-10T13:55:30Z",
        files: { "/var/log/apache2/access.log": `${line.replace(":36", ":29")}\n` },
        appended: [{ afterMs: 6200, path: "/var/log/apache2/access.log", text: `${line}\n` }],
      },
      expect: [
        [
          {
            name: "http_requests_total",
            labels: { group: "(ungrouped)", status: "200" },
            value: 1,
          },
          { name: "http_response_bytes_total", labels: { group: "(ungrouped)" }, value: 512 },
          { name: "http_clients", value: 1 },
          { name: "log_lines_total", labels: { outcome: "parsed" }, value: 1 },
          { name: "log_lines_total", labels: { outcome: "unparsed" }, value: 0 },
          { name: "log_lines_total", labels: { outcome: "too_long" }, value: 0 },
        ],
        [
          { name: "http_clients", value: 0 },
          { name: "log_lines_total", labels: { outcome: "parsed" }, value: 0 },
          { name: "log_lines_total", labels: { outcome: "unparsed" }, value: 0 },
          { name: "log_lines_total", labels: { outcome: "too_long" }, value: 0 },
        ],
      ],
    },
  ],

  follow({ files, format, durationUnit, groups, slow, from }, context) {
    const durationDivisor = durationDivisors[durationUnit];
    const parser = createCombinedParser({ name: format, durationDivisor });
    return followLog({ path: files, from, parser, groups, slowMs: slow }, context);
  },
});

/** `{ match, group? }` → a compiled rule. */
function groupRule(): z.ZodType<GroupRule, { match: string; group?: string | undefined }> {
  const shape = z.strictObject({
    match: z
      .string()
      .describe(
        "Regular expression, case-sensitive and not anchored; the parts `(?<group>…)` and " +
          "`(?<method>…)` name the group, as `group/method`.",
      ),
    group: z.string().min(1).optional().describe("Name of the group, instead of `(?<group>…)`."),
  });
  return shape.transform(({ match, group }, context) => {
    const { pattern, problem } = parseUserPattern(match);
    if (pattern === undefined) {
      context.addIssue({ code: "custom", path: ["match"], message: problem });
      return z.NEVER;
    }
    if (group === undefined && !/\(\?<(?:group|method)>/.test(match)) {
      const message = "names no group; add `group: name`, or a part (?<group>…) to it";
      context.addIssue({ code: "custom", path: ["match"], message });
      return z.NEVER;
    }
    return { pattern, group };
  });
}
