import { z } from "zod";
import type { Batch } from "../core/batch.ts";
import { type Context, defineOutput } from "../core/component.ts";
import { duration, filePath } from "../core/options.ts";
import { count, noLabels } from "../core/sample.ts";
import { Top } from "../core/top.ts";
import { exampleBatch } from "./_example-batch.ts";
import { requestsMetric } from "./_http-statistics.ts";
import { HttpMonitor, type HttpMonitorOptions, type Message } from "./_http-monitor.ts";
import { type ToLocalTime, createLocalTime, localTimeZone } from "../core/local-time.ts";
import { toPythonText } from "./_python-json.ts";
import { type RotatingFile, openRotatingFile } from "./_rotating-file.ts";

const wholeSecondsHelp = "must be whole seconds, from 1s to 1d";

const options = z
  .strictObject({
    statistics: wholeSeconds()
      .optional()
      .describe("Writes a line of statistics that often; never when left out."),
    alerts: z
      .array(
        z.strictObject({
          threshold: z.int().min(1).describe("Hits a second, on average over the window."),
          window: wholeSeconds().describe("The average is taken over so long."),
        }),
      )
      .default([{ threshold: 300, window: 120_000 }])
      .describe("What is too much traffic. `[]` for none."),
    to: z
      .enum(["stdout", "file", "log"])
      .default("stdout")
      .describe(
        "Where messages go: standard output, the file of `path`, or among the lines of `log`.",
      ),
    path: filePath().optional().describe("File to append messages to, with `to: file`."),
    log: z
      .strictObject({
        stdout: z.boolean().default(false).describe("Writes them to standard output."),
        path: filePath().optional().describe("Appends them to this file."),
      })
      .prefault({})
      .describe("Lines such as HttpMonitor's own log has, one for each alert."),
    rate: z
      .enum(["both", "transactions_per_second", "tps"])
      .default("both")
      .describe("What the hits a second are called: HttpMonitor's program and its manual differ."),
    targets: z
      .string()
      .default("http_targets")
      .describe("The list of the heaviest that `most_hits` is taken from."),
    legacy: z
      .enum(["off", "strict"])
      .default("off")
      .describe(
        "`strict`: nothing is judged or written before a later line comes, as in HttpMonitor; in silence it neither " +
          "speaks nor recovers.",
      ),
    timezone: localTimeZone(),
  })
  .superRefine(({ to, path, log }, context) => {
    if (to === "file" && path === undefined) {
      const message = "is missing; name the file, or write `to: stdout`";
      context.addIssue({ code: "custom", path: ["path"], message });
    }
    if (to === "log" && !log.stdout && log.path === undefined) {
      const message = "leads nowhere; write `log: { stdout: true }`, or a `path` there";
      context.addIssue({ code: "custom", path: ["log"], message });
    }
  });

type HttpMonitorOutputOptions = z.output<typeof options>;

function wholeSeconds(): z.ZodType<number, string> {
  return duration().refine(
    (ms) => ms >= 1000 && ms <= 86_400_000 && ms % 1000 === 0,
    wholeSecondsHelp,
  );
}

const [targets, users] = [new Top(), new Top()];
targets.add("/pages/create?x=1", 4);
targets.add("/api/user", 2);
users.add("frank", 2);

const busySecond: Batch = {
  ...exampleBatch,
  to: exampleBatch.from + 1000,
  samples: [
    count(requestsMetric, 4, { group: "a", status: "200" }),
    count(requestsMetric, 2, { group: "a", status: "404" }),
  ],
  tops: [
    { name: "http_targets", labels: noLabels, value: targets },
    { name: "http_users", labels: noLabels, value: users },
  ],
};
const quietSecond: Batch = {
  ...busySecond,
  seq: busySecond.seq + 1,
  from: busySecond.to,
  to: busySecond.to + 1000,
  samples: [],
  tops: [],
};

