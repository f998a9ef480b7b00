import { z } from "zod";
import { type Batch, isTick } from "../core/batch.ts";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { defineOutput } from "../core/component.ts";
import { Distinct } from "../core/distinct.ts";
import { Distribution } from "../core/distribution.ts";
import { Corrupt } from "../core/errors.ts";
import { duration } from "../core/options.ts";
import { type Sample, count } from "../core/sample.ts";
import { parseUserPattern } from "../core/user-pattern.ts";
import { ElfstatsLog, type EndedRound } from "../access-log/elfstats/elfstats-log.ts";
import { toElfstatsNaming, toElfstatsStyle } from "../access-log/elfstats/elfstats-style.ts";
import { toElfstatsText } from "../access-log/elfstats/elfstats-text.ts";
import { exampleBatch } from "./_example-batch.ts";
import { localTimeZone } from "../core/local-time.ts";

const options = z.strictObject({
  reports: z
    .record(z.string(), z.string().min(1))
    .refine((reports) => Object.keys(reports).length > 0, "names no source; write ID: PATH")
    .describe("Path of the report, by the id of the source that reads the log."),
  interval: duration()
    .refine((ms) => ms >= 1000 && ms % 1000 === 0, "must be whole seconds")
    .default(300_000)
    .describe("How often reports are written, and how long they look back."),
  stalled: duration()
    .default(100_000)
    .describe("Calls that take longer are stalled. Whole milliseconds are compared."),
  percentiles: z
    .array(z.int().min(0).max(100))
    .default([50, 90, 99])
    .describe("Which percentiles are in the report."),
  codes: z
    .array(z.int().min(0).max(999))
    .default([200, 404, 500])
    .describe("Codes that are in the report also before they are seen."),
  deleted: z
    .string()
    .superRefine((text, context) => {
      const { problem } = parseUserPattern(text);
      if (problem !== undefined) {
        context.addIssue({ code: "custom", message: problem });
      }
    })
    .default("")
    .describe("Regular expression; whatever matches it is deleted from `group_method`."),
  durations: z
    .enum(["whole", "seconds"])
    .default("whole")
    .describe(
      "How the log has them: in whole microseconds or milliseconds, each rounded to the nearest millisecond; or in " +
        "seconds with a fraction, of which elfstatsd lost a millisecond where a float cannot hold it (1.001 s is 1000).",
    ),
  filtered: z
    .enum(["left_out", "error"])
    .default("left_out")
    .describe("What lines are that the source's `where` does not want."),
  zeros: z
    .enum(["U", "0"])
    .default("U")
    .describe("What stands for zero: `U`, Munin's word for unknown, as in elfstatsd, or `0`."),
  version: z.string().default("v1.18.8").describe("What stands behind `daemon_version`."),
  timezone: localTimeZone(),
});

type ElfstatsOptions = z.output<typeof options>;

const formatVersion = 1;

const durations = new Distribution();
[0.001, 0.001, 0.0034, 2].forEach((seconds) => durations.add(seconds));
const users = new Distinct();
["u1", "u2"].forEach((key) => users.add(key));

const group = "svc/call";
const samples: readonly Sample[] = [
  count("http_requests_total", 2, { group, status: "200" }),
  count("http_requests_total", 1, { group, status: "404" }),
  count("http_requests_total", 1, { group, status: "500" }),
  {
    kind: "distribution",
    name: "http_request_duration_seconds",
    labels: { group },
    value: durations,
  },
  count("http_requests_total", 1, { group: "(ungrouped)", status: "200" }),
  count("log_lines_total", 4, { outcome: "parsed" }),
  count("log_lines_total", 4, { outcome: "unparsed" }),
  count("log_lines_total", 2, { outcome: "skipped" }),
  count("log_matches_total", 0, { pattern: "never" }),
  count("log_matches_total", 3, { pattern: "Uid" }),
  { kind: "distinct", name: "log_matches_distinct", labels: { pattern: "Uid" }, value: users },
];

const first: Batch = { ...exampleBatch, to: exampleBatch.from + 1000, samples };
const last: Batch = { ...first, seq: 8, from: first.from + 299_000, to: first.from + 300_000 };

