// A chunk is a block as bytes: times, then columns, then summaries.
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";
import { columnsOf, isNumeric, type Block } from "./_block.ts";
import { readColumn, writeColumn, type ColumnPrecision } from "./_chunk-column.ts";
import type { SeriesKind } from "./history.ts";

/** What the first byte says. */
const manyForm = 1;
/** Each point of a gauge is one measurement: its sum is the average, the minimum and the maximum. */
const singleForm = 2;

/** No chunk that is written holds more points; a limit for what damaged ones can claim. */
export const chunkPointsMax = 1024;

/** Times are multiples of the step, rising. Sums of merged points need not keep their last bits (see writeColumn). */
export function encodeChunk(kind: SeriesKind, block: Block, stepMs: number): Uint8Array {
  const { times, columns, summaries } = block;
  const out = new ByteWriter(512);
  const isSingle = kind === "gauge" && isSingleGauge(columns);
  out.byte(isSingle ? singleForm : manyForm);
  out.varint(times.length);
  writeTimes(out, times, stepMs);
  const precision: ColumnPrecision = isSingle ? "exact" : "rounded";
  for (const [index, column] of columns.entries()) {
    if (index === 0 || !isSingle) {
      writeColumn(out, column, index === 0 ? precision : "exact");
    }
  }
  for (const summary of summaries) {
    out.bytes(summary);
  }
  return out.finish();
}

/** Throws Corrupt for what encodeChunk cannot have written; a summary is checked by who decodes it. */
export function decodeChunk(kind: SeriesKind, bytes: Uint8Array, stepMs: number): Block {
  const input = new ByteReader(bytes);
  const form = input.byte();
  const length = input.varint();
  if ((form !== manyForm && form !== singleForm) || length > chunkPointsMax) {
    throw new Corrupt(`a chunk of form ${form} with ${length} points`);
  }
  const times = readTimes(input, length, stepMs);
  const columns: number[][] = [];
  const width = form === singleForm ? 1 : columnsOf(kind);
  while (columns.length < width) {
    columns.push(readColumn(input, length));
  }
  if (form === singleForm) {
    const [values = []] = columns;
    columns.push(
      Array.from({ length }, () => 1),
      values,
      values,
    );
  }
  const summaries: Uint8Array[] = [];
  while (!isNumeric(kind) && summaries.length < length) {
    summaries.push(input.bytes());
  }
  if (input.left > 0 || columns.length !== columnsOf(kind)) {
    throw new Corrupt(`a chunk of ${columns.length} columns with ${input.left} bytes after it`);
  }
  return { times, columns, summaries };
}

function isSingleGauge([sums = [], counts = [], mins = [], maxs = []]: Block["columns"]): boolean {
  return sums.every((sum, at) => counts[at] === 1 && mins[at] === sum && maxs[at] === sum);
}

/** The first in steps since the epoch; then how many steps were left out, with runs. */
function writeTimes(out: ByteWriter, times: readonly number[], stepMs: number): void {
  const first = (times[0] ?? 0) / stepMs;
  out.zigzag(first);
  writeColumn(
    out,
    times.slice(1).map((time, at) => (time - (times[at] ?? 0)) / stepMs),
    "exact",
  );
}

function readTimes(input: ByteReader, length: number, stepMs: number): number[] {
  if (length === 0) {
    throw new Corrupt("a chunk without points");
  }
  let time = input.zigzag() * stepMs;
  const times = [time];
  for (const steps of readColumn(input, length - 1)) {
    if (!(Number.isInteger(steps) && steps > 0)) {
      throw new Corrupt(`a point ${steps} steps after the one before`);
    }
    time += steps * stepMs;
    times.push(time);
  }
  return times;
}
