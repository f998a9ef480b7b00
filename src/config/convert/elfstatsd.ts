// elfstatsd read access logs every five minutes and left a report about each, for Munin. Its settings were a module of
// Python, of which only data is read.
import { type Annotated, type Remark, toAnnotatedYaml } from "./_annotated-yaml.ts";
import { elfstatsdDefaults, elfstatsdOwn } from "./_elfstatsd-defaults.ts";
import { convertGroups } from "./_elfstatsd-groups.ts";
import { createSettings, type Settings } from "./_elfstatsd-settings.ts";
import { createIds } from "./_ids.ts";
import { OldName, isList, parsePythonSettings } from "./_python-settings.ts";
import { type OldProblem, refuseAll } from "./_refuse.ts";

/** The text of elfstatsd's settings.py to the text of ours. Throws ConfigError with what cannot be read as data. */
export function convertElfstatsd(text: string, file: string): string {
  const old = parsePythonSettings(text);
  const problems: OldProblem[] = [];
  if (old.problem !== undefined) {
    problems.push({ ...old.problem, path: "" });
  }
  const settings = createSettings(old.settings, elfstatsdDefaults, problems);
  const preface = [...introduction];
  const unknown = [...old.settings.keys()].filter((name) => !(name in elfstatsdDefaults));
  const own = unknown.filter((name) => elfstatsdOwn.has(name));
  const others = unknown.filter((name) => !elfstatsdOwn.has(name) && /^[A-Z]/.test(name));
  if (own.length > 0) {
    preface.push(
      `${own.join(", ")}: Watchpost runs in the foreground and writes its own log to standard error; ` +
        "`log.file` names a file instead, and logrotate rotates it.",
    );
  }
  if (others.length > 0) {
    preface.push(`Not known to elfstatsd, and left out: ${others.join(", ")}.`);
  }
  if (old.passedOver.length > 0) {
    preface.push(
      `Nothing is run: what stands in line ${old.passedOver.join(", ")} of the old file is no setting and was passed over.`,
    );
  }
  const converted = convert(settings);
  refuseAll(problems, file);
  return toAnnotatedYaml({ ...converted, preface: [...preface, ...converted.preface] });
}

const introduction: readonly string[] = [
  "Converted from the settings of elfstatsd by `watchpost convert elfstatsd`. Check it with " +
    "`watchpost config check FILE`, start it with `watchpost run -c FILE`.",
  "The plugins of elfstats-munin go on reading the reports. Instead of them, an output of the kind munin is a Munin " +
    "node of its own, with the same graphs.",
  "Rules see the path without its query string, and belong to one log each. Times of the log are read with their " +
    "zone. A line that cannot be read is an error and stops nothing.",
];

function convert(settings: Settings): Annotated {
  const remarks: Remark[] = [];
  const preface: string[] = [];
  const sources: Record<string, unknown> = {};
  const reports: Record<string, string> = {};
  const ids = createIds("log");
  const groups = convertGroups(settings);
  const shared = convertSource(settings);
  for (const { current, previous, report } of readDataFiles(settings)) {
    const id = ids.of(toStem(report));
    const at = ["sources", id];
    sources[id] = { kind: "access-log", files: current, ...shared, ...groups.source };
    reports[id] = report;
    if (previous !== "") {
      const text = `The log before, ${previous}, is found by itself: a renamed file is read to its end.`;
      remarks.push({ path: [...at, "files"], text });
    }
    if (Object.keys(sources).length === 1) {
      remarks.push({ path: [...at, "every"], text: everyRemark });
      remarks.push({ path: [...at, "format"], text: formatRemark });
      remarks.push({ path: [...at, "where"], text: whereRemark });
      remarks.push(...groups.remarks.map(({ path, text }) => ({ path: [...at, ...path], text })));
    }
  }
  const hasReports = Object.keys(reports).length > 0;
  if (!hasReports) {
    preface.push("DATA_FILES was empty: there is no log to read. Add sources, and their reports.");
  }
  const output = { kind: "elfstats-report", reports, ...convertReport(settings) };
  const value = {
    log: { level: convertLevel(settings) },
    sources,
    outputs: hasReports ? { elfstats: output } : {},
  };
  return { value, preface, remarks };
}

