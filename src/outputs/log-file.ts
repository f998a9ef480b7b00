import { z } from "zod";
import { toInstant } from "../core/batch-json.ts";
import type { Batch } from "../core/batch.ts";
import { defineOutput } from "../core/component.ts";
import { filePath } from "../core/options.ts";
import { exampleBatch } from "./_example-batch.ts";
import {
  type BackendTotals,
  type HaproxyBackend,
  countSessions,
  createBackendTotals,
  readBackends,
} from "./_haproxy-backends.ts";
import { haproxyExampleBatch } from "./_haproxy-example-batch.ts";
import { openRotatingFile } from "./_rotating-file.ts";
import { toRows } from "./_rows.ts";

const options = z.strictObject({
  path: filePath().describe(
    "File to append to; created when absent, and again once it was rotated away.",
  ),
  format: z
    .enum(["json", "haproxysessionmon"])
    .default("json")
    .describe(
      "`json`: one JSON object for each set of labels, top and event. `haproxysessionmon`: one line " +
        "of tab-separated values for each backend of an HAProxy, and nothing of other sources.",
    ),
  sync: z
    .enum(["never", "batch"])
    .default("never")
    .describe(
      "`batch` waits after each write until it would survive a power cut; `never` leaves that to the system.",
    ),
  timezone: z
    .enum(["local", "utc"])
    .default("local")
    .describe("Of the times in the format haproxysessionmon; JSON has UTC."),
  sessions: z
    .enum(["current", "rate"])
    .default("current")
    .describe(
      "What `sessions` of a backend are: those that are open, or those that began in the last second, " +
        "as haproxysessionmon counted.",
    ),
  endpoints: z
    .record(z.string(), z.string())
    .default({})
    .describe("What stands in the column `endpoint`, by source; `-` where it is not named."),
});

type LogFileOptions = z.output<typeof options>;

const topEntriesMax = 20;

const columns =
  "server_id endpoint backend sessions queued_sessions active_backends http_4xx http_5xx";

export const logFile = defineOutput({
  name: "log-file",
  summary: "Appends measurements to a log file, line by line.",
  options,
  examples: [
    {
      title: "JSON lines",
      options: { path: "/var/log/watchpost.log" },
      batches: [exampleBatch],
      expect: {
        files: {
          "/var/log/watchpost.log": [
            '{"time":"2026-11-20T16:00:10.000Z","source":"shop","service":"web","seconds":10,"labels":{"group":"api","status":"200"},"metrics":{"http_requests_total":2}}\n',
            '{"time":"2026-11-20T16:00:10.000Z","source":"shop","service":"web","seconds":10,"labels":{"group":"api"},"metrics":{"http_request_duration_seconds_count":2,"http_request_duration_seconds_sum":0.75,"http_request_duration_seconds_min":0.25,"http_request_duration_seconds_max":0.5,"http_request_duration_seconds_p50":0.25,"http_request_duration_seconds_p90":0.5,"http_request_duration_seconds_p99":0.5}}\n',
            '{"time":"2026-11-20T16:00:10.000Z","source":"shop","service":"web","seconds":10,"labels":{},"metrics":{"check_up":1}}\n',
          ].join(""),
        },
      },
    },
    {
      title: "The format of haproxysessionmon",
      options: {
        path: "/var/log/haproxy-sessions.log",
        format: "haproxysessionmon",
        timezone: "utc",
        endpoints: { "lb-1": "http://lb-1:8404/haproxy?stats;csv" },
      },
      batches: [haproxyExampleBatch],
      expect: {
        files: {
          "/var/log/haproxy-sessions.log": [
            "2026-01-01 00:00:00,000\t[Logfile backend started]\n",
            `2026-01-01 00:00:00,000\t${columns.replaceAll(" ", "\t")}\n`,
            "2026-11-20 14:32:05,661\tlb-1\thttp://lb-1:8404/haproxy?stats;csv\tapp\t3\t2\t1\t11\t12\n",
          ].join(""),
        },
      },
    },
  ],

  async open(given, { files, now }) {
    const { path, format, sync } = given;
    const isOld = format === "haproxysessionmon";
    const totals = createBackendTotals();
    const head = isOld ? { toHead: () => toBanner(toTimeText(now(), given)) } : {};
    const file = await openRotatingFile({ path, isSynced: sync === "batch", ...head }, files);
    return {
      async write(batches) {
        totals.begin();
        const lines = batches.flatMap((batch) =>
          isOld ? toBackendLines(given, totals, batch) : toJsonLines(batch),
        );
        if (lines.length > 0) {
          await file.append(lines.map((line) => `${line}\n`).join(""));
        }
        totals.keep();
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    };
  },
});

function toJsonLines(batch: Batch): readonly string[] {
  const { source, service, from, to, partial, backfill } = batch;
  const head = { time: toInstant(to), source, service };
  const window = { seconds: (to - from) / 1000 };
  const marks = { ...(partial && { partial }), ...(backfill && { backfill }) };
  const lines = [
    ...toRows(batch).map(({ labels, fields }) => {
      return { ...head, ...window, ...marks, labels, metrics: Object.fromEntries(fields) };
    }),
    ...batch.tops.map(({ name, labels, value }) => {
      const { total } = value;
      return {
        ...head,
        ...window,
        ...marks,
        labels,
        top: name,
        total,
        entries: value.entries(topEntriesMax),
      };
    }),
    ...batch.events.map(({ at, name, labels, text }) => {
      return { ...head, time: toInstant(at), labels, event: name, text };
    }),
  ];
  return lines.map((line) => JSON.stringify(line));
}

function toBanner(time: string): string {
  return `${time}\t[Logfile backend started]\n${time}\t${columns.replaceAll(" ", "\t")}\n`;
}

function toBackendLines(
  given: LogFileOptions,
  totals: BackendTotals,
  batch: Batch,
): readonly string[] {
  const time = toTimeText(batch.to, given);
  const endpoint = given.endpoints[batch.source] ?? "-";
  return readBackends(batch).map((backend) => {
    const values = toValues(totals.total(batch.source, backend), given);
    return [time, batch.source, endpoint, backend.name, ...values].map(toCell).join("\t");
  });
}

function toValues(backend: HaproxyBackend, { sessions }: LogFileOptions): readonly number[] {
  const { queuedSessions, activeServers, http4xx, http5xx } = backend;
  return [countSessions(backend, sessions), queuedSessions, activeServers, http4xx, http5xx];
}

function toCell(value: string | number): string {
  return String(value).replaceAll(/[\t\r\n]/g, " ");
}

/** `2026-11-20 14:30:55,276` */
function toTimeText(ms: number, { timezone }: LogFileOptions): string {
  const offsetMs = timezone === "utc" ? 0 : new Date(ms).getTimezoneOffset() * 60_000;
  const [date, time = ""] = toInstant(ms - offsetMs).split("T");
  return `${date} ${time.slice(0, -1).replace(".", ",")}`;
}
