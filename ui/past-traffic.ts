// What the history says of an access log, as its charts draw it.
import { type Answers, emptyLine, type LabelledLine, linesBefore, linesOf } from "./answers.ts";
import { showGroups } from "./groups.ts";
import { beforeSeries, errorSeries, quantileSeries } from "./line-styles.ts";
import { type Line, sumPoints, toPastColumns, toRates, totalOf } from "./past-columns.ts";
import type { ChartData, PlotSeries } from "./plot.ts";
import type { QueryName } from "./queries.ts";

export interface PastTraffic {
  readonly requests: ChartData;
  readonly errors: ChartData;
  readonly durations: ChartData;
  readonly slow: ChartData;
  readonly bytes: ChartData;
  /** The busiest first. */
  readonly groups: readonly string[];
  readonly totals: PastTotals;
}

/**
 * Over the whole range, of the chosen group alone where there is one; undefined where it could not
 * be loaded, or while the source was not watched.
 */
export interface PastTotals {
  readonly requests: number | undefined;
  readonly clientErrors: number | undefined;
  readonly serverErrors: number | undefined;
  readonly bytes: number | undefined;
  readonly slow: number | undefined;
}

export interface PastSource {
  readonly id: string;
  readonly everyMs: number;
}

export function toPastTraffic(answers: Answers, source: PastSource): PastTraffic {
  const { group } = answers.view;
  const all = linesOf(answers, "requests", source.id);
  const ranked = rankGroups(all);
  const shown =
    group === undefined ? all : all.filter(({ labels }) => (labels["group"] ?? "") === group);
  const errors = toErrorLines(answers, source.id);
  const slow = linesOf(answers, "slow", source.id);
  const bytes = linesOf(answers, "bytes", source.id);
  const draft = (name: QueryName, lines: readonly Line[], series: readonly PlotSeries[]) =>
    toChart({ answers, source, name, lines, series });
  const isUnwatched = answers.replies.has("lines") && !hasPoints(answers, "lines", source.id);
  const sum = (name: QueryName, lines: readonly Line[]): number | undefined =>
    !answers.replies.has(name) || isUnwatched
      ? undefined
      : lines.reduce((total, line) => total + totalOf(line), 0);
  const groups = toGroupLines(shown, group === undefined ? ranked : [group], ranked);
  return {
    requests: draft("requests", groups.lines, groups.series),
    errors: draft("errors", errors, errorSeries),
    durations: toDurations(answers, source),
    slow: draft("slow", slow, slow.length === 0 ? [] : [{ label: "slow", colour: "--p90" }]),
    bytes: draft("bytes", bytes, bytes.length === 0 ? [] : [{ label: "sent", colour: "--p90" }]),
    groups: ranked,
    totals: {
      requests: sum("requests", shown),
      serverErrors: sum("errors", errors.slice(0, 1)),
      clientErrors: sum("errors", errors.slice(1)),
      bytes: sum("bytes", bytes),
      slow: sum("slow", slow),
    },
  };
}

function hasPoints(answers: Answers, name: QueryName, source: string): boolean {
  return linesOf(answers, name, source).some(({ points }) => points.length > 0);
}

function rankGroups(lines: readonly LabelledLine[]): string[] {
  return lines
    .map((line) => ({ group: line.labels["group"] ?? "", total: totalOf(line) }))
    .toSorted((a, b) => b.total - a.total || a.group.localeCompare(b.group))
    .map(({ group }) => group);
}

interface GroupLines {
  readonly lines: readonly Line[];
  readonly series: readonly PlotSeries[];
}

/** A group has the same colour alone as among all, which are `ranked`. */
function toGroupLines(
  lines: readonly LabelledLine[],
  wanted: readonly string[],
  ranked: readonly string[],
): GroupLines {
  const { series, rest } = showGroups(ranked, new Map());
  const apart = series.filter(({ group }) => wanted.includes(group));
  const named = apart.map(({ group }) => lines.filter(({ labels }) => labels["group"] === group));
  const others = lines.filter((line) => !named.flat().includes(line));
  const hasRest = rest !== undefined && others.length > 0;
  const sets = hasRest ? [...named, others] : named;
  return {
    lines: sets.flatMap((set) => sumLines(set) ?? []),
    series: hasRest ? [...apart, rest] : apart,
  };
}

/** Those of the server, then those of the clients; a status is three digits. */
function toErrorLines(answers: Answers, source: string): Line[] {
  const lines = linesOf(answers, "errors", source);
  return ["5", "4"].map((digit) => {
    const own = lines.filter(({ labels }) => labels["status"]?.startsWith(digit));
    return sumLines(own) ?? emptyLine(answers, "errors");
  });
}

/** Of the same answer, at each instant; undefined without any. */
function sumLines(lines: readonly Line[]): Line | undefined {
  const [first] = lines;
  return first && { ...first, points: sumPoints(lines.map(({ points }) => points)) };
}

const nothing: ChartData = { series: [], columns: { x: [], y: [] } };

/** A chart whose answer is missing. */
export function toMissing({ isComplete }: Answers): ChartData {
  return { ...nothing, missing: isComplete ? "failed" : "loading" };
}

interface ChartInput {
  readonly answers: Answers;
  readonly source: PastSource;
  readonly name: QueryName;
  readonly lines: readonly Line[];
  readonly series: readonly PlotSeries[];
}

/** Of counts, drawn per second: nothing counted while the source was watched is zero. */
function toChart({ answers, source, name, lines, series }: ChartInput): ChartData {
  if (!answers.replies.has(name)) {
    return toMissing(answers);
  }
  const before = linesBefore(answers, name, source.id).map((line) => toRates(line, Infinity));
  const watched = sumPoints(linesOf(answers, "lines", source.id).map(({ points }) => points));
  const columns = toPastColumns({
    lines: lines.map((line) => toRates(line, answers.askedAt)),
    linesBefore: before,
    watched,
    everyMs: source.everyMs,
    until: answers.askedAt,
  });
  return { series: [...series, ...before.map(() => beforeSeries)], columns };
}

/** A week before it is alone: three more lines could not be told apart. */
const comparedQuantile = 0.99;

function toDurations(answers: Answers, source: PastSource): ChartData {
  const empty = emptyLine(answers, "durations");
  const lines = byQuantile(linesOf(answers, "durations", source.id), empty);
  if (lines.every(({ points }) => points.length === 0)) {
    return answers.replies.has("durations") ? nothing : toMissing(answers);
  }
  const before = linesBefore(answers, "durations", source.id).filter(
    ({ labels }) => Number(labels["quantile"]) === comparedQuantile,
  );
  const columns = toPastColumns({
    lines,
    linesBefore: before,
    everyMs: source.everyMs,
    until: answers.askedAt,
  });
  const series = before.map(() => ({ ...beforeSeries, label: "p99 a week before" }));
  return { series: [...quantileSeries, ...series], columns };
}

function byQuantile(lines: readonly LabelledLine[], empty: Line): Line[] {
  return quantileSeries.map(
    ({ quantile }) => lines.find(({ labels }) => Number(labels["quantile"]) === quantile) ?? empty,
  );
}
