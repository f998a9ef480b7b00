import type { Batch } from "../core/batch.ts";
import { Distinct } from "../core/distinct.ts";
import { Distribution } from "../core/distribution.ts";
import type { Labels, Sample, TopSample } from "../core/sample.ts";
import { Top } from "../core/top.ts";
import { toLabelValues, toSpans } from "./_answer.ts";
import { topEntriesMax } from "./_block.ts";
import { selectKinds, stepsOf } from "./_evaluate.ts";
import { toBounds, toRows } from "./_heat-map.ts";
import { toLimited } from "./_label-limits.ts";
import { Levels } from "./_levels.ts";
import { compileMatchers, valueOf } from "./_matchers.ts";
import { observe, observedMs, type Observed } from "./_observed.ts";
import { planInstant, planRange, type Plan } from "./_plan.ts";
import type {
  Aggregation,
  HeatMap,
  HeatMapQuery,
  History,
  HistoryLevel,
  HistorySlice,
  HistoryStatus,
  InstantQuery,
  LabelValues,
  QueryResult,
  RangeQuery,
  ResultSeries,
  Selection,
  SeriesInfo,
  SeriesKind,
  Span,
  TopsResult,
} from "./history.ts";

export interface MemoryHistoryOptions {
  /** Finest first. */
  readonly levels: readonly HistoryLevel[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly seriesMax?: number;
}

/**
 * A history that ends with the process, for tests: every sample as it came, in a Map, and each answer computed from all
 * of them. It grows, and bounds no query.
 */
export function createMemoryHistory<Place extends string = string>(
  options: MemoryHistoryOptions,
): History<Place> {
  return new MemoryHistory<Place>(options);
}

interface Kept extends SeriesInfo {
  firstAt: number;
  lastAt: number;
  knownUntil: number;
  windowMs: number;
  readonly values: { readonly at: number; readonly value: Sample["value"] | Top }[];
}

interface Cell {
  readonly labels: Labels;
  readonly series: Kept;
  readonly value: Sample["value"] | Top;
}

class MemoryHistory<Place extends string> implements History<Place> {
  readonly #options: MemoryHistoryOptions;
  readonly #levels: Levels;
  readonly #series = new Map<string, Kept>();
  readonly #taken = new Map<string, number>();
  readonly #refused = { seriesMax: 0, invalid: 0, outOfRange: 0 };
  readonly #refusedKeys = new Set<string>();
  #cursor: Place | undefined;

  constructor(options: MemoryHistoryOptions) {
    this.#options = options;
    this.#levels = new Levels(options.levels);
  }

  get cursor(): Place | undefined {
    return this.#cursor;
  }

  get next(): Place | undefined {
    return this.#cursor;
  }

