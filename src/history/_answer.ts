// Answers of an adapter that keeps blocks of points: which series, which points, then the evaluation.
import { Top } from "../core/top.ts";
import type { Block } from "./_block.ts";
import { Evaluation, selectKinds, type PointSink } from "./_evaluate.ts";
import { HeatMapRows } from "./_heat-map.ts";
import type { Levels } from "./_levels.ts";
import { observe } from "./_observed.ts";
import { planInstant, planRange, type Plan, type Segment } from "./_plan.ts";
import { toInfo, type Series } from "./_series-index.ts";
import { WorkBudget } from "./_work-budget.ts";
import {
  QueryTooLarge,
  type Aggregation,
  type HeatMap,
  type HeatMapQuery,
  type InstantQuery,
  type LabelValues,
  type QueryResult,
  type RangeQuery,
  type Selection,
  type SeriesInfo,
  type Span,
  type TopsResult,
} from "./history.ts";

/** What is asked for points; all that is read within one call belongs together. */
export interface PointSource {
  readonly levels: Levels;
  readonly now: () => number;
  select(selection: Partial<Selection>): readonly Series[];
  /** The points of a series within each segment; a point may come in several parts. */
  read(series: Series, segment: Segment): readonly Block[];
}

/** Of one query, or one listing. */
const seriesMax = 20_000;

export class Answers {
  readonly #source: PointSource;
  readonly #workMax: number;

  constructor(source: PointSource, workMax: number) {
    this.#source = source;
    this.#workMax = workMax;
  }

  async query(query: RangeQuery): Promise<QueryResult> {
    const series = selectKinds(query, query.metric, this.#select(query));
    return this.#evaluate(query, series, this.#planRange(query, series));
  }

  async queryInstant(query: InstantQuery): Promise<QueryResult> {
    const series = selectKinds(query, query.metric, this.#select(query));
    const plan = planInstant(this.#source.levels.of("gauge"), query, this.#source.now());
    return this.#evaluate(query, series, plan);
  }

  async queryHeatMap(query: HeatMapQuery): Promise<HeatMap> {
    const aggregation = { aggregate: "quantile", quantiles: [1] } as const;
    const series = selectKinds(aggregation, query.metric, this.#select(query));
    const plan = this.#planRange(query, series);
    const rows = new HeatMapRows(plan, query.rowsMax ?? 30);
    for await (const { segment, block } of this.#read(series, plan)) {
      rows.add(segment, block);
    }
    return { spans: toSpans(plan), ...rows.finish() };
  }

  async queryTops(selection: Selection, max: number): Promise<TopsResult> {
    const plan = planInstant(this.#source.levels.of("top"), selection, this.#source.now());
    const series = this.#select(selection).filter(({ kind }) => kind === "top");
    const whole = new Top(1000);
    for await (const { block } of this.#read(series, plan)) {
      block.summaries.forEach((summary) => whole.merge(Top.fromBytes(summary)));
    }
    const [{ from, to } = { from: selection.from, to: selection.to }] = toSpans(plan);
    const { total, errorMax } = whole;
    const [entries, other] = [whole.entries(max), whole.other(max)];
    return { range: { from, to }, entries, other, total, errorMax };
  }

  series(selection: Partial<Selection>): readonly SeriesInfo[] {
    return this.#list(selection).map(toInfo);
  }

  labels(selection: Partial<Selection>, valuesMax: number): readonly LabelValues[] {
    return toLabelValues(this.#list(selection), valuesMax);
  }

  #planRange({ from, to, stepMs }: Span, series: readonly Series[]): Plan {
    const { levels, now } = this.#source;
    const range = { from, to, stepMs: levels.toStep(stepMs, series) };
    return planRange(levels.of("gauge"), range, now());
  }

  async #evaluate(
    aggregation: Aggregation,
    series: readonly Series[],
    plan: Plan,
  ): Promise<QueryResult> {
    const { levels, now } = this.#source;
    const observed = observe(series, levels.of("gauge"), now());
    const evaluation = new Evaluation(aggregation, plan, observed);
    let sink: PointSink | undefined;
    let open: Series | undefined;
    for await (const { one, segment, block } of this.#read(evaluation.toOrder(series), plan)) {
      if (one !== open) {
        sink?.end();
        sink = evaluation.begin(one);
        open = one;
      }
      sink?.add(segment, block);
    }
    sink?.end();
    return { spans: toSpans(plan), series: evaluation.finish() };
  }

  #list(selection: Partial<Selection>): readonly Series[] {
    const { from = -Infinity, to = Infinity } = selection;
    return this.#select(selection).filter(({ firstAt, lastAt }) => firstAt < to && lastAt >= from);
  }

  #select(selection: Partial<Selection>): readonly Series[] {
    const series = this.#source.select(selection);
    if (series.length > seriesMax) {
      throw new QueryTooLarge(
        `${series.length} series match, and ${seriesMax} is the most; name more labels`,
      );
    }
    return series;
  }

  /** Series by series. The points of each one are read at one instant, and others may run while they are merged. */
  async *#read(
    series: readonly Series[],
    { segments }: Plan,
  ): AsyncGenerator<{ readonly one: Series; readonly segment: Segment; readonly block: Block }> {
    const budget = new WorkBudget(this.#workMax);
    for (const one of series) {
      const parts = segments
        .filter(({ from, to }) => one.firstAt < to && one.lastAt >= from)
        .flatMap((segment) => this.#source.read(one, segment).map((block) => ({ segment, block })));
      for (const { segment, block } of parts) {
        budget.spend(block);
        yield { one, segment, block };
        await budget.pause();
      }
      await budget.pause();
    }
  }
}

export function toSpans({ segments, steps }: Plan): readonly Span[] {
  const [first] = segments;
  const last = segments.at(-1);
  if (first === undefined || last === undefined) {
    return [];
  }
  if (steps === 1) {
    return [{ from: first.from, to: last.to, stepMs: last.to - first.from }];
  }
  return segments.map(({ from, to, stepMs }) => ({ from, to, stepMs }));
}

export function toLabelValues(
  series: readonly Pick<SeriesInfo, "labels">[],
  valuesMax: number,
): readonly LabelValues[] {
  const found = new Map<string, Set<string>>();
  for (const { labels } of series) {
    for (const [label, value] of Object.entries(labels)) {
      const values = found.get(label) ?? new Set();
      found.set(label, values.add(value));
    }
  }
  return [...found]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, values]) => ({
      label,
      values: [...values].toSorted().slice(0, valuesMax),
      total: values.size,
    }));
}
