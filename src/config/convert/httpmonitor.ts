// HttpMonitor watched one log, printed statistics and two kinds of alerts, and had five keys.
import { type Annotated, type Remark, toAnnotatedYaml } from "./_annotated-yaml.ts";
import { type OldEntry, type OldIni, parseOldIni, toOldBoolean } from "./_old-ini.ts";
import { toInteger } from "./_python-values.ts";
import { type OldProblem, refuseAll } from "./_refuse.ts";

/** The text of HttpMonitor's config.cfg to the text of ours. Throws ConfigError with what HttpMonitor refused. */
export function convertHttpmonitor(text: string, file: string): string {
  const ini = parseOldIni(text);
  const problems = [...ini.problems];
  const remarks: Remark[] = [];
  const converted = convert({ ini, problems, remarks });
  refuseAll(problems, file);
  return toAnnotatedYaml({ ...converted, remarks });
}

interface Work {
  readonly ini: OldIni;
  readonly problems: OldProblem[];
  readonly remarks: Remark[];
}

const sourceId = "access-log";
const outputId = "httpmonitor";

const preface = [
  "Converted from the configuration of HttpMonitor by `watchpost convert httpmonitor`. Check it with " +
    "`watchpost config check FILE`, start it with `watchpost run -c FILE`. A default.cfg is not looked at.",
  "Statistics and alerts now come by the clock, also in silence; `legacy: strict` below the output brings the old " +
    "timing back. Statistics have both names of the rate, `transactions_per_second` and `tps`.",
  "More lines are taken than HttpMonitor took: host names and IPv6 as clients, `-` as a size, requests without a " +
    "protocol. The log may be rotated. `most_hits` are without query strings.",
];

function convert(work: Work): Omit<Annotated, "remarks"> {
  const { remarks } = work;
  remarks.push({
    path: ["sources", sourceId, "files"],
    text: "HttpMonitor was told by its option -f; this is what it took without.",
  });
  remarks.push({
    path: ["sources", sourceId, "every"],
    text: "HttpMonitor judges seconds, which needs windows of one.",
  });
  const value = {
    log: convertLog(work),
    sources: {
      [sourceId]: {
        kind: "access-log",
        files: "/var/log/access.log",
        format: "common",
        every: "1s",
      },
    },
    outputs: { [outputId]: { kind: "httpmonitor", ...convertOutput(work) } },
  };
  return { value, preface };
}

function convertLog(work: Work): Record<string, unknown> {
  const isDebug = readBoolean(work, "Logging", "debug", false);
  if (work.ini.sections.get("Logging")?.has("stdout") === true) {
    const text = "The key stdout below [Logging] meant nothing and is left out.";
    work.remarks.push({ path: ["log"], text });
  }
  return { level: isDebug ? "debug" : "info" };
}

function convertOutput(work: Work): Record<string, unknown> {
  const statistics = readInterval(work);
  const displayer = find(work, "Output", "displayer")?.value ?? "stdout";
  const line = find(work, "Output", "displayer")?.line ?? 1;
  if (!["stdout", "log", "file"].includes(displayer)) {
    const message = `is ${JSON.stringify(displayer)}, which HttpMonitor refused; write stdout, log or file`;
    work.problems.push({ line, path: "Output.displayer", message });
  }
  const path = find(work, "Output", "file_name")?.value;
  if (displayer === "file" && path === undefined) {
    const message = "is file, and no file_name stands beside it";
    work.problems.push({ line, path: "Output.displayer", message });
  }
  if (displayer === "file") {
    const text = "HttpMonitor stopped with an error when it was to write a file; this works.";
    work.remarks.push({ path: ["outputs", outputId, "to"], text });
  }
  return {
    ...(statistics !== undefined && { statistics }),
    alerts: convertAlerts(work),
    to: displayer,
    ...(displayer === "file" && { path }),
    log: convertOwnLog(work, displayer),
  };
}

function convertOwnLog(work: Work, displayer: string): Record<string, unknown> {
  const isPrinted = readBoolean(work, "Logging", "log_to_stdout", true);
  const path = find(work, "Logging", "log_to_file")?.value ?? "";
  const isNowhere = displayer === "log" && !isPrinted && path === "";
  const at = ["outputs", outputId, "log"];
  work.remarks.push({
    path: at,
    text: isNowhere
      ? "The old log went nowhere, and all messages with it; they are printed instead."
      : "What HttpMonitor wrote into its own log beside each alert. Its other lines are not written any more.",
  });
  return { stdout: isPrinted || isNowhere, ...(path !== "" && { path }) };
}

const longestS = 86_400;

function readInterval(work: Work): string | undefined {
  const entry = find(work, "Stats", "interval");
  const seconds = entry === undefined ? 0 : toInteger(entry.value);
  if (seconds === undefined) {
    const message = "has to be a whole number of seconds";
    work.problems.push({ line: entry?.line ?? 1, path: "Stats.interval", message });
  }
  const at = ["outputs", outputId, "statistics"];
  return seconds === undefined || seconds <= 0 ? undefined : toSeconds(seconds, at, work);
}

function toSeconds(seconds: number, path: Remark["path"], { remarks }: Work): string {
  if (seconds > longestS) {
    remarks.push({ path, text: `It was ${seconds} seconds; a day is the most that is possible.` });
  }
  return `${Math.min(seconds, longestS)}s`;
}

interface Alert {
  readonly threshold: number;
  readonly window: string;
}

function convertAlerts(work: Work): readonly Alert[] {
  const at = ["outputs", outputId, "alerts"];
  const section = work.ini.sections.get("Alerts");
  if (section === undefined) {
    const text = "There was no section [Alerts], for which HttpMonitor had this alert.";
    work.remarks.push({ path: at, text });
    return [{ threshold: 300, window: "120s" }];
  }
  const alerts: Alert[] = [];
  for (const [name, { value, line }] of section) {
    const [threshold, seconds, ...rest] = value.split(",").map(toInteger);
    if (threshold === undefined || seconds === undefined || rest.length > 0) {
      const message = "has to be a number of hits a second, a comma, and a number of seconds";
      work.problems.push({ line, path: `Alerts.${name}`, message });
    } else if (threshold <= 0 || seconds <= 0) {
      const text = `${name} was ${value}, which HttpMonitor passed over.`;
      work.remarks.push({ path: at, text });
    } else {
      alerts.push({ threshold, window: toSeconds(seconds, at, work) });
    }
  }
  return alerts;
}

function find({ ini }: Work, section: string, key: string): OldEntry | undefined {
  return ini.sections.get(section)?.get(key);
}

function readBoolean(work: Work, section: string, key: string, fallback: boolean): boolean {
  const entry = find(work, section, key);
  if (entry === undefined) {
    return fallback;
  }
  const value = toOldBoolean(entry.value);
  if (value === undefined) {
    const message = "has to be True or False";
    work.problems.push({ line: entry.line, path: `${section}.${key}`, message });
  }
  return value ?? fallback;
}
