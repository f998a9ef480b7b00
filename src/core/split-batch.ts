import { keepEncoding } from "./batch-codec.ts";
import { type Batch, batchBytesMax } from "./batch.ts";
import { BatchEncoder } from "./_batch-encoder.ts";

/** A part is closed when it has come so far: most items are far smaller than what is left. */
const partBytesMax = batchBytesMax - 64 * 1024;

/**
 * Cuts a batch into parts that encode to at most `batchBytesMax`, numbered from its own `seq`; all but the last say
 * that more follows. An item that is too large on its own (a text without end) is left out, and its part is marked as
 * partial: the rest of the window must not be lost with it.
 */
export function splitBatch(batch: Batch): readonly Batch[] {
  const total = batch.samples.length + batch.tops.length + batch.events.length;
  const parts: Part[] = [];
  for (let from = 0; from < total || parts.length === 0; from = parts.at(-1)?.to ?? total) {
    parts.push(fillPart(batch, from, total));
  }
  return parts.map((part, index) => {
    const more = index < parts.length - 1;
    const cut = { ...toSlice(batch, part), seq: batch.seq + index, more };
    // It is appended next, and need not be encoded again.
    keepEncoding(cut, part.encoder.finish(cut));
    return cut;
  });
}

/** Items [from, to) of a batch, counted over samples, tops and events. */
interface Part {
  readonly from: number;
  readonly to: number;
  readonly encoder: BatchEncoder;
  readonly isTooLarge?: true;
}

function fillPart(batch: Batch, from: number, total: number): Part {
  const encoder = new BatchEncoder(batch);
  for (let index = from; index < total; index++) {
    addItem(encoder, batch, index);
    if (encoder.sizeBytesMax > batchBytesMax) {
      return withoutLast(batch, from, index);
    }
    if (encoder.sizeBytesMax > partBytesMax) {
      return { from, to: index + 1, encoder };
    }
  }
  return { from, to: total, encoder };
}

/** The item at `last` was one too many, or is too large for any part. */
function withoutLast(batch: Batch, from: number, last: number): Part {
  const encoder = new BatchEncoder(batch);
  if (from === last) {
    return { from, to: last + 1, encoder, isTooLarge: true };
  }
  for (let index = from; index < last; index++) {
    addItem(encoder, batch, index);
  }
  return { from, to: last, encoder };
}

function addItem(encoder: BatchEncoder, { samples, tops, events }: Batch, index: number): void {
  // Hot path. One after the other: an index below zero is a name to V8, and costs two microseconds.
  const sample = samples[index];
  if (sample !== undefined) {
    encoder.addSample(sample);
    return;
  }
  const top = tops[index - samples.length];
  if (top !== undefined) {
    encoder.addTop(top);
    return;
  }
  const event = events[index - samples.length - tops.length];
  if (event !== undefined) {
    encoder.addEvent(event);
  }
}

function toSlice(batch: Batch, { from, to, isTooLarge }: Part): Batch {
  if (isTooLarge === true) {
    return { ...batch, samples: [], tops: [], events: [], partial: true };
  }
  const { samples, tops, events } = batch;
  const slice = <Item>(list: readonly Item[], before: number): readonly Item[] =>
    list.slice(Math.max(0, from - before), Math.max(0, to - before));
  return {
    ...batch,
    samples: slice(samples, 0),
    tops: slice(tops, samples.length),
    events: slice(events, samples.length + tops.length),
  };
}
