// From blocks of points to the series of an answer. Which points there are is the caller's business.
import { Distinct } from "../core/distinct.ts";
import { Distribution } from "../core/distribution.ts";
import type { Labels } from "../core/sample.ts";
import type { Block } from "./_block.ts";
import { valueOf } from "./_matchers.ts";
import { observedMs, type Observed } from "./_observed.ts";
import { stepIndex, type Plan, type Segment } from "./_plan.ts";
import {
  QueryInvalid,
  QueryTooLarge,
  type Aggregate,
  type Aggregation,
  type ResultSeries,
  type SeriesKind,
} from "./history.ts";

const kindsOf: Readonly<Record<Aggregate, readonly SeriesKind[]>> = {
  rate: ["count", "distribution"],
  sum: ["count", "distribution", "gauge"],
  avg: ["gauge", "distribution"],
  min: ["gauge", "distribution"],
  max: ["gauge", "distribution"],
  count: ["gauge", "distribution"],
  quantile: ["distribution"],
  distinct: ["distinct"],
};

/** Values of one answer: groups times steps. */
const valuesMax = 1_000_000;

/** Those that the aggregate applies to. Throws QueryInvalid when there are series, but none of those. */
export function selectKinds<Known extends { readonly kind: SeriesKind }>(
  { aggregate, quantiles = [] }: Aggregation,
  metric: string,
  series: readonly Known[],
): readonly Known[] {
  if (aggregate === "quantile" && !(quantiles.length > 0 && quantiles.every(isShare))) {
    throw new QueryInvalid("a quantile needs shares from 0 to 1, for example 0.99");
  }
  const fitting = series.filter(({ kind }) => kindsOf[aggregate].includes(kind));
  const [first] = series;
  if (first !== undefined && fitting.length === 0) {
    const known = Object.entries(kindsOf).filter(([, kinds]) => kinds.includes(first.kind));
    const names = known.map(([name]) => name).join(", ");
    throw new QueryInvalid(
      `${metric} is a ${first.kind}, which has no ${aggregate}; ` +
        (names === "" ? "ask for its tops" : `ask for ${names}`),
    );
  }
  return fitting;
}

function isShare(share: number): boolean {
  return share >= 0 && share <= 1;
}

/** Takes the points of one series, which may come in any parts. */
export interface PointSink {
  readonly add: (segment: Segment, block: Block) => void;
  readonly end: () => void;
}

interface Group {
  readonly key: string;
  readonly labels: Labels;
  readonly fold: Fold;
}

/** Takes the points of all series, one series after the other, and yields what becomes of them. */
export class Evaluation {
  readonly #aggregation: Aggregation;
  readonly #plan: Plan;
  readonly #observed: Observed;
  readonly #found: { readonly key: string; readonly series: readonly ResultSeries[] }[] = [];
  /** Only one at a time: those of all steps of all groups take up to a kilobyte each. */
  #group: Group | undefined;

  constructor(aggregation: Aggregation, plan: Plan, observed: Observed) {
    this.#aggregation = aggregation;
    this.#plan = plan;
    this.#observed = observed;
  }

  /** The series in the order in which they have to be given: group by group. Throws QueryTooLarge. */
  toOrder<Known extends { readonly labels: Labels }>(series: readonly Known[]): readonly Known[] {
    const groups = Map.groupBy(series, ({ labels }) => this.#keyOf(labels));
    if (groups.size * this.#plan.steps > valuesMax) {
      throw new QueryTooLarge(
        `the answer would have more than ${valuesMax} values; ask for longer steps, a shorter range or fewer labels`,
      );
    }
    return [...groups.values()].flat();
  }

  begin({ kind, labels }: { readonly kind: SeriesKind; readonly labels: Labels }): PointSink {
    const { fold } = this.#groupOf(labels);
    const { aggregate } = this.#aggregation;
    if (kind === "gauge") {
      const own = aggregate === "sum" ? new Fold(this.#plan.steps) : fold;
      return {
        add: (segment, block) => own.addGauge(segment, block),
        end: () => own !== fold && fold.addAverages(own),
      };
    }
    return {
      add:
        kind === "count"
          ? (segment, block) => fold.addCounts(segment, block)
          : (segment, block) => fold.addSummaries(segment, block, aggregate),
      end: () => undefined,
    };
  }

  finish(): readonly ResultSeries[] {
    this.#close();
    const groups = this.#found.toSorted((a, b) => (a.key < b.key ? -1 : 1));
    return groups.flatMap(({ series }) => series);
  }

  #keyOf(labels: Labels): string {
    const { by = [] } = this.#aggregation;
    return by.map((label) => valueOf(labels, label)).join("\0");
  }

  #groupOf(labels: Labels): Group {
    const key = this.#keyOf(labels);
    if (this.#group?.key !== key) {
      this.#close();
      const { by = [] } = this.#aggregation;
      const pairs = by.map((label) => [label, valueOf(labels, label)] as const);
      const own = Object.fromEntries(pairs.filter(([, value]) => value !== ""));
      this.#group = { key, labels: own, fold: new Fold(this.#plan.steps) };
    }
    return this.#group;
  }

