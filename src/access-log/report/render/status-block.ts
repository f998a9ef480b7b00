import type { Report } from "../report.ts";
import { indent, type Page } from "./page.ts";
import { widthOf } from "./printable.ts";
import { toCountText, toShareText } from "./quantities.ts";
import { statusName, statusTone } from "./status-names.ts";
import { toBar } from "./text-charts.ts";
import { type Table, toTableLines } from "./text-table.ts";

/** Of the bars of tables: what is left of the line, but not more than is pleasant. */
function toBarWidth(columns: number, used: number): number {
  return Math.max(0, Math.min(40, columns - used));
}

export function toStatusBlock({ status, requests }: Report, { columns, paint }: Page): string[] {
  const entries = Object.entries(status);
  const names = entries.map(([code]) => statusName(code));
  const used = Math.max(0, ...names.map(widthOf)) + 32;
  const barWidth = toBarWidth(columns, used);
  const most = Math.max(...entries.map(([, count]) => count));
  const table: Table = {
    columns: [
      { title: "status", align: "left", style: (row) => statusTone(entries[row]?.[0] ?? "") },
      { title: "", align: "left", isFlexible: true, style: () => "dim" },
      { title: "requests", align: "right" },
      { title: "share", align: "right" },
      { title: "", align: "left", rank: 1, style: (row) => statusTone(entries[row]?.[0] ?? "") },
    ],
    rows: entries.map(([code, count], at) => [
      code === "none" ? "–" : code,
      names[at] ?? "",
      toCountText(count),
      toShareText(count, requests),
      toBar(count / most, barWidth),
    ]),
  };
  return [paint("heading", "Status"), ...indent(toTableLines(table, columns - 2, paint))];
}
