// The forms of a report, and where they go.

import { writeFile } from "node:fs/promises";
import type { Report } from "../access-log/report/report.ts";
import { createInstants, toBytesText } from "../access-log/report/render/quantities.ts";
import { UserError, describeError } from "../core/errors.ts";
import type { ReportWish } from "./_report-flags.ts";
import type { Terminal } from "./command.ts";

/** Where nobody says how wide a line may be. */
const columnsDefault = 100;

export async function printReport(
  report: Report,
  wish: ReportWish,
  terminal: Terminal,
): Promise<void> {
  const { htmlFile, output } = wish;
  if (htmlFile !== undefined) {
    await writePage(report, htmlFile, wish, terminal);
  }
  switch (output) {
    case "json":
      await terminal.print(`${JSON.stringify(report)}\n`);
      return;
    case "csv": {
      const { toReportCsv } = await import("../access-log/report/to-report-csv.ts");
      await terminal.print(toReportCsv(report, wish.quantiles));
      return;
    }
    case "text":
      if (htmlFile === undefined) {
        await printText(report, wish, terminal);
      }
  }
}

async function printText(report: Report, wish: ReportWish, terminal: Terminal): Promise<void> {
  const { toReportText } = await import("../access-log/report/to-report-text.ts");
  const { columns, env, isInteractive, print } = terminal;
  await print(
    toReportText(report, {
      columns: (columns ?? Number(env["COLUMNS"] ?? "")) || columnsDefault,
      hasColors: isInteractive && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb",
      instants: createInstants(wish.timeZone),
      topMax: wish.topMax,
      quantiles: wish.quantiles,
    }),
  );
}

async function writePage(
  report: Report,
  file: string,
  { quantiles, timeZone, topMax }: ReportWish,
  { note, version }: Terminal,
): Promise<void> {
  const { toReportHtml } = await import("../access-log/report/to-report-html.ts");
  const instants = createInstants(timeZone);
  const page = toReportHtml(report, { instants, quantiles, topMax, version });
  try {
    await writeFile(file, page);
  } catch (error) {
    throw new UserError("USAGE", `${file} cannot be written: ${describeError(error)}`);
  }
  note(`wrote ${file} (${toBytesText(Buffer.byteLength(page))})\n`);
}
