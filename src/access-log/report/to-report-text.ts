// The report for people, on a terminal.

import type { Report } from "./report.ts";
import { toCourseBlock } from "./render/course-block.ts";
import { toGroupTable } from "./render/group-table.ts";
import { toHeadBlock } from "./render/head-block.ts";
import { toFailureBlock, toFileBlock, toLineBlock } from "./render/line-blocks.ts";
import { createPaint, indent, type Page } from "./render/page.ts";
import { toStatusBlock } from "./render/status-block.ts";
import { toTableLines } from "./render/text-table.ts";
import { toCountBlocks, toTopBlocks } from "./render/top-blocks.ts";

export interface TextOptions extends Omit<Page, "paint"> {
  readonly hasColors: boolean;
}

/** Wider is not easier to read. */
const columnsMax = 220;
const columnsMin = 40;

export function toReportText(report: Report, options: TextOptions): string {
  const columns = Math.min(columnsMax, Math.max(columnsMin, options.columns));
  const page = { ...options, columns, paint: createPaint(options.hasColors) };
  const blocks = [
    toHeadBlock(report, page),
    ...(report.requests === 0
      ? []
      : [
          toCourseBlock(report, page),
          toStatusBlock(report, page),
          toGroupBlock(report, page),
          ...toTopBlocks(report, page),
          ...toCountBlocks(report, page),
        ]),
    toLineBlock(report, page),
    toFileBlock(report, page),
    toFailureBlock(report, page),
  ];
  const shown = blocks.filter((lines) => lines.length > 0);
  return `${shown.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function toGroupBlock(report: Report, { columns, paint, topMax, quantiles }: Page): string[] {
  if (report.groups.length < 2) {
    return [];
  }
  const { title, table } = toGroupTable(report, { topMax, quantiles });
  return [paint("heading", title), ...indent(toTableLines(table, columns - 2, paint))];
}
