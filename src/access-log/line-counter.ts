// Counts lines into windows: the loop that every line of a log goes through.
import { createLogEntry, type LineParser } from "./format/log-entry.ts";
import { lineBytesMax, type Lines } from "./follow/line-buffer.ts";
import type { Grouping } from "./grouping.ts";
import type { OpenWindows } from "./window/open-windows.ts";

export interface LineCounter {
  /**
   * Counts lines until a window is due, so that it can be closed before the next line; returns the
   * index behind the last line counted. `nowMs` is the clock's time.
   */
  count(lines: Lines, nowMs: number): number;
}

export interface LineCounterParts {
  readonly parser: LineParser;
  readonly grouping: Grouping;
  readonly windows: OpenWindows;
  /** Infinity when nothing is slow. */
  readonly slowSeconds: number;
}

const newline = 0x0a;
const carriageReturn = 0x0d;

export function createLineCounter(parts: LineCounterParts): LineCounter {
  const { parser, grouping, windows, slowSeconds } = parts;
  const entry = createLogEntry();

  function countLine(bytes: Buffer, from: number, to: number, nowMs: number): void {
    if (to - from > lineBytesMax) {
      windows.forTimelessLine(nowMs).tally.too_long++;
    } else if (parser.parse(bytes, from, bytes[to - 1] === carriageReturn ? to - 1 : to, entry)) {
      const group = grouping.nameOf(entry.target);
      windows.forLine(entry.timeMs, nowMs).addRequest(entry, group, slowSeconds);
    } else {
      windows.forTimelessLine(nowMs).tally.unparsed++;
    }
  }

  return {
    count({ bytes, from, to, isFirstCut }, nowMs) {
      let at = from;
      if (isFirstCut) {
        windows.forTimelessLine(nowMs).tally.too_long++;
        at = lineEnd(bytes, at, to) + 1;
      }
      while (at < to && !windows.isDue) {
        const end = lineEnd(bytes, at, to);
        countLine(bytes, at, end, nowMs);
        at = end + 1;
      }
      return Math.min(at, to);
    },
  };
}

/** The next line end, or `to` for a last line without one. */
function lineEnd(bytes: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(newline, from);
  return at < 0 || at > to ? to : at;
}
