// `watchpost report --elfstats REPORT`: one round of elfstatsd over an archive.
import { detectLog, readHead } from "../access-log/report/detect-log.ts";
import { parseSourceFormat } from "../access-log/parse-source-format.ts";
import { scanRound } from "../access-log/elfstats/scan-round.ts";
import type { ElfstatsOptions } from "../access-log/elfstats/elfstats-style.ts";
import { toElfstatsReport } from "../access-log/elfstats/to-elfstats-report.ts";
import { describeError, UserError } from "../core/errors.ts";
import { createSystemFiles } from "../engine/system-files.ts";
import { elfstatsReport } from "../outputs/elfstats-report.ts";
import { loadNodeConfig } from "./_node.ts";
import type { ReportWish } from "./_report-flags.ts";
import type { Terminal } from "./command.ts";

export interface ElfstatsWish {
  /** Where the report goes; `-` is standard output. */
  readonly report: string;
  /** Of whose output elfstats-report the style is; undefined: elfstatsd's own defaults. */
  readonly config: string | undefined;
}

/** Resolves to the exit code: 1 when no call is in the report. Throws UserError. */
export async function writeElfstatsReport(
  { report, config }: ElfstatsWish,
  wish: ReportWish,
  terminal: Terminal,
): Promise<number> {
  const { clock } = terminal.environment;
  const startedAt = clock.monotonic();
  const options = await loadStyle(config, terminal);
  const { since, until } = wish.request;
  const { windowMs: _, ...spec } = wish.request.spec;
  const format = await toFormat(wish);
  const round = { paths: wish.paths, since, until, signal: terminal.stop };
  const scanned = await scanRound({
    ...round,
    spec: { ...spec, ...format },
  }).catch((error: unknown) => {
    terminal.stop.throwIfAborted();
    throw new UserError("NOT_FOUND", `no report was written: ${describeError(error)}`);
  });
  const workedMs = clock.monotonic() - startedAt;
  const found = toElfstatsReport(scanned, { startedAt: until ?? clock.now(), workedMs }, options);
  if (!found.isExact) {
    terminal.note("more different texts than are kept: distinct counts are estimates\n");
  }
  // In one step, so that a plugin never reads half of it.
  await (report === "-"
    ? terminal.print(found.text)
    : createSystemFiles(".").replace(report, found.text));
  return found.calls > 0 ? 0 : 1;
}

async function loadStyle(file: string | undefined, terminal: Terminal): Promise<ElfstatsOptions> {
  const defaults = elfstatsReport.options.parse({ reports: { log: "-" } });
  if (file === undefined) {
    return defaults;
  }
  const { outputs, written } = await loadNodeConfig(file, terminal, "leave");
  const styles = [...outputs.values()].filter(({ kind }) => kind === elfstatsReport.name);
  const [first] = styles;
  if (styles.length > 1) {
    const ids = styles.map(({ id }) => id).join(", ");
    throw new UserError("USAGE", `${file} has several outputs elfstats-report: ${ids}; leave one`);
  }
  const { shape } = elfstatsReport.options;
  const own = Object.entries(Object(first && written.outputs.get(first.id)));
  const given = Object.fromEntries(own.filter(([name]) => name in shape));
  return first === undefined ? defaults : elfstatsReport.options.parse(given);
}

async function toFormat({ format, paths, request }: ReportWish) {
  const [path = "-"] = paths;
  let text = format;
  if (text === undefined) {
    const { bytes, isWhole } = await readHead(path).catch((error: unknown) => {
      throw new UserError("NOT_FOUND", `${path}: ${describeError(error)}`);
    });
    text = detectLog(bytes, { isWhole })?.format;
  }
  if (text === undefined) {
    const advice = "say how they are laid out with --format";
    throw new UserError("USAGE", `${path} begins with lines in no known format; ${advice}`);
  }
  const found = parseSourceFormat(text, request.formatOptions);
  if (found.format === undefined) {
    throw new UserError("USAGE", `--format: ${found.problem}`);
  }
  return found;
}
