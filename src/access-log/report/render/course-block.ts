// The course of the requests as a chart of characters.

import type { Report } from "../report.ts";
import type { Page } from "./page.ts";
import { padTo, widthOf } from "./printable.ts";
import { toRateText, toSpanText } from "./quantities.ts";
import { toStretches } from "./stretches.ts";
import { toColumns, toSparkline } from "./text-charts.ts";
import type { Style } from "./text-table.ts";

const chartRows = 5;

export function toCourseBlock({ series, from, to }: Report, page: Page): string[] {
  if (series === null || from === null || to === null) {
    return [];
  }
  const { columns, paint, instants } = page;
  const labelWidth = 9;
  const room = columns - labelWidth - 2;
  const { seconds, list } = toStretches(series, room);
  if (list.length < 2) {
    return [];
  }
  const each = Math.max(1, Math.floor(room / list.length));
  const widen = (text: string): string => text.replaceAll(/./gu, (char) => char.repeat(each));
  const most = Math.max(...list.map((stretch) => stretch.requests));
  const label = (text: string): string => paint("dim", padTo(text, labelWidth, "right"));
  const chart = toColumns(
    list.map((stretch) => stretch.requests),
    chartRows,
  );
  const width = each * list.length;
  const isLong = Date.parse(to) - Date.parse(from) > 86_400_000;
  const [start, end] = [from, to].map((at) => instants.short(at, isLong));
  const axis = `${start}${padTo(end ?? "", Math.max(1, width - widthOf(start ?? "")), "right")}`;
  const title = `Requests over time, ${toSpanText(seconds)} a ${each === 1 ? "column" : "bar"}`;
  const errors = list.map(({ failed }) => (failed === 0 ? undefined : failed));
  const slowest = list.map(({ p99 }) => p99);
  const tail = (name: string, values: readonly (number | undefined)[], style: Style): string[] =>
    values.every((value) => value === undefined)
      ? []
      : [`${label(name)}  ${paint(style, widen(toSparkline(values)))}`];
  return [
    paint("heading", title),
    ...chart.map((row, at) => {
      const text = at === 0 ? toRateText(most / seconds) : "";
      return `${label(text)}  ${paint("bar", widen(row).trimEnd())}`;
    }),
    ...tail("5xx", errors, "bad"),
    ...tail("p99", slowest, "warn"),
    `${label("")}  ${paint("dim", axis)}`,
  ];
}
