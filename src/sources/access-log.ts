import { z } from "zod";
import { FileSet } from "../access-log/follow/file-set.ts";
import { followingMetrics } from "../access-log/follow/following-metrics.ts";
import type { LineInput } from "../access-log/follow/line-input.ts";
import { followLog } from "../access-log/follow-log.ts";
import { parseSourceFormat } from "../access-log/parse-source-format.ts";
import { createZoneClock } from "../access-log/format/zone-clock.ts";
import { fromPythonPattern } from "../access-log/scan/compile-pattern.ts";
import type { GroupRuleSpec } from "../access-log/scan/log-scanner.ts";
import { SyslogInput, type SyslogOptions } from "../access-log/syslog/syslog-input.ts";
import { syslogMetrics } from "../access-log/syslog/syslog-metrics.ts";
import { windowMetrics } from "../access-log/window/window-metrics.ts";
import { parseUserPattern } from "../core/user-pattern.ts";
import { defineSource } from "../core/component.ts";
import { duration } from "../core/options.ts";
import { fileOptions, toFileSetOptions } from "./_access-log-files.ts";
import { ownMetrics, where } from "./_access-log-metrics.ts";
import { toSpec } from "./_access-log-spec.ts";
import { syslog, toSyslogTarget } from "./_access-log-syslog.ts";

const line =
  '192.0.2.7 - ann [10/Oct/2026:13:55:36 +0000] "GET /api/cart/add?id=7 HTTP/1.1" 200 512';