export const httpmonitor = defineOutput({
  name: "httpmonitor",
  summary: "Speaks as HttpMonitor did: statistics and alerts of too much traffic, line by line.",
  ticks: true,
  needs: () => ({ metric: requestsMetric, everyMsMax: 1000 }),
  options,
  examples: [
    {
      title: "Statistics and an alert, in silence too",
      options: {
        statistics: "2s",
        alerts: [{ threshold: 3, window: "2s" }],
        rate: "transactions_per_second",
        timezone: "utc",
      },
      given: { now: "2026-11-20T16:00:00Z" },
      batches: [busySecond, quietSecond, { ...quietSecond, seq: 9, to: busySecond.to + 3000 }],
      expect: {
        printed: [
          '"High traffic generated an alert - hits = 3, triggered at 2026-11-20T16:00:00"\n',
          '{"time": "2026-11-20T16:00:00", "transactions_per_second": 3.0, ' +
            '"most_hits": ["/pages/create?x=1", "/api/user"], "most_active_users": [null, "frank"], ' +
            '"status_codes": {"2xx": 4, "3xx": 0, "4xx": 2, "5xx": 0}}\n',
          '"High traffic alert recovered at 2026-11-20T16:00:02"\n',
          '{"time": "2026-11-20T16:00:02", "transactions_per_second": 0.0, "most_hits": [], ' +
            '"most_active_users": [], "status_codes": {"2xx": 0, "3xx": 0, "4xx": 0, "5xx": 0}}\n',
        ].join(""),
      },
    },
    {
      title: "Alerts in a file and in a log",
      options: {
        alerts: [{ threshold: 3, window: "2s" }],
        to: "file",
        path: "/var/log/alerts",
        log: { path: "/var/log/httpmonitor.log" },
        timezone: "utc",
      },
      given: { now: "2026-11-20T16:00:00Z" },
      batches: [busySecond],
      expect: {
        files: {
          "/var/log/alerts":
            '"High traffic generated an alert - hits = 3, triggered at 2026-11-20T16:00:00"\n',
          "/var/log/httpmonitor.log":
            "2026-11-20 16:00:00,000 [INFO ] httpmonitor:1 - High traffic generated an alert - hits = 3, triggered at 2026-11-20T16:00:00\n",
        },
      },
    },
  ],

  async open(given, context) {
    const toLocalTime = createLocalTime(given.timezone);
    const monitorOptions = toMonitorOptions(given, toLocalTime);
    const { state, now } = context;
    let monitor =
      state === undefined
        ? new HttpMonitor(monitorOptions, now())
        : HttpMonitor.fromBytes(state, monitorOptions, now());
    await using opening = new AsyncDisposableStack();
    const openFile = async (path: string | undefined): Promise<RotatingFile | undefined> =>
      path === undefined ? undefined : opening.use(await openRotatingFile({ path }, context.files));
    const file = await openFile(given.to === "file" ? given.path : undefined);
    const log = await openFile(given.log.path);
    const closing = opening.move();
    return {
      async write(batches) {
        const next = monitor.copy();
        const texts = toTexts(
          batches.flatMap((batch) => next.add(batch)),
          given,
          () => toLogTime(now(), toLocalTime),
        );
        await append(texts, { file, log, print: context.print });
        monitor = next;
      },
      state: () => monitor.toBytes(),
      [Symbol.asyncDispose]: () => closing.disposeAsync(),
    };
  },
});

function toMonitorOptions(
  given: HttpMonitorOutputOptions,
  toLocalTime: ToLocalTime,
): HttpMonitorOptions {
  const { statistics, rate, legacy } = given;
  const isStrict = legacy === "strict";
  return {
    alerts: given.alerts.map(({ threshold, window }) => ({ threshold, windowS: window / 1000 })),
    statistics:
      statistics === undefined
        ? undefined
        : { intervalS: statistics / 1000, rate, isSummed: isStrict },
    targetsTop: given.targets,
    isLineDriven: isStrict,
    toLocalTime,
  };
}

/** What is to be appended where, whole lines. */
interface Texts {
  readonly printed: string;
  readonly filed: string;
  readonly logged: string;
}

function toTexts(
  messages: readonly Message[],
  { to, log }: HttpMonitorOutputOptions,
  toTime: () => string,
): Texts {
  let [printed, filed, logged] = ["", "", ""];
  const addLog = (text: string): void => {
    const line = `${toTime()} [INFO ] httpmonitor:1 - ${text}\n`;
    printed += log.stdout ? line : "";
    logged += log.path === undefined ? "" : line;
  };
  for (const { kind, text } of messages) {
    const json = kind === "alert" ? toPythonText(text) : text;
    if (kind === "alert") {
      addLog(text);
    }
    if (to === "log") {
      addLog(json);
    }
    printed += to === "stdout" ? `${json}\n` : "";
    filed += to === "file" ? `${json}\n` : "";
  }
  return { printed, filed, logged };
}

interface Places {
  readonly file: RotatingFile | undefined;
  readonly log: RotatingFile | undefined;
  readonly print: Context["print"];
}

async function append({ printed, filed, logged }: Texts, places: Places): Promise<void> {
  if (filed !== "") {
    await places.file?.append(filed);
  }
  if (logged !== "") {
    await places.log?.append(logged);
  }
  if (printed !== "") {
    await places.print(printed);
  }
}

/** `2026-11-20 14:33:37,001` */
function toLogTime(ms: number, toLocalTime: ToLocalTime): string {
  const fraction = String(ms % 1000).padStart(3, "0");
  return `${toLocalTime(ms).replace("T", " ")},${fraction}`;
}
