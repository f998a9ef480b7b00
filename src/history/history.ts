// The port: the time series that are kept for charts and ranges. test/contracts/history.test.ts runs over the SQLite
// adapter and over the one in memory, which keeps every sample as it came and is the oracle of the other.
import type { Batch } from "../core/batch.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Labels, SampleKind } from "../core/sample.ts";
import type { TopEntry } from "../core/top.ts";

/** Points of `stepMs` are kept for `ageMs`. Coarser levels are multiples of finer ones, and are kept as long or longer. */
export interface HistoryLevel {
  readonly stepMs: number;
  readonly ageMs: number;
}

/** What the history takes of a slice of the journal, whose places it stores without looking into them. */
export interface HistorySlice<Place extends string> {
  readonly entries: readonly { readonly batch: Batch }[];
  readonly next: Place;
  /** After `epoch` and `beyond` the sequence numbers of the sources begin anew. */
  readonly gaps: readonly { readonly reason: string }[];
}

/** `=~` and `!~` match the whole value. A series without the label has an empty one. */
export interface Matcher {
  readonly label: string;
  readonly op: "=" | "!=" | "=~" | "!~";
  readonly value: string;
}

/** From `from` up to, but without, `to`: milliseconds since the epoch. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** Which series: `source` and `service` are labels here. */
export interface Selection extends TimeRange {
  readonly metric: string;
  readonly matchers?: readonly Matcher[];
}

/**
 * What becomes of the points of a step, of all series of a group together:
 * - `rate` (per second) and `sum`: of counts, and of the number and the sum of a distribution's observations;
 * - `sum` of gauges: each series' average over the step, added up;
 * - `avg`, `min`, `max`: of a gauge's measurements, or a distribution's observations;
 * - `count`: how many measurements or observations there were;
 * - `quantile` of merged distributions, `distinct` of merged distincts.
 */
export type Aggregate = "rate" | "sum" | "avg" | "min" | "max" | "count" | "quantile" | "distinct";

export interface Aggregation {
  readonly aggregate: Aggregate;
  /** For `quantile`: shares from 0 to 1, each of which yields its own series. */
  readonly quantiles?: readonly number[];
  /** One series per combination of these labels' values; all in one unless given. */
  readonly by?: readonly string[];
}

export interface RangeQuery extends Selection, Aggregation {
  /**
   * A multiple of the finest level's step; raised to a multiple of it where the windows of the series are longer. The
   * range is widened to whole steps, counted from the epoch, and in the finest ones ends with the last that is over.
   * The rate of a longer step that is not over is that of the time that is known of it.
   */
  readonly stepMs: number;
}

export interface InstantQuery extends Selection, Aggregation {}

/** Part of a range whose points have one spacing: older parts may be kept in coarser steps only. */
export interface Span extends TimeRange {
  readonly stepMs: number;
}

export interface ResultSeries {
  /** The labels of `by` that are not empty. */
  readonly labels: Labels;
  readonly quantile?: number;
  /** The start of each step and its value. A step in which nothing was measured is absent. */
  readonly points: readonly (readonly [at: number, value: number])[];
}

export interface QueryResult {
  /** What was answered, oldest first; together they cover the part of the range that is kept. */
  readonly spans: readonly Span[];
  /** In the order of their labels' values. */
  readonly series: readonly ResultSeries[];
}

/** How the observations of each step are spread over rows of values: a heat map. */
export interface HeatMap {
  readonly spans: readonly Span[];
  /**
   * Upper bounds of the rows, rising, evenly spread over the logarithm: from the smallest observation above zero, or a
   * millionth of the largest, to the largest. The first row also takes zeros and what is smaller.
   */
  readonly bounds: readonly number[];
  /** The start of each step with observations, and how many fell into each row. */
  readonly columns: readonly (readonly [at: number, counts: readonly number[]])[];
}

export interface HeatMapQuery extends Selection {
  readonly stepMs: number;
  /** 30 unless given. */
  readonly rowsMax?: number;
}

