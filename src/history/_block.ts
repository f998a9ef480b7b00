// Points of one series at one level, column by column, and how points are merged.
import { Distinct } from "../core/distinct.ts";
import { Distribution } from "../core/distribution.ts";
import { Top } from "../core/top.ts";
import type { SeriesKind } from "./history.ts";

/** A point covers [time, time + step). The columns of a count: sum; of a gauge: sum, count, min, max; else none. */
export interface Block {
  readonly times: number[];
  readonly columns: readonly number[][];
  /** The encoded summaries of distributions, distincts and tops; empty for numbers. */
  readonly summaries: Uint8Array[];
}

export const gaugeColumns = 4;
export const countColumns = 1;

/** Tops are cut to so many rows when they are stored: a few KiB a minute. */
export const topEntriesMax = 100;

export function columnsOf(kind: SeriesKind): number {
  if (kind === "gauge") {
    return gaugeColumns;
  }
  return kind === "count" ? countColumns : 0;
}

export function isNumeric(kind: SeriesKind): kind is "gauge" | "count" {
  return kind === "gauge" || kind === "count";
}

export function createBlock(kind: SeriesKind): Block {
  const columns: number[][] = [];
  while (columns.length < columnsOf(kind)) {
    columns.push([]);
  }
  return { times: [], columns, summaries: [] };
}

export function appendBlock(to: Block, from: Block): void {
  appendAll(to.times, from.times);
  for (const [index, column] of from.columns.entries()) {
    appendAll(to.columns[index] ?? [], column);
  }
  for (const summary of from.summaries) {
    to.summaries.push(summary);
  }
}

function appendAll(to: number[], from: readonly number[]): void {
  for (let at = 0; at < from.length; at++) {
    to.push(from[at] ?? 0);
  }
}

export function sliceBlock(block: Block, from: number, to: number): Block {
  return {
    times: block.times.slice(from, to),
    columns: block.columns.map((column) => column.slice(from, to)),
    summaries: block.summaries.slice(from, to),
  };
}

/** The points within [from, to), in any order; the block itself when that is all of them. */
export function filterBlock(block: Block, from: number, to: number): Block {
  const { times } = block;
  if (isRising(times)) {
    const first = times.findIndex((time) => time >= from);
    const last = times.findLastIndex((time) => time < to);
    if (first === 0 && last === times.length - 1) {
      return block;
    }
    return first < 0 ? sliceBlock(block, 0, 0) : sliceBlock(block, first, last + 1);
  }
  const kept: Block = { times: [], columns: block.columns.map(() => []), summaries: [] };
  for (const [at, time] of times.entries()) {
    if (time >= from && time < to) {
      appendPoint(kept, block, at);
    }
  }
  return kept;
}

/**
 * Points of a coarser step (or the same), in order and each time once: the merge of all points that fall into it. The
 * block itself when it is that already.
 */
export function rollUp(kind: SeriesKind, block: Block, stepMs: number): Block {
  const ordered = isRising(block.times) ? block : toSorted(block);
  if (ordered === block && block.times.every((time) => time % stepMs === 0)) {
    return block;
  }
  const out = createBlock(kind);
  const { times } = ordered;
  for (let from = 0, until = 0; from < times.length; from = until) {
    const time = toSlot(times[from] ?? 0, stepMs);
    while (until < times.length && (times[until] ?? 0) < time + stepMs) {
      until++;
    }
    out.times.push(time);
    pushNumbers(out, ordered, from, until);
    if (!isNumeric(kind)) {
      out.summaries.push(mergeSummaries(kind, ordered.summaries.slice(from, until)));
    }
  }
  return out;
}

export function toSlot(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}

function appendPoint(to: Block, from: Block, at: number): void {
  to.times.push(from.times[at] ?? 0);
  for (const [index, column] of from.columns.entries()) {
    to.columns[index]?.push(column[at] ?? 0);
  }
  const summary = from.summaries[at];
  if (summary !== undefined) {
    to.summaries.push(summary);
  }
}

function isRising(times: readonly number[]): boolean {
  for (let at = 1; at < times.length; at++) {
    if ((times[at] ?? 0) <= (times[at - 1] ?? 0)) {
      return false;
    }
  }
  return true;
}

function toSorted(block: Block): Block {
  const { times } = block;
  const order = times.map((_, at) => at).toSorted((a, b) => (times[a] ?? 0) - (times[b] ?? 0));
  return {
    times: order.map((at) => times[at] ?? 0),
    columns: block.columns.map((column) => order.map((at) => column[at] ?? 0)),
    summaries: block.summaries.length === 0 ? [] : order.map((at) => summaryAt(block, at)),
  };
}

function summaryAt({ summaries }: Block, at: number): Uint8Array {
  return summaries[at] ?? new Uint8Array();
}

function pushNumbers(out: Block, from: Block, first: number, until: number): void {
  const [sums, counts, mins, maxs] = from.columns;
  if (sums === undefined) {
    return;
  }
  out.columns[0]?.push(add(sums, first, until));
  if (counts !== undefined && mins !== undefined && maxs !== undefined) {
    let [min, max] = [Infinity, -Infinity];
    for (let at = first; at < until; at++) {
      min = Math.min(min, mins[at] ?? 0);
      max = Math.max(max, maxs[at] ?? 0);
    }
    out.columns[1]?.push(add(counts, first, until));
    out.columns[2]?.push(min);
    out.columns[3]?.push(max);
  }
}

function add(column: readonly number[], first: number, until: number): number {
  let sum = column[first] ?? 0;
  for (let at = first + 1; at < until; at++) {
    sum += column[at] ?? 0;
  }
  return sum;
}

type SummaryKind = Exclude<SeriesKind, "gauge" | "count">;

/** Throws Corrupt when one of them does not decode. */
function mergeSummaries(kind: SummaryKind, parts: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array(), ...rest] = parts;
  if (rest.length === 0) {
    return first;
  }
  switch (kind) {
    case "distribution": {
      const whole = Distribution.fromBytes(first);
      rest.forEach((part) => whole.merge(Distribution.fromBytes(part)));
      return whole.toBytes();
    }
    case "distinct": {
      const whole = Distinct.fromBytes(first);
      rest.forEach((part) => whole.merge(Distinct.fromBytes(part)));
      return whole.toBytes();
    }
    case "top": {
      const whole = Top.fromBytes(first);
      rest.forEach((part) => whole.merge(Top.fromBytes(part)));
      return whole.toBytes();
    }
  }
}
