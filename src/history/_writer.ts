// How points get into chunks, and out of them.
import { describeError } from "../core/errors.ts";
import { seriesText } from "../core/sample.ts";
import {
  appendBlock,
  createBlock,
  filterBlock,
  isNumeric,
  rollUp,
  sliceBlock,
  toSlot,
  type Block,
} from "./_block.ts";
import { decodeChunk, encodeChunk } from "./_chunk-codec.ts";
import type { ChunkStore, StoredChunk } from "./_chunk-store.ts";
import type { DamageLog } from "./_damage.ts";
import type { Series } from "./_series-index.ts";
import { isDamage } from "./_sqlite-errors.ts";
import type { HistoryLevel, SeriesKind } from "./history.ts";

/** A chunk with so many points or bytes is left as it is, and the next ones go into a new chunk. */
const fullPoints = 80;
const fullBytes = 4096;
/** The most that are written into one. */
const piecePoints = 240;
const pieceBytes = 8192;

const rollMsMax = 4 * 3_600_000;
const dayMs = 86_400_000;

export interface LevelRange {
  readonly stepMs: number;
  readonly from: number;
  readonly to: number;
}

export class ChunkWriter {
  readonly #store: ChunkStore;
  readonly #damage: DamageLog;

  constructor(store: ChunkStore, damage: DamageLog) {
    this.#store = store;
    this.#damage = damage;
  }

  /**
   * Takes points of any step and order. Those of the finest level wait there until enough have come together to be
   * rolled up; what is late, or too old for that level, goes into the coarser ones at once. Within a transaction.
   */
  write(series: Series, points: Block, levels: readonly HistoryLevel[], now: number): void {
    const [finest, ...coarser] = levels;
    if (finest === undefined) {
      return;
    }
    const block = rollUp(series.kind, points, finest.stepMs);
    const keptFrom = now - finest.ageMs;
    this.#merge(series, finest.stepMs, filterBlock(block, keptFrom, Infinity));
    const waitingFrom = Math.max(keptFrom, series.rolledUntil);
    this.#mergeCoarser(series, filterBlock(block, -Infinity, waitingFrom), coarser, now);
    const waiting = filterBlock(block, waitingFrom, Infinity);
    const [first, last] = [waiting.times[0], waiting.times.at(-1)];
    const unit = rollUnit(levels);
    if (first !== undefined && last !== undefined) {
      if (series.rolledUntil === 0) {
        series.rolledUntil = toSlot(first, unit);
      }
      if (toSlot(last, unit) >= series.rolledUntil + rollMs(series.kind, levels)) {
        this.rollUntil(series, toSlot(last, unit), levels, now);
      }
    }
  }

  /** Rolls a series up that may get no more points for long. True when there was something. Within a transaction. */
  rollIdle(series: Series, levels: readonly HistoryLevel[], now: number): boolean {
    const unit = rollUnit(levels);
    const isWaiting = series.rolledUntil > 0 && series.rolledUntil <= series.lastAt;
    if (
      series.head !== undefined ||
      !isWaiting ||
      series.lastAt >= now - 2 * rollMs(series.kind, levels)
    ) {
      return false;
    }
    this.rollUntil(series, toSlot(series.lastAt, unit) + unit, levels, now);
    return true;
  }

  /** The points of a series at a level within [from, to); one may come in several parts. */
  readLevel(series: Series, levels: readonly HistoryLevel[], range: LevelRange): Block[] {
    const { stepMs, from, to } = range;
    const [finest] = levels;
    const blocks = this.read(series, stepMs, from, to);
    const waitingFrom = Math.max(from, series.rolledUntil);
    return finest === undefined || stepMs === finest.stepMs || waitingFrom >= to
      ? blocks
      : [...blocks, ...this.read(series, finest.stepMs, waitingFrom, to)];
  }

  /** The points of a series and step within [from, to). What is damaged is reported and left out. */
  read(series: Series, stepMs: number, from: number, to: number): Block[] {
    return this.#load(series, stepMs, from, to - 1)
      .filter(({ last }) => last >= from)
      .flatMap((chunk) => this.#decode(series, stepMs, chunk) ?? [])
      .map((block) => filterBlock(block, from, to));
  }

  rollUntil(series: Series, until: number, levels: readonly HistoryLevel[], now: number): void {
    const [finest, ...coarser] = levels;
    if (finest !== undefined && coarser.length > 0) {
      const whole = createBlock(series.kind);
      for (const block of this.read(series, finest.stepMs, series.rolledUntil, until)) {
        appendBlock(whole, block);
      }
      this.#mergeCoarser(series, whole, coarser, now);
    }
    series.rolledUntil = until;
  }

  #mergeCoarser(
    series: Series,
    points: Block,
    coarser: readonly HistoryLevel[],
    now: number,
  ): void {
    let block = points;
    for (const { stepMs, ageMs } of coarser) {
      block = rollUp(series.kind, block, stepMs);
      this.#merge(series, stepMs, filterBlock(block, now - ageMs, Infinity));
    }
  }