/** The heaviest keys of a range. The rows and `other` add up to `total`. */
export interface TopsResult {
  /** The range that was answered: whole minutes or hours. */
  readonly range: TimeRange;
  readonly entries: readonly TopEntry[];
  readonly other: number;
  readonly total: number;
  /** No key that is missing was seen more often. */
  readonly errorMax: number;
}

export type SeriesKind = SampleKind | "top";

export interface SeriesInfo {
  readonly metric: string;
  readonly kind: SeriesKind;
  /** With `source`, and `service` unless it is empty. */
  readonly labels: Labels;
  /** The start of its first and of its last point that are known, in milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface LabelValues {
  readonly label: string;
  /** Sorted; at most as many as were asked for. */
  readonly values: readonly string[];
  /** How many there are. */
  readonly total: number;
}

export interface HistoryStatus {
  readonly series: number;
  readonly seriesMax: number;
  /** Since the start: different series, about, and their samples, that came when `seriesMax` was reached. */
  readonly seriesRefused: number;
  readonly samplesRefused: {
    readonly seriesMax: number;
    /** NaN, infinities, and distincts that were counted with another seed. */
    readonly invalid: number;
    /** Older than anything that is kept, or more than an hour ahead of the clock. */
    readonly outOfRange: number;
  };
  /** Of label values above 1 KiB. */
  readonly labelsCut: number;
  readonly chunks: number;
  readonly sizeBytes: number;
  /** Samples in memory that are not committed yet. */
  readonly pointsInMemory: number;
  /** Met since the start: what could not be read is left out of answers. */
  readonly damagedChunks: number;
  /** The first hundred of them, for people. */
  readonly damage: readonly string[];
}

/**
 * The history could not be read or written: a full disk, an I/O error. Nothing was changed, and the same call may be
 * tried again. The message says what to do.
 */
export class HistoryUnavailable extends Error {
  override readonly name = "HistoryUnavailable";
  readonly code = "HISTORY_UNAVAILABLE" satisfies ErrorCode;
}

/** Answering would take more work than one query may; the message says how to ask for less. */
export class QueryTooLarge extends Error {
  override readonly name = "QueryTooLarge";
  readonly code = "QUERY_TOO_LARGE" satisfies ErrorCode;
}

/** The query makes no sense, for example a quantile of a count. */
export class QueryInvalid extends Error {
  override readonly name = "QueryInvalid";
  readonly code = "REQUEST_INVALID" satisfies ErrorCode;
}

/**
 * A reader of the journal with a file of its own. Every call may reject with HistoryUnavailable; queries also with
 * QueryInvalid and QueryTooLarge. Disposing of it commits what is in memory, as far as that is possible.
 */
export interface History<Place extends string = string> extends AsyncDisposable {
  /**
   * Everything before it is committed: where the journal has to be read from after a restart. What was committed of
   * the batches behind it is known, and is not counted again. Undefined at first: from the journal's start.
   */
  readonly cursor: Place | undefined;
  /** Where to read on in this run: behind the last slice that was consumed. */
  readonly next: Place | undefined;

  /**
   * Takes a slice. Rejects without having taken any of it when what came before has to be committed and cannot be (a
   * full disk); the same slice may then be given again. A batch that was taken before changes nothing.
   */
  consume(slice: HistorySlice<Place>): Promise<void>;

  query(query: RangeQuery): Promise<QueryResult>;
  /** One value for the whole range, in a point at its start. */
  queryInstant(query: InstantQuery): Promise<QueryResult>;
  queryHeatMap(query: HeatMapQuery): Promise<HeatMap>;
  /** The tops that match, merged; at most `max` rows. */
  queryTops(selection: Selection, max: number): Promise<TopsResult>;
  /** Those with points within the range; without a metric, of all metrics. */
  series(selection: Partial<Selection>): Promise<readonly SeriesInfo[]>;
  /** The labels of the same series, each with at most `valuesMax` values. */
  labels(selection: Partial<Selection>, valuesMax: number): Promise<readonly LabelValues[]>;

  /** Deletes what retention no longer covers, in small steps; resolves to the number of chunks deleted. */
  trim(): Promise<number>;
  /** Commits everything that was consumed. */
  flush(): Promise<void>;
  status(): Promise<HistoryStatus>;
}
