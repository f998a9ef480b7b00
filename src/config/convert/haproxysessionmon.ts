// haproxysessionmon polled balancers ("servers") and sent what it measured to "backends". Everything that its validator
// took is taken; what its program then died of is mended, with a remark.
import { type Annotated, convertYaml } from "./converter.ts";
import { convertBackend, type OldBackend } from "./_haproxysessionmon-backends.ts";
import { convertServer } from "./_haproxysessionmon-servers.ts";
import { createReport, type Report } from "./_report.ts";
import { createIds } from "./_ids.ts";
import { isRecord, isTruthy, toText } from "./_python-values.ts";

/**
 * The text of a haproxysessionmon configuration to the text of ours. Throws ConfigError with what its validator would
 * have refused.
 */
export function convertHaproxysessionmon(text: string, file: string): string {
  return convertYaml({ text, file }, (old) => {
    const report = createReport(old.lineOf);
    const converted = convert(old.value, report);
    return report.refusals.length > 0 || converted === undefined
      ? { refusals: report.refusals }
      : { converted: { ...converted, remarks: report.remarks } };
  });
}

const preface = [
  "Converted from the configuration of haproxysessionmon by `watchpost convert haproxysessionmon`. " +
    "Check it with `watchpost config check FILE`, start it with `watchpost run -c FILE`; the environment " +
    "variable HAPROXYSM_CONFIG_FILE, which named the old file, is not looked at any more.",
  "`sessions` are now those that are open. haproxysessionmon sent the ones that began in the last second; " +
    "who needs these writes `sessions: rate` below an output of the kind gelf or log-file, or `legacyRate: true` " +
    "below a source.",
  "Redirects are not followed, and passwords are not kept in this file.",
];

function convert(value: unknown, report: Report): Omit<Annotated, "remarks"> | undefined {
  const old = isRecord(value) ? value : {};
  const backends = readSection(old["backends"], "backends", report);
  const servers = readSection(old["servers"], "servers", report);
  const log = convertLogging(old["logging"], report);
  const outputIds = createIds("output");
  const sourceIds = createIds("source");
  const outputs = new Map<string, OldBackend>();
  for (const [name, backend] of backends) {
    const converted = convertBackend({ name, id: outputIds.of(name) }, backend, report);
    if (converted !== undefined) {
      outputs.set(name, converted);
    }
  }
  const sources: Record<string, unknown> = {};
  for (const [name, server] of servers) {
    const id = sourceIds.of(name);
    const source = convertServer({ name, id }, server, { report, outputs, known: backends });
    if (source !== undefined) {
      sources[id] = source;
    }
  }
  for (const ids of [outputIds, sourceIds]) {
    for (const { name, id } of ids.changed) {
      const section = ids === outputIds ? "outputs" : "sources";
      report.remark(
        [section, id],
        `It was called ${JSON.stringify(name)}, which cannot be an id here.`,
      );
    }
  }
  const sections = [...outputs.values()].map(({ id, output }) => [id, output] as const);
  return { value: { log, sources, outputs: Object.fromEntries(sections) }, preface };
}

function readSection(section: unknown, name: string, report: Report): ReadonlyMap<string, unknown> {
  const entries = isRecord(section) ? Object.entries(section) : [];
  if (entries.length === 0) {
    report.refuse([name], "has to be a mapping with at least one entry");
  }
  return new Map(entries);
}

const levels: Readonly<Record<string, string>> = {
  DEBUG: "debug",
  INFO: "info",
  WARNING: "warn",
  ERROR: "error",
  CRITICAL: "error",
};

function convertLogging(logging: unknown, report: Report): Record<string, unknown> {
  const old = isRecord(logging) ? logging : {};
  const written = toText(old["level"] ?? "INFO");
  const level = Object.hasOwn(levels, written) ? levels[written] : undefined;
  if (level === undefined) {
    const message = `is no level (${JSON.stringify(written)}); write DEBUG, INFO, WARNING, ERROR or CRITICAL`;
    report.refuse(["logging", "level"], message);
  }
  const file = toText(old["file"] ?? "");
  return {
    level: level ?? "info",
    console: Object.hasOwn(old, "console") ? isTruthy(old["console"]) : true,
    ...(file === "" ? {} : { file }),
  };
}