/** What following says of itself when all is read. */
const atEnd = [
  { name: "watchpost_log_lag_bytes", value: 0 },
  { name: "watchpost_log_lag_seconds", value: 0 },
  { name: "watchpost_log_open_files", value: 1 },
];
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
  options: z
    .strictObject({
      ...fileOptions,
      files: fileOptions.files.optional().transform((files) => files ?? []),
      syslog: syslog()
        .optional()
        .describe(
          "Takes the lines from syslog messages instead of files: HAProxy's, without a daemon in " +
            "between. What comes cannot be read again: see the guide on HAProxy's logs by syslog.",
        ),
      format: z
        .string()
        .default("combined")
        .superRefine(checkFormat)
        .describe(
          "Form of the lines: the server's own format directive as it stands in its configuration, " +
            "or a name, such as `combined`, `vhost_combined`, `haproxy-http`, `w3c` or `json`. With " +
            "`common` and `combined`, a number behind the last field is the duration.",
        ),
      durationUnit: z
        .enum(["s", "ms", "us"])
        .optional()
        .describe(
          "Unit of the duration where the format does not say it, and behind `common` and " +
            "`combined`, where it is `s` otherwise: `us` for Apache's `%D`.",
        ),
      timeZone: z
        .string()
        .refine(
          (zone) => createZoneClock(zone) !== undefined,
          "is no time zone; write Europe/Berlin",
        )
        .optional()
        .describe(
          "Zone of times that are logged without one, such as `Europe/Berlin`; else UTC. Which of " +
            "the two hours of an autumn night is meant is told by the lines before.",
        ),
      where: where()
        .optional()
        .describe(
          'Counts only lines for which this holds: `status >= 500 and not agent ~ "bot"`. The others ' +
            "are counted as filtered.",
        ),
      groups: z
        .array(groupRule())
        .default([])
        .describe(
          "Rules that name the group a request is counted under, tried in order on its target " +
            "without the query string. Requests without a match are `(ungrouped)`; of more than 200 " +
            "groups, the later ones are `(other)`.",
        ),
      renames: z
        .array(
          z.strictObject({
            match: pattern().describe("Regular expression, searched in the target."),
            group: z.string().describe("Name of the group, instead of the one a rule gave."),
            method: z.string().optional().describe("Second part of the name, behind a slash."),
          }),
        )
        .optional()
        .describe("Rules that rename requests which a rule has named; the first that matches."),
      skip: z
        .array(pattern())
        .optional()
        .describe(
          "Requests that no rule names and one of these matches are left out of everything.",
        ),
      deleted: pattern().optional().describe("What is deleted from the names of groups: `[.-]`."),
      templates: z
        .boolean()
        .optional()
        .describe(
          "Counts requests that no rule names under a template of their path: `/users/123` under " +
            "`/users/{id}`.",
        ),
      patterns: z
        .array(
          z.strictObject({
            name: z.string().min(1).describe("Label `pattern` of its metrics."),
            match: z
              .array(pattern())
              .min(1)
              .describe("The first that matches counts; `(?<pattern>…)` is the text that counts."),
          }),
        )
        .optional()
        .describe("Texts in targets, such as user ids: how often, and how many different."),
      metrics: ownMetrics()
        .optional()
        .describe(
          "Measurements of one's own, by name: they are `log_metric_total` and so on, with the name " +
            "as label `metric`. At most 20.",
        ),
      clients: z
        .enum(["keep", "anonymise"])
        .default("keep")
        .describe("`anonymise`: addresses are cut to their network before they are counted."),
      slow: duration()
        .optional()
        .describe("Requests that take this long or longer are counted as slow."),
      exactDurations: z
        .boolean()
        .optional()
        .describe(
          "Keeps up to 40 000 different durations of a group and window as they are, not 64, so that " +
            "percentiles are exact. Takes memory and space in the journal.",
        ),
      lateness: duration()
        .refine((ms) => ms <= latenessMsMax, "is more than 10 minutes; write 10m or less")
        .prefault("1s")
        .describe(
          "How long after its end a window waits for lines that come out of order. A request counts " +
            "when it ended, so that slow ones are not late. A line that comes later still counts in " +
            "the oldest open window, and in `watchpost_late_lines_total`. Longer for a server that " +
            "holds lines back: nginx with `buffer=` by its `flush=`.",
        ),
    })
    .superRefine(checkWayIn),
  target: ({ files, syslog: given }) =>
    given === undefined ? files.join(", ") : toSyslogTarget(given),
  metrics: { ...windowMetrics, ...followingMetrics, ...syslogMetrics },
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
          { name: "log_lines_total", labels: { outcome: "parsed" }, value: 2 },
          { name: "log_lines_total", labels: { outcome: "unparsed" }, value: 1 },
          { name: "log_lines_total", labels: { outcome: "too_long" }, value: 0 },
          { name: "log_lines_total", labels: { outcome: "ungrouped" }, value: 1 },
          {
            name: "log_unparsed_lines_total",
            labels: { reason: "wrong_layout" },
            value: 1,
          },
          ...atEnd,
        ],
      ],
    },
    {
      title: "Measurements of one's own",
      options: {
        files: "/var/log/nginx/shop.log",
        from: "start",
        metrics: {
          failures: { kind: "count", where: "status >= 500", labels: ["method"] },
          sent: { kind: "count", field: "bytes" },
          slowness: { kind: "distribution", field: "duration", labels: ["status"] },
          buyers: { kind: "distinct", field: "user", where: 'target ~ "^/api/cart"' },
        },
      },
      given: { now: "2026-10-10T13:55:39Z", files: { "/var/log/nginx/shop.log": busyLog } },
      expect: [
        [
          {
            name: "http_requests_total",
            labels: { group: "(ungrouped)", status: "200" },
            value: 1,
          },
          {
            name: "http_requests_total",
            labels: { group: "(ungrouped)", status: "408" },
            value: 1,
          },
          {
            name: "http_requests_total",
            labels: { group: "(ungrouped)", status: "500" },
            value: 1,
          },
          {
            name: "http_request_duration_seconds",
            labels: { group: "(ungrouped)" },
            value: { count: 3, sum: 1.75 },
          },
          { name: "http_response_bytes_total", labels: { group: "(ungrouped)" }, value: 512 },
          { name: "http_clients", value: 3 },
          { name: "log_metric_total", labels: { metric: "failures", method: "GET" }, value: 1 },
          { name: "log_metric_bytes_total", labels: { metric: "sent" }, value: 512 },
          {
            name: "log_metric_seconds",
            labels: { metric: "slowness", status: "200" },
            value: { count: 1, sum: 0.25 },
          },
          {
            name: "log_metric_seconds",
            labels: { metric: "slowness", status: "500" },
            value: { count: 1, sum: 1.5 },
          },
          {
            name: "log_metric_seconds",
            labels: { metric: "slowness", status: "408" },
            value: { count: 1, sum: 0 },
          },
          { name: "log_metric_distinct", labels: { metric: "buyers" }, value: 1 },
          { name: "log_lines_total", labels: { outcome: "parsed" }, value: 3 },
          { name: "log_lines_total", labels: { outcome: "unparsed" }, value: 1 },
          { name: "log_lines_total", labels: { outcome: "too_long" }, value: 0 },
          { name: "log_unparsed_lines_total", labels: { reason: "wrong_layout" }, value: 1 },
          ...atEnd,
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
          ...atEnd,
        ],
        [
          {
            name: "http_requests_total",
            labels: { group: "(ungrouped)", status: "200" },
            value: 0,
          },
          { name: "http_response_bytes_total", labels: { group: "(ungrouped)" }, value: 0 },
          { name: "http_clients", value: 0 },
          { name: "log_lines_total", labels: { outcome: "parsed" }, value: 0 },
          { name: "log_lines_total", labels: { outcome: "unparsed" }, value: 0 },
          { name: "log_lines_total", labels: { outcome: "too_long" }, value: 0 },
          ...atEnd,
        ],
      ],
    },
  ],

  follow({ lateness, ...options }, context) {
    const given = toFileSetOptions(options);
    const open = (saved: unknown): LineInput =>
      options.syslog === undefined
        ? new FileSet(given, context.files, saved)
        : new SyslogInput(options.syslog, context.network, saved);
    const { lineMaxBytes } = given;
    const spec = toSpec(options);
    return followLog({ open, spec, latenessMs: lateness, lineMaxBytes }, context);
  },
});

