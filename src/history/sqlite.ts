import { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Answers, type PointSource } from "./_answer.ts";
import { filterBlock, type Block } from "./_block.ts";
import { ChunkStore } from "./_chunk-store.ts";
import { DamageLog } from "./_damage.ts";
import { Levels } from "./_levels.ts";
import { compileMatchers } from "./_matchers.ts";
import type { Segment } from "./_plan.ts";
import { Recent } from "./_recent.ts";
import { SeriesIndex, type Series } from "./_series-index.ts";
import { toOpenError, toPortError } from "./_sqlite-errors.ts";
import { createTurn } from "./_turn.ts";
import { ChunkWriter } from "./_writer.ts";
import {
  HistoryUnavailable,
  type HeatMap,
  type HeatMapQuery,
  type History,
  type HistoryLevel,
  type HistorySlice,
  type HistoryStatus,
  type InstantQuery,
  type LabelValues,
  type QueryResult,
  type RangeQuery,
  type Selection,
  type SeriesInfo,
  type TopsResult,
} from "./history.ts";

export interface SqliteHistoryOptions {
  /** Usually history.db in the data folder, which must exist. SQLite keeps two more files beside it while it is open. */
  readonly file: string;
  /** Finest first. */
  readonly levels: readonly HistoryLevel[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Samples of more series are refused, and counted; 20 000 unless given. */
  readonly seriesMax?: number;
  /** Points that one query may read, a summary counting as 35; 100 million unless given: seven seconds. */
  readonly workMax?: number;
}

/** How long a statement waits, and the event loop with it, for another process to finish its transaction. */
const lockTimeoutMs = 1000;
/** What is committed, deleted or given back to the file system at a time. */
const commitSeriesMax = 128;
const trimSeriesMax = 128;
const shrinkPages = 64;

/**
 * The embedded history: one file, which is made when it is missing. Throws UserError when it cannot be opened, and
 * TypeError for levels that do not follow each other.
 */
export function openSqliteHistory<Place extends string = string>(
  options: SqliteHistoryOptions,
): History<Place> {
  const levels = new Levels(options.levels);
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(options.file, { timeout: lockTimeoutMs });
    const store = new ChunkStore(database, options.file);
    return new SqliteHistory<Place>(store, levels, options);
  } catch (error) {
    database?.close();
    throw toOpenError(error, options.file);
  }
}

class SqliteHistory<Place extends string> implements History<Place>, PointSource {
  readonly levels: Levels;
  readonly now: () => number;
  readonly #store: ChunkStore;
  readonly #index: SeriesIndex;
  readonly #recent: Recent<Place>;
  readonly #damage = new DamageLog();
  readonly #writer: ChunkWriter;
  readonly #answers: Answers;
  #cursor: Place | undefined;
  #isClosed = false;

  constructor(store: ChunkStore, levels: Levels, options: SqliteHistoryOptions) {
    const { now, seriesMax = 20_000, workMax = 100_000_000 } = options;
    this.levels = levels;
    this.now = now;
    this.#store = store;
    this.#index = new SeriesIndex(seriesMax);
    for (const stored of store.loadSeries()) {
      this.#index.load(stored);
    }
    this.#recent = new Recent<Place>(this.#index, levels, now);
    this.#writer = new ChunkWriter(store, this.#damage);
    this.#answers = new Answers(this, workMax);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- written by putCursor, and nowhere else
    this.#cursor = store.loadCursor() as Place | undefined;
  }

  get cursor(): Place | undefined {
    return this.#cursor;
  }

  get next(): Place | undefined {
    return this.#recent.next ?? this.#cursor;
  }

  async consume(slice: HistorySlice<Place>): Promise<void> {
    this.#requireOpen();
    if (slice.gaps.some(({ reason }) => reason === "epoch" || reason === "beyond")) {
      await this.flush();
      this.#beginAnew();
    } else {
      await this.#commit(this.#recent.takeDue());
    }
    this.#recent.take(slice);
  }

  async query(query: RangeQuery): Promise<QueryResult> {
    return this.#answer(() => this.#answers.query(query));
  }

  async queryInstant(query: InstantQuery): Promise<QueryResult> {
    return this.#answer(() => this.#answers.queryInstant(query));
  }

  async queryHeatMap(query: HeatMapQuery): Promise<HeatMap> {
    return this.#answer(() => this.#answers.queryHeatMap(query));
  }

  async queryTops(selection: Selection, max: number): Promise<TopsResult> {
    return this.#answer(() => this.#answers.queryTops(selection, max));
  }

  async series(selection: Partial<Selection>): Promise<readonly SeriesInfo[]> {
    return this.#answer(() => this.#answers.series(selection));
  }

  async labels(selection: Partial<Selection>, valuesMax: number): Promise<readonly LabelValues[]> {
    return this.#answer(() => this.#answers.labels(selection, valuesMax));
  }