  async consume({ entries, next, gaps }: HistorySlice<Place>): Promise<void> {
    if (gaps.some(({ reason }) => reason === "epoch" || reason === "beyond")) {
      this.#taken.clear();
      for (const series of this.#series.values()) {
        series.knownUntil = series.lastAt;
      }
    }
    for (const { batch } of entries) {
      if (batch.seq > (this.#taken.get(batch.source) ?? 0)) {
        this.#taken.set(batch.source, batch.seq);
        batch.samples.forEach((sample) => this.#take(batch, sample, sample.kind));
        batch.tops.forEach((top) => this.#take(batch, top, "top"));
      }
    }
    this.#cursor = next;
  }

  async query(query: RangeQuery): Promise<QueryResult> {
    const series = selectKinds(query, query.metric, this.#select(query));
    return this.#evaluate(query, this.#planRange(query, series));
  }

  async queryInstant(query: InstantQuery): Promise<QueryResult> {
    const plan = planInstant(this.#levels.of("gauge"), query, this.#options.now());
    return this.#evaluate(query, plan);
  }

  async queryHeatMap(query: HeatMapQuery): Promise<HeatMap> {
    const aggregation = { aggregate: "quantile", quantiles: [0] } as const;
    const series = selectKinds(aggregation, query.metric, this.#select(query));
    const plan = this.#planRange(query, series);
    const merged = [...this.#cells(series, plan)].map(([at, cells]) => {
      return [at, mergeDistributions(cells)] as const;
    });
    const bounds = toBounds(
      merged.map(([, distribution]) => distribution),
      query.rowsMax ?? 30,
    );
    const columns = merged.map(([at, each]) => [at, toRows(each, bounds)] as const);
    return { spans: toSpans(plan), bounds, columns };
  }

  async queryTops(selection: Selection, max: number): Promise<TopsResult> {
    const plan = planInstant(this.#levels.of("top"), selection, this.#options.now());
    const series = this.#select(selection).filter(({ kind }) => kind === "top");
    const whole = new Top(1000);
    for (const { value } of [...this.#cells(series, plan).values()].flat()) {
      if (value instanceof Top) {
        const cut = new Top(topEntriesMax);
        cut.merge(value);
        whole.merge(cut);
      }
    }
    const [range = selection] = toSpans(plan);
    const { total, errorMax } = whole;
    const [entries, other] = [whole.entries(max), whole.other(max)];
    return { range: { from: range.from, to: range.to }, entries, other, total, errorMax };
  }

  async series(selection: Partial<Selection>): Promise<readonly SeriesInfo[]> {
    return this.#list(selection).map(({ metric, kind, labels, firstAt, lastAt }) => ({
      metric,
      kind,
      labels,
      firstAt,
      lastAt,
    }));
  }

  async labels(selection: Partial<Selection>, valuesMax: number): Promise<readonly LabelValues[]> {
    return toLabelValues(this.#list(selection), valuesMax);
  }

  async trim(): Promise<number> {
    const oldest = this.#options.now() - (this.#levels.of("gauge").at(-1)?.ageMs ?? 0);
    for (const [key, { lastAt }] of this.#series) {
      if (lastAt < oldest) {
        this.#series.delete(key);
      }
    }
    return 0;
  }

  async flush(): Promise<void> {
    // Nothing outlives the process.
  }

  async status(): Promise<HistoryStatus> {
    const sizes = [...this.#series.values()].map(({ values }) => values.length);
    return {
      series: this.#series.size,
      seriesMax: this.#options.seriesMax ?? 20_000,
      seriesRefused: this.#refusedKeys.size,
      samplesRefused: { ...this.#refused },
      labelsCut: 0,
      chunks: 0,
      sizeBytes: 0,
      pointsInMemory: sizes.reduce((sum, size) => sum + size, 0),
      damagedChunks: 0,
      damage: [],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#series.clear();
  }

  #planRange({ from, to, stepMs }: Span, series: readonly Kept[]): Plan {
    const range = { from, to, stepMs: this.#levels.toStep(stepMs, series) };
    return planRange(this.#levels.of("gauge"), range, this.#options.now());
  }

  #take(batch: Batch, sample: Sample | TopSample, kind: SeriesKind): void {
    const at = this.#levels.slotOf(batch, kind, this.#options.now());
    if (at === undefined) {
      this.#refused.outOfRange++;
    } else if (typeof sample.value === "number" && !Number.isFinite(sample.value)) {
      this.#refused.invalid++;
    } else {
      const series = this.#find(batch, sample, kind);
      if (series !== undefined && at > series.knownUntil) {
        series.values.push({ at, value: sample.value });
        series.windowMs = this.#levels.windowOf(batch);
        series.firstAt = Math.min(series.firstAt, at);
        series.lastAt = Math.max(series.lastAt, at);
      }
    }
  }

  #find(batch: Batch, sample: Sample | TopSample, kind: SeriesKind): Kept | undefined {
    const own = { source: batch.source, service: batch.service };
    const pairs = Object.entries({ ...sample.labels, ...own }).filter(([, value]) => value !== "");
    const limited = pairs.map(([label, value]) => [label, toLimited(value)] as const);
    const key = JSON.stringify([
      sample.name,
      kind,
      limited.toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ]);
    const known = this.#series.get(key);
    if (known !== undefined || this.#series.size >= (this.#options.seriesMax ?? 20_000)) {
      if (known === undefined) {
        this.#refusedKeys.add(key);
        this.#refused.seriesMax++;
      }
      return known;
    }
    const made: Kept = {
      metric: sample.name,
      kind,
      labels: Object.fromEntries(limited),
      firstAt: Infinity,
      lastAt: -Infinity,
      knownUntil: -Infinity,
      windowMs: 0,
      values: [],
    };
    this.#series.set(key, made);
    return made;
  }

  #list(selection: Partial<Selection>): readonly Kept[] {
    const { from = -Infinity, to = Infinity } = selection;
    return this.#select(selection).filter(({ firstAt, lastAt }) => firstAt < to && lastAt >= from);
  }

  #select({ metric, matchers = [] }: Partial<Selection>): readonly Kept[] {
    const test = compileMatchers(matchers);
    return [...this.#series.values()].filter(
      (series) => (metric === undefined || series.metric === metric) && test(series.labels),
    );
  }

  /** All values by the start of the step that they fall into. */
  #cells(series: readonly Kept[], { segments, steps }: Plan): Map<number, Cell[]> {
    const cells = new Map<number, Cell[]>();
    for (const one of series) {
      for (const { at, value } of one.values) {
        const segment = segments.find(({ from, to }) => at >= from && at < to);
        if (segment !== undefined) {
          const { from, stepMs } = segment;
          const start = steps === 1 ? (segments[0]?.from ?? 0) : at - ((at - from) % stepMs);
          const cell = cells.get(start) ?? [];
          cell.push({ labels: one.labels, series: one, value });
          cells.set(start, cell);
        }
      }
    }
    return new Map([...cells].toSorted(([a], [b]) => a - b));
  }

  #evaluate(query: Selection & Aggregation, plan: Plan): QueryResult {
    const series = selectKinds(query, query.metric, this.#select(query));
    const { by = [], quantiles = [], aggregate } = query;
    const result = new Map<string, ResultSeries & { points: (readonly [number, number])[] }>();
    const observed = observe(series, this.#levels.of("gauge"), this.#options.now());
    const widths = toWidths(plan, observed);
    for (const [at, cells] of this.#cells(series, plan)) {
      const groups = Map.groupBy(cells, ({ labels }) =>
        by.map((label) => valueOf(labels, label)).join("\0"),
      );
      for (const [key, group] of groups) {
        for (const quantile of aggregate === "quantile" ? quantiles : [undefined]) {
          const name = `${key}\0${quantiles.indexOf(quantile ?? -1)}`;
          const pairs = by.map((label) => [label, valueOf(group[0]?.labels ?? {}, label)] as const);
          const labels = Object.fromEntries(pairs.filter(([, value]) => value !== ""));
          const known = result.get(name) ?? {
            labels,
            ...(quantile === undefined ? {} : { quantile }),
            points: [],
          };
          known.points.push([at, toValue(group, query, { quantile, width: widths.get(at) ?? 1 })]);
          result.set(name, known);
        }
      }
    }
    const sorted = [...result].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return { spans: toSpans(plan), series: sorted.map(([, one]) => one) };
  }
}

/** In seconds, by the start of the step. */
function toWidths(plan: Plan, observed: Observed): ReadonlyMap<number, number> {
  return new Map([...stepsOf(plan)].map((step) => [step.at, observedMs(step, observed) / 1000]));
}

function toValue(
  cells: readonly Cell[],
  { aggregate }: Aggregation,
  { quantile = 0, width }: { readonly quantile: number | undefined; readonly width: number },
): number {
  const numbers = cells.flatMap(({ value }) => (typeof value === "number" ? [value] : []));
  const observed = mergeDistributions(cells);
  switch (aggregate) {
    case "rate":
      return (add(numbers) + observed.count) / width;
    case "sum":
      return addOfSeries(cells) + observed.sum;
    case "avg":
      return (add(numbers) + observed.sum) / (numbers.length + observed.count);
    case "min":
      return Math.min(...numbers, observed.min);
    case "max":
      return Math.max(...numbers, observed.max);
    case "count":
      return numbers.length + observed.count;
    case "quantile":
      return observed.quantile(quantile);
    case "distinct": {
      const all = new Distinct();
      cells.forEach(({ value }) => value instanceof Distinct && all.merge(value));
      return all.count;
    }
  }
}

/** Counts in all; of gauges each series' average. */
function addOfSeries(cells: readonly Cell[]): number {
  let total = 0;
  for (const [{ kind }, group] of Map.groupBy(cells, ({ series }) => series)) {
    const numbers = group.flatMap(({ value }) => (typeof value === "number" ? [value] : []));
    total += kind === "gauge" ? add(numbers) / numbers.length : add(numbers);
  }
  return total;
}

function add(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function mergeDistributions(cells: readonly Cell[]): Distribution {
  const all = new Distribution({ valuesMax: 100_000 });
  cells.forEach(({ value }) => value instanceof Distribution && all.merge(value));
  return all;
}
