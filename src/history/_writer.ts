// How points get into chunks, and out of them.
import { describeError } from "../core/errors.ts";
import { seriesText } from "../core/sample.ts";
import { appendBlock, createBlock, filterBlock, rollUp, sliceBlock, type Block } from "./_block.ts";
import { decodeChunk, encodeChunk } from "./_chunk-codec.ts";
import type { ChunkStore, StoredChunk } from "./_chunk-store.ts";
import type { DamageLog } from "./_damage.ts";
import type { Series } from "./_series-index.ts";
import { isDamage } from "./_sqlite-errors.ts";
import type { HistoryLevel } from "./history.ts";

/** A chunk with so many points or bytes is left as it is, and the next ones go into a new chunk. */
const fullPoints = 120;
const fullBytes = 4096;
/** The most that are written into one. */
const piecePoints = 240;
const pieceBytes = 8192;

export class ChunkWriter {
  readonly #store: ChunkStore;
  readonly #damage: DamageLog;

  constructor(store: ChunkStore, damage: DamageLog) {
    this.#store = store;
    this.#damage = damage;
  }

  /** Points of any step and order become points of each level that still keeps them. Within a transaction. */
  write(series: Series, points: Block, levels: readonly HistoryLevel[], now: number): void {
    let block = points;
    for (const level of levels) {
      block = rollUp(series.kind, block, level.stepMs);
      const kept = filterBlock(block, now - level.ageMs, Infinity);
      if (kept.times.length > 0) {
        this.#merge(series, level.stepMs, kept);
      }
    }
  }

  /** The points of a series and step within [from, to). What is damaged is reported and left out. */
  read(series: Series, stepMs: number, from: number, to: number): Block[] {
    return this.#load(series, stepMs, from, to - 1)
      .filter(({ last }) => last >= from)
      .flatMap((chunk) => this.#decode(series, stepMs, chunk) ?? [])
      .map((block) => filterBlock(block, from, to));
  }

  #merge(series: Series, stepMs: number, block: Block): void {
    const first = block.times[0] ?? 0;
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