  #close(): void {
    if (this.#group !== undefined) {
      const { key, labels, fold } = this.#group;
      const series = this.#toSeries(labels, fold).filter(({ points }) => points.length > 0);
      this.#found.push({ key, series });
      this.#group = undefined;
    }
  }

  #toSeries(labels: Labels, fold: Fold): readonly ResultSeries[] {
    const { aggregate, quantiles = [] } = this.#aggregation;
    if (aggregate !== "quantile") {
      return [{ labels, points: this.#toPoints(fold, fold.valueOf(aggregate)) }];
    }
    return quantiles.map((quantile) => {
      const value = (step: number): number => fold.quantile(step, quantile);
      return { labels, quantile, points: this.#toPoints(fold, value) };
    });
  }

  #toPoints(fold: Fold, value: (step: number) => number): readonly (readonly [number, number])[] {
    const isRate = this.#aggregation.aggregate === "rate";
    const points: (readonly [number, number])[] = [];
    for (const step of stepsOf(this.#plan)) {
      if (fold.has(step.step)) {
        const total = value(step.step);
        const each = isRate ? (total * 1000) / observedMs(step, this.#observed) : total;
        points.push([step.at, each]);
      }
    }
    return points;
  }
}

interface Step {
  readonly step: number;
  readonly at: number;
  readonly stepMs: number;
}

/** Each step of a plan once. An instant's segments share one, which begins with the first of them. */
export function* stepsOf({ segments, steps }: Plan): Generator<Step> {
  const [first] = segments;
  if (first !== undefined && steps === 1) {
    yield { step: 0, at: first.from, stepMs: first.stepMs };
    return;
  }
  for (const segment of segments) {
    for (let at = segment.from; at < segment.to; at += segment.stepMs) {
      yield { step: stepIndex(segment, at), at, stepMs: segment.stepMs };
    }
  }
}

/** One group's state for each step. */
export class Fold {
  readonly #sums: Float64Array;
  readonly #counts: Float64Array;
  readonly #mins: Float64Array;
  readonly #maxs: Float64Array;
  readonly #seen: Uint8Array;
  readonly #distributions: (Distribution | undefined)[] = [];
  readonly #distincts: (Distinct | undefined)[] = [];

  constructor(steps: number) {
    this.#sums = new Float64Array(steps);
    this.#counts = new Float64Array(steps);
    this.#mins = new Float64Array(steps).fill(Infinity);
    this.#maxs = new Float64Array(steps).fill(-Infinity);
    this.#seen = new Uint8Array(steps);
  }

  has(step: number): boolean {
    return this.#seen[step] === 1;
  }

  addCounts(segment: Segment, { times, columns: [sums = []] }: Block): void {
    for (let at = 0; at < times.length; at++) {
      const step = stepIndex(segment, times[at] ?? 0);
      this.#seen[step] = 1;
      this.#sums[step] = (this.#sums[step] ?? 0) + (sums[at] ?? 0);
    }
  }

  addGauge(segment: Segment, { times, columns }: Block): void {
    const [sums = [], counts = [], mins = [], maxs = []] = columns;
    for (let at = 0; at < times.length; at++) {
      const step = stepIndex(segment, times[at] ?? 0);
      this.#seen[step] = 1;
      this.#sums[step] = (this.#sums[step] ?? 0) + (sums[at] ?? 0);
      this.#counts[step] = (this.#counts[step] ?? 0) + (counts[at] ?? 0);
      this.#mins[step] = Math.min(this.#mins[step] ?? 0, mins[at] ?? 0);
      this.#maxs[step] = Math.max(this.#maxs[step] ?? 0, maxs[at] ?? 0);
    }
  }

  addAverages(series: Fold): void {
    for (let step = 0; step < series.#seen.length; step++) {
      if (series.#seen[step] === 1) {
        this.#seen[step] = 1;
        const average = (series.#sums[step] ?? 0) / (series.#counts[step] ?? 1);
        this.#sums[step] = (this.#sums[step] ?? 0) + average;
      }
    }
  }

  /** Throws Corrupt for a summary that does not decode. */
  addSummaries(segment: Segment, { times, summaries }: Block, aggregate: Aggregate): void {
    for (const [at, summary] of summaries.entries()) {
      const step = stepIndex(segment, times[at] ?? 0);
      if (aggregate === "distinct") {
        this.#addDistinct(step, Distinct.fromBytes(summary));
      } else {
        this.#addDistribution(step, summary, aggregate);
      }
      this.#seen[step] = 1;
    }
  }

  distribution(step: number): Distribution | undefined {
    return this.#distributions[step];
  }

  quantile(step: number, share: number): number {
    return this.#distributions[step]?.quantile(share) ?? Number.NaN;
  }

  /** `rate` is the sum, which the caller divides by the time. */
  valueOf(aggregate: Exclude<Aggregate, "quantile">): (step: number) => number {
    switch (aggregate) {
      case "rate":
      case "sum":
        return (step) => this.#sums[step] ?? 0;
      case "avg":
        return (step) => (this.#sums[step] ?? 0) / (this.#counts[step] ?? 0);
      case "min":
        return (step) => this.#mins[step] ?? 0;
      case "max":
        return (step) => this.#maxs[step] ?? 0;
      case "count":
        return (step) => this.#counts[step] ?? 0;
      case "distinct":
        return (step) => this.#distincts[step]?.count ?? 0;
    }
  }

  #addDistribution(step: number, summary: Uint8Array, aggregate: Aggregate): void {
    if (aggregate === "quantile") {
      const known = this.#distributions[step] ?? new Distribution();
      known.mergeBytes(summary);
      this.#distributions[step] = known;
      return;
    }
    const { count, sum, min, max } = Distribution.totalsOf(summary);
    // The rate of a distribution is that of its observations.
    this.#sums[step] = (this.#sums[step] ?? 0) + (aggregate === "rate" ? count : sum);
    this.#counts[step] = (this.#counts[step] ?? 0) + count;
    this.#mins[step] = Math.min(this.#mins[step] ?? 0, min);
    this.#maxs[step] = Math.max(this.#maxs[step] ?? 0, max);
  }

  #addDistinct(step: number, distinct: Distinct): void {
    const known = this.#distincts[step];
    if (known === undefined) {
      this.#distincts[step] = distinct;
    } else {
      known.merge(distinct);
    }
  }
}
