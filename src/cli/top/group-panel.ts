import {
  toBytesText,
  toCountText,
  toSecondsText,
  toShareText,
} from "../../access-log/report/render/quantities.ts";
import { toSparkline } from "../../access-log/report/render/text-charts.ts";
import { toQuantileName } from "../../access-log/report/report.ts";
import type { Span as Words } from "../screen/line.ts";
import type { Slot, TimeSpan } from "./live-numbers.ts";
import { type Column, type Panel, type Row, type Shown, words } from "./panel.ts";
import { type GroupTally, classOf, requestsOf } from "./tally.ts";

export const groupPanel: Panel = {
  title: "groups",
  isOfRequests: true,
  nothing: "no requests",
  sortedBy: ["req/s"],
  table(shown) {
    const { span } = shown;
    const entries = [...(span?.whole.groups ?? [])].filter(([, group]) => requestsOf(group) > 0);
    return toGroupTable("group", entries, shown, (name, { tally }) => {
      const group = tally.groups.get(name);
      return group === undefined ? 0 : requestsOf(group);
    });
  },
};

interface Measure {
  readonly column: Column;
  readonly toCell: (group: GroupTally, name: string) => Words;
  /** NaN when it cannot be measured. */
  readonly toValue: (group: GroupTally) => number;
}

const right = { align: "right", widthMin: 6 } as const;

/** One row for each of several that have requests: groups, or logs. */
export function toGroupTable(
  title: string,
  entries: readonly (readonly [string, GroupTally])[],
  { span, quantiles }: Shown,
  requestsIn: (name: string, slot: Slot) => number,
): { readonly columns: readonly Column[]; readonly rows: readonly Row[] } {
  if (span === undefined) {
    return { columns: [], rows: [] };
  }
  const all = span.whole.total();
  const measures = [
    ...requestMeasures(span, all),
    ...(all.durations === undefined ? [] : durationMeasures(quantiles, all.durations.sum)),
    ...failureMeasures(span),
    ...(all.slow === 0 ? [] : [slowMeasure]),
  ];
  const first = { title, align: "left", isFlexible: true } as const;
  const trend = { title: "trend", align: "left", rank: 9 } as const;
  return {
    columns: [first, ...measures.map(({ column }) => column), trend],
    rows: entries.map(([name, group]) => ({
      key: name,
      cells: [
        words(name),
        ...measures.map(({ toCell }) => toCell(group, name)),
        words(toTrend(span.slots.map((slot) => requestsIn(name, slot))), "bar"),
      ],
      values: [name, ...measures.map(({ toValue }) => toValue(group)), requestsOf(group)],
    })),
  };
}

const trendColumns = 20;

/** A course in fewer steps, of which each is the sum of several. */
function toTrend(values: readonly number[]): string {
  const each = Math.ceil(values.length / trendColumns);
  const steps = Map.groupBy(values.keys(), (at) => Math.floor(at / each));
  return toSparkline(
    Array.from(steps.values(), (places) => places.reduce((sum, at) => sum + (values[at] ?? 0), 0)),
  );
}

function requestMeasures(span: TimeSpan, all: GroupTally): readonly Measure[] {
  const total = requestsOf(all);
  return [
    {
      column: { ...right, title: "req/s" },
      toCell: (group) => words(toPerSecondText(requestsOf(group), span)),
      toValue: requestsOf,
    },
    {
      column: { ...right, title: "requests", rank: 6 },
      toCell: (group) => words(toCountText(requestsOf(group))),
      toValue: requestsOf,
    },
    {
      column: { ...right, title: "share", rank: 7 },
      toCell: (group) => words(toShareText(requestsOf(group), total)),
      toValue: requestsOf,
    },
  ];
}

function durationMeasures(quantiles: readonly number[], sum: number): readonly Measure[] {
  return [
    {
      column: { ...right, title: "time", rank: 8 },
      toCell: ({ durations }) => words(toShareText(durations?.sum ?? 0, sum)),
      toValue: ({ durations }) => durations?.sum ?? Number.NaN,
    },
    ...quantiles.map((share): Measure => {
      const toValue = ({ durations }: GroupTally): number =>
        durations?.quantile(share) ?? Number.NaN;
      return {
        column: { ...right, title: toQuantileName(share), widthMin: 7 },
        toValue,
        toCell(group) {
          const value = toValue(group);
          return words(toSecondsText(Number.isNaN(value) ? null : value));
        },
      };
    }),
  ];
}

function failureMeasures(span: TimeSpan): readonly Measure[] {
  return [
    failureMeasure("4", "warn", 3),
    failureMeasure("5", "bad", 0),
    {
      column: { ...right, title: "sent/s", rank: 4, widthMin: 8 },
      toCell: ({ bytes }) => words(toBytesText(Math.round(toPerSecond(bytes, span)))),
      toValue: ({ bytes }) => bytes,
    },
  ];
}

function failureMeasure(digit: "4" | "5", tone: "warn" | "bad", rank: number): Measure {
  return {
    column: { ...right, title: `${digit}xx`, rank },
    toCell(group) {
      const failed = classOf(group, digit);
      return failed === 0
        ? words("0%", "dim")
        : words(toShareText(failed, requestsOf(group)), tone);
    },
    toValue: (group) => classOf(group, digit) / requestsOf(group),
  };
}

const slowMeasure: Measure = {
  column: { ...right, title: "slow", rank: 5 },
  toCell: ({ slow }) => words(toCountText(slow), slow > 0 ? "warn" : "dim"),
  toValue: ({ slow }) => slow,
};

export function toPerSecond(amount: number, { from, to }: Pick<TimeSpan, "from" | "to">): number {
  return to > from ? (amount * 1000) / (to - from) : 0;
}

/** `1,204`, `84.2`, `0.35` a second. */
export function toPerSecondText(amount: number, span: Pick<TimeSpan, "from" | "to">): string {
  const rate = toPerSecond(amount, span);
  if (rate >= 100) {
    return toCountText(rate);
  }
  return rate === 0 ? "0" : rate.toFixed(rate >= 10 ? 1 : 2);
}