export const elfstatsReport = defineOutput({
  name: "elfstats-report",
  summary: "Writes the reports of elfstatsd, one file for each access log.",
  ticks: true,
  needs: ({ reports }) => ({
    metric: "http_requests_total",
    everyMsMax: 10_000,
    sources: Object.keys(reports),
  }),
  options,
  examples: [
    {
      title: "A report for elfstats-munin",
      options: { reports: { shop: "/var/lib/elfstats/shop" }, timezone: "utc", deleted: "[.-]" },
      batches: [first, { ...last, samples: [] }],
      expect: {
        files: {
          "/var/lib/elfstats/shop": `[method_svc_call]
calls = 4
stalled_calls = U
shortest = 1
longest = 2000
average = 501
p50 = 2
p90 = 1401
p99 = 1940
rc200 = 2
rc404 = 1
rc500 = 1

[metadata]
daemon_invoked = 2026-11-20 16:05:00
daemon_version = v1.18.8
daemon_worked = 0.0 sec
first_record = 2026-11-20 16:00:00
last_record = 2026-11-20 16:00:00

[patterns]
uid.total = 3
uid.distinct = 2
never.total = U
never.distinct = U

[records]
error = 5
parsed = 4
skipped = 2
total = 11

[response_codes]
rc200 = 2
rc404 = 1
rc500 = 1

`,
        },
      },
    },
  ],

  async open(given, { files, monotonic, report, state }) {
    const style = toElfstatsStyle(given);
    const { logs, seqs } = readState(state, given);
    /** What is not in its file yet, by source. */
    const pending = new Map<string, string>();
    return {
      async write(batches) {
        const startedAt = monotonic();
        const ended = new Map<string, EndedRound>();
        for (const batch of batches) {
          if (batch.seq > (seqs.get(batch.source) ?? 0)) {
            seqs.set(batch.source, batch.seq);
            addTo(logs, batch, ended);
          }
        }
        for (const [source, { window, startedAt: roundAt }] of ended) {
          const { seen } =
            logs.get(source) ?? new ElfstatsLog(given.interval, toElfstatsNaming(given));
          const round = { startedAt: roundAt, workedMs: monotonic() - startedAt };
          pending.set(source, toElfstatsText(window, seen, round, style));
          report(window.isExact ? undefined : toDoubt(source));
        }
        for (const [source, text] of pending) {
          await files.replace(given.reports[source] ?? "", text);
          pending.delete(source);
        }
      },
      state: () => writeState(logs, seqs),
    };
  },
});

function toDoubt(source: string): string {
  return `the source ${source} did not keep every duration or text, so that percentiles or distinct counts are estimates`;
}

function addTo(
  logs: ReadonlyMap<string, ElfstatsLog>,
  batch: Batch,
  ended: Map<string, EndedRound>,
): void {
  const own = logs.get(batch.source);
  const meant = own === undefined ? [...logs] : [[batch.source, own] as const];
  if (own === undefined && !isTick(batch)) {
    return;
  }
  for (const [source, log] of meant) {
    const round = log.add(batch);
    if (round !== undefined) {
      ended.set(source, round);
    }
  }
}

interface State {
  readonly logs: Map<string, ElfstatsLog>;
  /** The last batch of each source that was taken: what is offered again after a failure counts once. */
  readonly seqs: Map<string, number>;
}

function writeState(logs: State["logs"], seqs: State["seqs"]): Uint8Array {
  const out = new ByteWriter(4096);
  out.byte(formatVersion);
  out.varint(seqs.size);
  for (const [source, seq] of seqs) {
    out.text(source);
    out.varint(seq);
  }
  out.varint(logs.size);
  for (const [source, log] of logs) {
    out.text(source);
    log.write(out);
  }
  return out.finish();
}

/** Logs without a report are dropped, new ones begin. */
function readState(bytes: Uint8Array | undefined, given: ElfstatsOptions): State {
  const { interval, reports } = given;
  const naming = toElfstatsNaming(given);
  const logs = new Map(
    Object.keys(reports).map((source) => [source, new ElfstatsLog(interval, naming)]),
  );
  const seqs = new Map<string, number>();
  if (bytes === undefined) {
    return { logs, seqs };
  }
  const input = new ByteReader(bytes);
  const version = input.byte();
  if (version !== formatVersion) {
    throw new Corrupt(`a state of reports of version ${version}`);
  }
  for (let rest = input.varint(); rest > 0; rest--) {
    seqs.set(input.text(), input.varint());
  }
  for (let rest = input.varint(); rest > 0; rest--) {
    const source = input.text();
    const log = ElfstatsLog.read(input, interval, naming);
    if (logs.has(source)) {
      logs.set(source, log);
    }
  }
  if (input.left > 0) {
    throw new Corrupt(`${input.left} bytes behind a state of reports`);
  }
  return { logs, seqs };
}