/** Every open window takes memory, and space in the journal with each batch. */
const latenessMsMax = 600_000;

interface GivenWayIn {
  readonly files: readonly string[];
  readonly syslog?: SyslogOptions | undefined;
  readonly backfill?: boolean | undefined;
  readonly lineMax?: number | undefined;
}

/** Files or syslog, and nothing that only one of them knows. */
function checkWayIn(given: GivenWayIn, context: z.RefinementCtx): void {
  const add = (path: string, message: string): void =>
    context.addIssue({ code: "custom", path: [path], message });
  if (given.syslog === undefined) {
    if (given.files.length === 0) {
      add("files", "is missing; name the log file, or let the server send to `syslog`");
    }
    return;
  }
  if (given.files.length > 0) {
    add(
      "syslog",
      "stands beside `files`; a source reads one of the two, so make two sources of it",
    );
  }
  for (const key of ["backfill", "lineMax"] as const) {
    if (given[key] !== undefined) {
      add(key, "is for files, and means nothing beside `syslog`; leave it out");
    }
  }
}

function checkFormat(text: string, context: z.RefinementCtx): void {
  const { problem } = parseSourceFormat(text);
  if (problem !== undefined) {
    context.addIssue({ code: "custom", message: problem });
  }
}

/** A text that core/user-pattern.ts takes as a regular expression. */
function pattern(): z.ZodString {
  return z.string().superRefine((text, context) => {
    const { problem } = parseUserPattern(fromPythonPattern(text));
    if (problem !== undefined) {
      context.addIssue({ code: "custom", message: problem });
    }
  });
}

/** `{ match, group? }`, which names a group one way or the other. */
function groupRule(): z.ZodType<GroupRuleSpec, { match: string; group?: string | undefined }> {
  const shape = z.strictObject({
    match: pattern().describe(
      "Regular expression, case-sensitive and not anchored; the parts `(?<group>…)` and " +
        "`(?<method>…)` name the group, as `group/method`.",
    ),
    group: z.string().min(1).optional().describe("Name of the group, instead of `(?<group>…)`."),
  });
  return shape.transform(({ match, group }, context) => {
    if (group === undefined && !/\(\?P?<(?:group|method)>/.test(match)) {
      const message = "names no group; add `group: name`, or a part (?<group>…) to it";
      context.addIssue({ code: "custom", path: ["match"], message });
      return z.NEVER;
    }
    return { match, ...(group !== undefined && { group }) };
  });
}