  async trim(): Promise<number> {
    this.#requireOpen();
    let deleted = 0;
    const all = [...this.#index.all()];
    for (let from = 0; from < all.length && !this.#isClosed;) {
      const step = this.#trimSome(all.slice(from, from + trimSeriesMax));
      from += step.done;
      deleted += step.deleted;
      await nextTurn();
    }
    while (!this.#isClosed && this.#store.shrink(shrinkPages)) {
      await nextTurn();
    }
    return deleted;
  }

  async flush(): Promise<void> {
    this.#requireOpen();
    await this.#commit(this.#recent.dirty());
  }

  async status(): Promise<HistoryStatus> {
    this.#requireOpen();
    const [index, recent] = [this.#index, this.#recent];
    return {
      series: index.size,
      seriesMax: index.seriesMax,
      seriesRefused: index.refusedSeries,
      samplesRefused: {
        seriesMax: index.refusedSamples,
        invalid: recent.invalid,
        outOfRange: recent.outOfRange,
      },
      labelsCut: index.labelsCut,
      ...this.#store.size(),
      pointsInMemory: recent.points(),
      damagedChunks: this.#damage.count,
      damage: this.#damage.texts,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) {
      return;
    }
    try {
      await this.flush();
    } catch (error) {
      // The journal still holds what could not be committed: it is read again from the cursor.
      if (!(error instanceof HistoryUnavailable)) {
        throw error;
      }
    } finally {
      this.#isClosed = true;
      this.#store.close();
    }
  }

  select({ metric, matchers = [] }: Partial<Selection>): readonly Series[] {
    const test = compileMatchers(matchers);
    return this.#index.select(metric, matchers, test);
  }

  read(series: Series, { level, from, to }: Segment): readonly Block[] {
    this.#requireOpen();
    const levels = this.levels.of(series.kind);
    const blocks = this.#writer.readLevel(series, levels, { stepMs: level.stepMs, from, to });
    return series.head === undefined
      ? blocks
      : [...blocks, filterBlock(series.head.toBlock(), from, to)];
  }

  async #answer<Answer>(ask: () => Answer | Promise<Answer>): Promise<Answer> {
    this.#requireOpen();
    try {
      return await ask();
    } catch (error) {
      throw toPortError(error, this.#store.file);
    }
  }

  /** A few series at a time, each time with the cursor as far as it then may go. */
  async #commit(due: readonly Series[]): Promise<void> {
    for (let done = 0; done < due.length;) {
      if (done > 0) {
        await nextTurn();
        this.#requireOpen();
      }
      done += this.#commitSome(due.slice(done, done + commitSeriesMax));
    }
    if (due.length === 0 && this.#recent.isClean && this.next !== this.#cursor) {
      this.#commitSome([]);
    }
  }

  /** As many of them as one turn allows; returns their number. */
  #commitSome(some: readonly Series[]): number {
    const now = this.now();
    const turn = createTurn();
    let place = this.#cursor;
    let done: readonly Series[] = [];
    this.#transact(some, () => {
      done = turn.take(some, (series) => {
        if (series.head !== undefined) {
          const levels = this.levels.of(series.kind);
          this.#writer.write(series, series.head.toBlock(), levels, now);
          this.#store.putSeries(series);
        }
      });
      place = this.#recent.placeWithout(done) ?? this.#cursor;
      this.#store.putCursor(place ?? null);
    });
    this.#cursor = place;
    this.#recent.forget(done);
    return done.length;
  }

  /** Sources count from 1 again, and may send once more what they sent before. */
  #beginAnew(): void {
    this.#store.transact(() => {
      this.#store.forgetSequences();
      this.#store.putCursor(null);
    });
    this.#cursor = undefined;
    this.#recent.beginAnew();
  }

  /** As many of them as one turn allows. */
  #trimSome(some: readonly Series[]): { readonly done: number; readonly deleted: number } {
    const now = this.now();
    const turn = createTurn();
    const gone: Series[] = [];
    let [done, deleted] = [0, 0];
    this.#transact(some, () => {
      const taken = turn.take(some, (series) => {
        const oldest = now - (this.levels.of(series.kind).at(-1)?.ageMs ?? 0);
        if (series.head === undefined && series.lastAt < oldest) {
          deleted += this.#store.deleteSeries(series.id);
          gone.push(series);
        } else {
          deleted += this.#trimOne(series, now);
        }
      });
      done = taken.length;
    });
    gone.forEach((series) => this.#index.delete(series));
    return { done, deleted };
  }

  #trimOne(series: Series, now: number): number {
    const levels = this.levels.of(series.kind);
    if (this.#writer.rollIdle(series, levels, now)) {
      this.#store.putSeries(series);
    }
    let deleted = 0;
    for (const [index, { stepMs, ageMs }] of levels.entries()) {
      const isWaiting = index === 0 && series.rolledUntil > 0;
      const before = Math.min(now - ageMs, isWaiting ? series.rolledUntil : Infinity);
      deleted += this.#store.deleteChunks(series.id, stepMs, before);
    }
    series.tails.clear();
    return deleted;
  }

  /** What is remembered of the file goes back with it when the transaction fails. */
  #transact(some: readonly Series[], work: () => void): void {
    const rolled = some.map(({ rolledUntil }) => rolledUntil);
    try {
      this.#store.transact(work);
    } catch (error) {
      for (const [index, series] of some.entries()) {
        series.tails.clear();
        series.rolledUntil = rolled[index] ?? 0;
      }
      throw error;
    }
  }

  #requireOpen(): void {
    if (this.#isClosed) {
      throw new HistoryUnavailable(`The history ${this.#store.file} is closed.`);
    }
  }
}
