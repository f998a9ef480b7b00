import { type Report, type ReportedGroup, toQuantileName } from "../report.ts";
import { toPrintable } from "./printable.ts";
import { toBytesText, toCountText, toSecondsText, toShareText } from "./quantities.ts";
import { countClass } from "./status-names.ts";
import type { Column, Table } from "./text-table.ts";

export interface GroupTableOptions {
  readonly topMax: number;
  readonly quantiles: readonly number[];
}

interface Shown {
  readonly column: Column;
  readonly cell: (group: ReportedGroup) => string;
}

/** The heaviest groups: by the time spent in them where that is logged, else by requests. */
export function toGroupTable(
  report: Report,
  { topMax, quantiles }: GroupTableOptions,
): { readonly title: string; readonly table: Table } {
  const hasDurations = report.duration.count > 0;
  const sorted = hasDurations
    ? report.groups.toSorted((a, b) => b.duration.sum - a.duration.sum)
    : report.groups;
  const groups = sorted.slice(0, topMax);
  const shown = toColumns(report, groups, hasDurations ? quantiles : []);
  const which =
    groups.length < report.groups.length
      ? `${groups.length} of ${toCountText(report.groups.length)}, `
      : "";
  return {
    title: `Groups, ${which}by ${hasDurations ? "time spent" : "requests"}`,
    table: {
      columns: shown.map(({ column }) => column),
      rows: groups.map((group) => shown.map(({ cell }) => cell(group))),
    },
  };
}

function toColumns(
  report: Report,
  groups: readonly ReportedGroup[],
  quantiles: readonly number[],
): readonly Shown[] {
  const right = { align: "right" } as const;
  const durations = quantiles.map((share): Shown => {
    const name = toQuantileName(share);
    return {
      column: { ...right, title: name },
      cell: ({ duration }) => toSecondsText(duration[name] ?? null),
    };
  });
  const time: Shown = {
    column: { ...right, title: "time", rank: 4 },
    cell: ({ duration }) => toShareText(duration.sum, report.duration.sum),
  };
  return [
    {
      column: { title: "group", align: "left", isFlexible: true },
      cell: ({ group }) => toPrintable(group),
    },
    { column: { ...right, title: "requests" }, cell: ({ requests }) => toCountText(requests) },
    {
      column: { ...right, title: "share", rank: 5 },
      cell: ({ requests }) => toShareText(requests, report.requests),
    },
    ...(quantiles.length > 0 ? [time, ...durations] : []),
    {
      column: {
        ...right,
        title: "4xx",
        rank: 3,
        style: (row) => (at(groups, row, refusedOf) > 0 ? "warn" : "dim"),
      },
      cell: (group) => toShareText(refusedOf(group), group.requests),
    },
    {
      column: {
        ...right,
        title: "5xx",
        style: (row) => (at(groups, row, failedOf) > 0 ? "bad" : "dim"),
      },
      cell: (group) => toShareText(failedOf(group), group.requests),
    },
    { column: { ...right, title: "sent", rank: 2 }, cell: ({ bytes }) => toBytesText(bytes) },
    ...(report.slow === null
      ? []
      : [
          {
            column: { ...right, title: "slow", rank: 3 },
            cell: ({ slow }: ReportedGroup) => toCountText(slow),
          },
        ]),
  ];
}

function at(
  groups: readonly ReportedGroup[],
  row: number,
  of: (group: ReportedGroup) => number,
): number {
  const group = groups[row];
  return group === undefined ? 0 : of(group);
}

function failedOf({ status }: ReportedGroup): number {
  return countClass(status, 5);
}

function refusedOf({ status }: ReportedGroup): number {
  return countClass(status, 4);
}
