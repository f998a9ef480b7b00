// What stands above every panel: how much, how well, how fast.
import {
  toBytesText,
  toCountText,
  toSecondsText,
  toShareText,
} from "../../access-log/report/render/quantities.ts";
import { toColumns, toSparkline } from "../../access-log/report/render/text-charts.ts";
import { toQuantileName } from "../../access-log/report/report.ts";
import { type Line, type Span as Words, spread, widthOfLine } from "../screen/line.ts";
import { toPerSecond, toPerSecondText } from "./group-panel.ts";
import { type TimeSpan, spansMs } from "./live-numbers.ts";
import { type Shown, words } from "./panel.ts";
import { type GroupTally, classOf, requestsOf } from "./tally.ts";
import type { TopState } from "./top-state.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Columns of the words in front of a course. */
const wordColumns = 36;
/** Longer, the logs are only counted. */
const namesMax = 30;
/** So tall a screen has room for a chart. */
const tallRows = 40;
const chartRows = 5;

export function toTitleLine(state: TopState, shown: Shown, { columns }: Size): Line {
  const { span, logs, isCatchingUp } = shown;
  const names = logs.join(", ");
  const name = names.length <= namesMax ? names : `${logs.length} logs`;
  const left = [words(" watchpost top ", "heading"), words(` ${name} `, "strong")];
  const filter = state.filter === "" ? [] : [words(`  where ${state.filter}`, "warn")];
  const when =
    span === undefined
      ? "waiting for the first window"
      : `${toSpanName(state.spanAt)} to ${toClock(span.to, shown)} ${shown.instants.zone}`;
  const late = isCatchingUp && span !== undefined ? [words(" catching up ", "warn")] : [];
  const pause: Words[] = state.isPaused ? [{ text: " PAUSED ", isReversed: true }] : [];
  return spread([...left, ...filter], [...pause, ...late, words(` ${when} `, "dim")], columns);
}

export function toSpanName(spanAt: number): string {
  const ms = spansMs[spanAt] ?? Infinity;
  if (ms === Infinity) {
    return "since the start";
  }
  return ms >= 3_600_000 ? `last ${ms / 3_600_000} h` : `last ${ms / 60_000} min`;
}

export function toHeadLines(shown: Shown, size: Size): Line[] {
  const { span } = shown;
  if (span === undefined) {
    return [[words(" reading …", "dim")]];
  }
  const all = span.whole.total();
  const courses = toCourses(span, shown.quantiles);
  const [requestWords, failureWords, durationWords] = [
    toRequestWords(all, span),
    toFailureWords(all, span),
    toDurationWords(all, shown.quantiles),
  ];
  const said = [
    requestWords,
    failureWords,
    ...(durationWords === undefined ? [] : [durationWords]),
  ];
  const start = Math.max(wordColumns, ...said.map((line) => widthOfLine(line) + 1));
  const frame = { start, columns: size.columns };
  const lines = [
    toCourseLine(requestWords, courses.requests, { ...frame, tone: "bar" }),
    toCourseLine(failureWords, courses.failed, { ...frame, tone: "bad" }),
    ...(durationWords === undefined
      ? []
      : [toCourseLine(durationWords, courses.slowest, { ...frame, tone: "warn" })]),
    toTrafficLine(all, span),
  ];
  return size.rows < tallRows ? lines : [...toChartLines(courses.requests, span, size), ...lines];
}

interface Courses {
  readonly requests: readonly number[];
  readonly failed: readonly number[];
  /** The highest of the quantiles; undefined where nothing was measured. */
  readonly slowest: readonly (number | undefined)[];
}

function toCourses({ slots }: TimeSpan, quantiles: readonly number[]): Courses {
  const totals = slots.map(({ tally }) => tally.total());
  const share = Math.max(...quantiles);
  return {
    requests: totals.map(requestsOf),
    failed: totals.map((total) => classOf(total, "5")),
    slowest: totals.map(({ durations }) => durations?.quantile(share)),
  };
}

function toRequestWords(all: GroupTally, span: TimeSpan): Line {
  return [
    words(" requests  "),
    words(`${toPerSecondText(requestsOf(all), span)}/s`, "strong"),
    words(`  ${toCountText(requestsOf(all))}`, "dim"),
  ];
}

function toFailureWords(all: GroupTally, span: TimeSpan): Line {
  const [refused, failed] = [classOf(all, "4"), classOf(all, "5")];
  const share = (part: number): string => toShareText(part, requestsOf(all)) || "–";
  return [
    words(" 5xx "),
    words(share(failed), failed > 0 ? "bad" : "good"),
    words(` ${toPerSecondText(failed, span)}/s`, "dim"),
    words("   4xx "),
    words(share(refused), refused > 0 ? "warn" : "good"),
  ];
}

function toDurationWords(
  { durations }: GroupTally,
  quantiles: readonly number[],
): Line | undefined {
  return durations === undefined
    ? undefined
    : quantiles.flatMap((share) => [
        words(` ${toQuantileName(share)} `),
        words(toSecondsText(durations.quantile(share)), "strong"),
        words(" "),
      ]);
}

function toTrafficLine(all: GroupTally, span: TimeSpan): Line {
  const { lines, clients } = span.whole;
  const unparsed = (lines.get("unparsed") ?? 0) + (lines.get("too_long") ?? 0);
  const filtered = lines.get("filtered") ?? 0;
  const read = lines.values().reduce((sum, count) => sum + count, 0);
  return [
    words(` sent ${toBytesText(Math.round(toPerSecond(all.bytes, span)))}/s`),
    words(`   clients ${toCountText(clients?.count ?? 0)}`),
    words("   unparsed lines ", unparsed > 0 ? undefined : "dim"),
    words(
      unparsed > 0 ? `${toCountText(unparsed)} (${toShareText(unparsed, read)})` : "0",
      unparsed > 0 ? "warn" : "dim",
    ),
    ...(filtered > 0 ? [words(`   left out ${toShareText(filtered, read)}`, "dim")] : []),
  ];
}

interface CourseFrame {
  /** Where the courses begin. */
  readonly start: number;
  readonly columns: number;
  readonly tone: "bar" | "bad" | "warn";
}

/** The words, then a course with the newest at its right end. */
function toCourseLine(
  said: Line,
  values: readonly (number | undefined)[],
  { start, columns, tone }: CourseFrame,
): Line {
  const room = Math.max(0, columns - start - 1);
  // A gap says better than the lowest bar that there was nothing.
  const shown = values.slice(-room).map((value) => value || undefined);
  return room < 10
    ? said
    : [...said, words(" ".repeat(start - widthOfLine(said))), words(toSparkline(shown), tone)];
}

/** Requests a second over time, over the whole width. */
function toChartLines(requests: readonly number[], span: TimeSpan, { columns }: Size): Line[] {
  const most = Math.max(...requests);
  const label = `${toPerSecondText(most, { from: 0, to: span.slotMs })}/s`;
  const room = columns - label.length - 3;
  const wide = Math.max(1, Math.floor(room / Math.max(1, requests.length)));
  const values = requests
    .flatMap((value) => Array.from({ length: wide }, () => value))
    .slice(-room);
  return toColumns(values, chartRows).map((text, row) => [
    words(
      ` ${(row === 0 ? label : row === chartRows - 1 ? "0" : "").padStart(label.length)} `,
      "dim",
    ),
    words(text, "bar"),
  ]);
}

/** `13:55:36` */
export function toClock(ms: number, { instants }: Pick<Shown, "instants">): string {
  return instants.full(new Date(ms).toISOString()).slice(-8);
}
