import type { ScannedLogs } from "../access-log/report/scan-logs.ts";
import type { ReportWish } from "./_report-flags.ts";
import { type Command, type Given, type Terminal, textFlag } from "./command.ts";

export const report: Command = {
  name: "report",
  summary: "Says what access logs hold: requests, status, durations, groups and the heaviest keys.",
  args: {
    "[file...]": "plain, gzip or zstd; - is standard input; several become one report",
  },
  flags: {
    "--format <format>":
      "a name of `watchpost formats`, or the server's own format directive (default: auto, told from the first lines)",
    "--since <time>": "counts requests from then on: 2026-10-10, 2026-10-10T13:55:36Z, or 2h (ago)",
    "--until <time>": "counts requests before then",
    "--where <condition>": 'counts lines for which it holds: status >= 500 and not agent ~ "bot"',
    "--group-by <what>": "path (templates such as /users/{id}, the default) or none",
    "--group <regex>...": "names groups by (?<group>…) and (?<method>…); as often as needed",
    "--slow <duration>": "counts requests that take as long or longer as slow",
    "--top <number>": "rows in each list (default: 10)",
    "--quantiles <shares>": "of durations, such as 0.5,0.95 (default: 0.5,0.9,0.99)",
    "--time-zone <zone>":
      "of times logged without one, and of those shown, such as Europe/Berlin (default: UTC)",
    "--anonymise": "cuts the addresses of clients to their network",
    "--unparsed": "shows the last lines that could not be read, with the reason",
    "--json": "prints one JSON object",
    "--csv": "prints comma-separated values",
    "--html <file>": "writes one self-contained page, instead of the summary",
    "--elfstats <report>":
      "writes what elfstatsd would have: from the first line at --since to the first at --until",
    "-c, --config <file>":
      "takes format, groups, where and slow from a source of this configuration",
    "--source <id>": "which one; the only access-log source may be left out",
  },

  async run(given, terminal) {
    const wish = await readWish(given, terminal);
    const file = textFlag(given, "elfstats");
    if (file !== undefined) {
      const { writeElfstatsReport } = await import("./_report-elfstats.ts");
      return writeElfstatsReport(
        { report: file, config: textFlag(given, "config") },
        wish,
        terminal,
      );
    }
    const { scanLogs } = await import("../access-log/report/scan-logs.ts");
    const { createProgressLine } = await import("./_report-progress.ts");
    const progress = createProgressLine(terminal);
    try {
      const scanned = await scanLogs({
        paths: wish.paths,
        request: wish.request,
        format: wish.format,
        signal: terminal.stop,
        onProgress: (now) => progress.show(now),
      });
      progress[Symbol.dispose]();
      return await tell(scanned, wish, terminal);
    } catch (error) {
      progress[Symbol.dispose]();
      if (!terminal.stop.aborted) {
        throw error;
      }
      terminal.note("stopped; there is no report of what was read so far\n");
      return 1;
    }
  },
};

async function readWish(given: Given, terminal: Terminal): Promise<ReportWish> {
  const { readReportFlags } = await import("./_report-flags.ts");
  const [file, id] = [textFlag(given, "config"), textFlag(given, "source")];
  const now = terminal.environment.clock.now();
  if (file === undefined && id === undefined) {
    return readReportFlags(given, { source: undefined, now });
  }
  const { loadReportSource } = await import("./_report-source.ts");
  const { expandPaths } = await import("./_expand-paths.ts");
  const source = await loadReportSource(file ?? "watchpost.yml", id, terminal);
  const paths = given.args.length > 0 ? [] : await expandPaths(source.paths);
  return readReportFlags(given, { source: { ...source, paths }, now });
}

/** Resolves to the exit code: 1 when nothing was parsed, or a file could not be read to its end. */
async function tell(scanned: ScannedLogs, wish: ReportWish, terminal: Terminal): Promise<number> {
  const { toReport } = await import("../access-log/report/to-report.ts");
  const { toDetectionNotes, toProblemNotes } = await import("./_report-notes.ts");
  const { printReport } = await import("./_print-report.ts");
  const found = toReport(scanned, {
    topMax: wish.topMax,
    quantiles: wish.quantiles,
    slowSeconds: wish.request.spec.slowSeconds,
    hasFailures: wish.hasFailures,
  });
  const isText = wish.output === "text" && wish.htmlFile === undefined;
  const notes = [
    ...toDetectionNotes(scanned.files),
    ...(isText ? [] : toProblemNotes(scanned.files)),
  ];
  notes.forEach((note) => terminal.note(`${note}\n`));
  await printReport(found, wish, terminal);
  const isEveryFileRead = scanned.files.every(
    ({ problem }) => problem === undefined || problem.code === "empty",
  );
  return found.requests > 0 && isEveryFileRead ? 0 : 1;
}