  #merge(series: Series, stepMs: number, block: Block): void {
    const [first] = block.times;
    if (first === undefined) {
      return;
    }
    const tail = series.tails.get(stepMs) ?? this.#store.tail(series.id, stepMs);
    if (tail === undefined || (isFull(tail) && first > tail.last)) {
      this.#put(series, stepMs, block);
      return;
    }
    // Behind the tail it is the tail that is found, and made longer.
    const old = this.#load(series, stepMs, first, block.times.at(-1) ?? 0);
    const touched = old.filter((chunk) => chunk.last >= first || !isFull(toTail(chunk)));
    const whole = createBlock(series.kind);
    for (const chunk of touched) {
      const decoded = this.#decode(series, stepMs, chunk);
      if (decoded !== undefined) {
        appendBlock(whole, decoded);
      }
      this.#store.deleteChunk(series.id, stepMs, chunk.first);
    }
    appendBlock(whole, block);
    this.#put(series, stepMs, rollUp(series.kind, whole, stepMs));
  }

  #put(series: Series, stepMs: number, block: Block): void {
    const { times, summaries } = block;
    for (let from = 0, until = 0; from < times.length; from = until) {
      let sizeBytes = 0;
      while (
        until < times.length &&
        until - from < piecePoints &&
        (sizeBytes < pieceBytes || until === from)
      ) {
        sizeBytes += summaries[until]?.length ?? 0;
        until++;
      }
      const piece = sliceBlock(block, from, until);
      const encoded = encodeChunk(series.kind, piece, stepMs);
      const chunk = {
        first: piece.times[0] ?? 0,
        last: piece.times.at(-1) ?? 0,
        points: until - from,
        encoded,
      };
      this.#store.putChunk(series.id, stepMs, chunk);
      const tail = series.tails.get(stepMs);
      if (tail === undefined || chunk.last >= tail.last) {
        series.tails.set(stepMs, toTail(chunk));
      }
    }
  }

  #load(series: Series, stepMs: number, from: number, to: number): StoredChunk[] {
    try {
      return this.#store.chunks(series.id, stepMs, from, to);
    } catch (error) {
      if (!isDamage(error)) {
        throw error;
      }
      const text = `chunks of ${seriesText(series.metric, series.labels)} in a damaged page of the file`;
      this.#damage.add(`${series.id} ${stepMs}`, text);
      return [];
    }
  }

  #decode(series: Series, stepMs: number, chunk: StoredChunk): Block | undefined {
    let reason = "its checksum does not match";
    if (chunk.isIntact) {
      try {
        return decodeChunk(series.kind, chunk.encoded, stepMs);
      } catch (error) {
        reason = describeError(error);
      }
    }
    const name = seriesText(series.metric, series.labels);
    const [from, to] = [chunk.first, chunk.last].map((at) => new Date(at).toISOString());
    this.#damage.add(
      `${series.id} ${stepMs} ${chunk.first}`,
      `${name}, ${chunk.points} points of ${stepMs / 1000} s from ${from} to ${to}: ${reason}`,
    );
    return undefined;
  }
}

/** Roll-ups end at multiples of it. A day grows by the hour: its points would wait too long for its end. */
function rollUnit(levels: readonly HistoryLevel[]): number {
  const { stepMs = 1 } = levels.findLast((level) => level.stepMs < dayMs) ?? levels.at(-1) ?? {};
  return stepMs;
}

/** How much is rolled up at once: the more, the fewer chunks are read and written for it. */
function rollMs(kind: SeriesKind, levels: readonly HistoryLevel[]): number {
  const [finest] = levels;
  const unit = rollUnit(levels);
  if (!isNumeric(kind)) {
    // A summary takes microseconds to decode and merge: hours of them would hold everything else up.
    return unit;
  }
  return Math.max(unit, toSlot(Math.min(rollMsMax, (finest?.ageMs ?? 0) / 4), unit));
}

interface Fill {
  readonly points: number;
  readonly sizeBytes: number;
}

function isFull({ points, sizeBytes }: Fill): boolean {
  return points >= fullPoints || sizeBytes >= fullBytes;
}

function toTail({ last, points, encoded }: Omit<StoredChunk, "isIntact">): {
  readonly last: number;
  readonly points: number;
  readonly sizeBytes: number;
} {
  return { last, points, sizeBytes: encoded.length };
}
