// A part of a file: the lines that start in it, wherever its bounds fall.

import { feederBytes, LineFeeder, type LineSink } from "./line-feeder.ts";

export interface ByteRange {
  readonly from: number;
  readonly to: number;
}

/** Reads bytes at a position into `into`; how many, 0 at the end of the file. Waits for them. */
export type ReadAt = (into: Uint8Array, position: number) => number;

export interface RangeScan {
  readonly readAt: ReadAt;
  readonly range: ByteRange;
  readonly sink: LineSink;
  readonly lineBytesMax: number;
  /** So many more bytes of the range are done; they add up to its length. */
  readonly onBytes: (count: number) => void;
}

const newline = 10;
const blockBytes = 64 * 1024;

/**
 * Counts the lines that start in [from, to), the last of them to its end. So every line of a file
 * belongs to exactly one of any ranges that cover it. Returns false when the file ends before the
 * range does. Throws what `readAt` throws.
 */
export function scanRange({ readAt, range, sink, lineBytesMax, onBytes }: RangeScan): boolean {
  const { from, to } = range;
  const start = from === 0 ? 0 : findLineStart(readAt, range);
  onBytes(start - from);
  const feeder = new LineFeeder(sink, lineBytesMax, Math.min(feederBytes, to - from + 1));
  let at = start;
  while (at < to) {
    const room = feeder.room();
    const count = readAt(room.subarray(0, Math.min(room.length, to - at)), at);
    if (count === 0) {
      feeder.end();
      onBytes(to - at);
      return false;
    }
    feeder.commit(count);
    onBytes(count);
    at += count;
  }
  if (!feeder.isBetweenLines) {
    finishLine(readAt, at, feeder);
  }
  return true;
}

/** Behind the first line end at or behind from - 1; `to` when no line starts in the range. */
function findLineStart(readAt: ReadAt, { from, to }: ByteRange): number {
  const block = new Uint8Array(blockBytes);
  for (let at = from - 1; at < to - 1;) {
    const count = readAt(block.subarray(0, Math.min(block.length, to - 1 - at)), at);
    const found = block.subarray(0, count).indexOf(newline);
    if (found >= 0) {
      return at + found + 1;
    }
    if (count === 0) {
      return to;
    }
    at += count;
  }
  return to;
}

/** The line that started in the range and goes on behind it. */
function finishLine(readAt: ReadAt, position: number, feeder: LineFeeder): void {
  const block = new Uint8Array(blockBytes);
  for (let at = position; ;) {
    const count = readAt(block, at);
    const found = block.subarray(0, count).indexOf(newline);
    feeder.add(block.subarray(0, found >= 0 ? found + 1 : count));
    if (found >= 0 || count === 0) {
      feeder.end();
      return;
    }
    at += count;
  }
}
