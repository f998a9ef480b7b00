// The report for spreadsheets: one table, whose first column says what a row is about.

import { type Report, type ReportedDurations, shownTops, toQuantileName } from "./report.ts";
import { statusClass } from "./render/status-names.ts";

const countColumns = ["requests", "error", "bytes", "slow"] as const;
const classColumns = ["1xx", "2xx", "3xx", "4xx", "5xx", "none"] as const;

type Cell = string | number | null | undefined;
type Row = Readonly<Record<string, Cell>>;

/**
 * RFC 4180, with a header; durations in seconds, instants in ISO 8601. `quantiles` are the columns
 * of durations besides the longest, as shares. Names that a spreadsheet would take for a formula
 * have an apostrophe in front, since whoever sends requests chooses them.
 */
export function toReportCsv(report: Report, quantiles: readonly number[]): string {
  const names = quantiles.map(toQuantileName);
  const columns = ["section", "name", ...countColumns, ...classColumns, ...names, "max"];
  const lines = toRows(report).map((row) => columns.map((column) => toCell(row[column])));
  return [columns, ...lines].map((cells) => `${cells.join(",")}\r\n`).join("");
}

function toRows(report: Report): Row[] {
  const { lines, series } = report;
  const total = { requests: report.requests, bytes: report.bytes, slow: report.slow?.requests };
  return [
    {
      section: "total",
      name: "all",
      ...total,
      ...toClasses(report.status),
      ...toDurations(report.duration),
    },
    ...Object.entries(lines).map(([name, count]) => ({ section: "lines", name, requests: count })),
    ...Object.entries(report.status).map(([name, requests]) => ({
      section: "status",
      name,
      requests,
    })),
    ...report.groups.map(({ group, requests, status, bytes, duration, slow }) => ({
      section: "group",
      name: toText(group),
      requests,
      bytes,
      slow: report.slow === null ? undefined : slow,
      ...toClasses(status),
      ...toDurations(duration),
    })),
    ...shownTops.flatMap((section) =>
      report.top[section].map(({ key, count, error }) => ({
        section,
        name: toText(key),
        requests: count,
        error,
      })),
    ),
    ...(series?.windows ?? []).map(({ at, requests, bytes, status, p50, p99 }) => ({
      section: "time",
      name: at,
      requests,
      bytes,
      ...status,
      p50,
      p99,
    })),
  ];
}

function toClasses(status: Readonly<Record<string, number>>): Row {
  const sums = new Map<string, number>();
  for (const [code, requests] of Object.entries(status)) {
    const name = statusClass(code);
    sums.set(name, (sums.get(name) ?? 0) + requests);
  }
  return Object.fromEntries(sums);
}

function toDurations({ count: _count, sum: _sum, ...quantiles }: ReportedDurations): Row {
  return quantiles;
}

function toText(text: string): string {
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function toCell(value: Cell): string {
  const text = String(value ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