const everyRemark =
  "Reports come less often, but the seconds of the first and the last call are told by windows of one.";
const whereRemark = "A line without a status was an error, and still is one in the report.";
const formatRemark =
  "Where %D is written with a dot it is in seconds: then add `durationUnit: s` here and `durations: seconds` below the output.";

interface DataFile {
  readonly current: string;
  readonly previous: string;
  readonly report: string;
}

/** elfstatsd worked in the root folder, and knew a log by its report. */
function readDataFiles(settings: Settings): readonly DataFile[] {
  const files: DataFile[] = [];
  for (const item of settings.list("DATA_FILES")) {
    const [current, previous, report, ...rest] = isList(item) ? item : [];
    if (typeof current !== "string" || typeof report !== "string" || rest.length > 0) {
      settings.refuse("DATA_FILES", "has to be a list of (log, log before or '', report)");
    } else if (files.some((file) => file.report === toAbsolute(report))) {
      const message = `names the report ${report} twice, where elfstatsd kept the last alone; give each its own`;
      settings.refuse("DATA_FILES", message);
    } else {
      files.push({
        current: toAbsolute(current),
        previous: typeof previous === "string" ? previous : "",
        report: toAbsolute(report),
      });
    }
  }
  return files;
}

function toAbsolute(path: string): string {
  return path.startsWith("/") ? path : `/${path}`;
}

function toStem(path: string): string {
  const name = path.slice(path.lastIndexOf("/") + 1);
  return name.replace(/(?<=.)\.[^.]*$/, "");
}

function convertSource(settings: Settings): Record<string, unknown> {
  const format = settings
    .text("ELF_FORMAT")
    .trim()
    .replaceAll(/[ \t]+/g, " ");
  if (format === "") {
    settings.refuse("ELF_FORMAT", "is missing, and no line could be read without it");
  }
  return {
    format: `apache: ${format}`,
    ...(settings.truth("LATENCY_IN_MILLISECONDS") && { durationUnit: "ms" }),
    every: "1s",
    where: "status >= 0",
    slow: toMilliseconds(settings.number("STALLED_CALL_THRESHOLD")),
    exactDurations: true,
  };
}

function toMilliseconds(ms: number): string {
  return `${Math.max(0, Math.floor(ms))}ms`;
}

function convertReport(settings: Settings): Record<string, unknown> {
  const interval = settings.number("INTERVAL");
  if (!(Number.isInteger(interval) && interval >= 1)) {
    settings.refuse("INTERVAL", "has to be a whole number of seconds");
  }
  const percentiles = settings.list("LATENCY_PERCENTILES").filter(isPercentile);
  const codes = settings.list("RESPONSE_CODES").filter((code) => Number.isInteger(code));
  const deleted = settings.pattern("FORBIDDEN_SYMBOLS");
  return {
    interval: `${interval}s`,
    stalled: toMilliseconds(settings.number("STALLED_CALL_THRESHOLD")),
    percentiles,
    codes,
    filtered: "error",
    ...(deleted !== "" && { deleted }),
  };
}

function isPercentile(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0 && Number(value) <= 100;
}

const levels: Readonly<Record<string, string>> = {
  DEBUG: "debug",
  INFO: "info",
  WARN: "warn",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
  FATAL: "error",
};

function convertLevel(settings: Settings): string {
  const value = settings.value("LOGGING_LEVEL");
  const name = value instanceof OldName ? value.name : value;
  const word = typeof name === "string" ? name.replace(/^.*\./, "") : "";
  return levels[word] ?? "info";
}
