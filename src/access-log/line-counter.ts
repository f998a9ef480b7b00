// Counts lines into windows: what every line of a followed log goes through.
import type { Lines } from "./follow/line-buffer.ts";
import type { LogHeader } from "./format/line-format.ts";
import type { Grouping } from "./scan/grouping.ts";
import { createLineEngine, type Sink } from "./scan/line-engine.ts";
import type { ScanLimits, ScanSpec } from "./scan/log-scanner.ts";
import type { Tallies } from "./scan/tallies.ts";
import type { OpenWindows, PlacedLine } from "./window/open-windows.ts";

export interface LineCounter {
  /**
   * Counts lines until a window is due, so that it can be closed before the next line; returns the
   * index behind the last line counted. `nowMs` is the clock's time.
   */
  count(lines: Lines, nowMs: number): number;
  /** What a W3C log has said so far; undefined for other formats. */
  readonly header: LogHeader | undefined;
}

export interface LineCounterParts {
  readonly spec: ScanSpec;
  readonly limits: ScanLimits;
  readonly grouping: Grouping;
  readonly windows: OpenWindows;
  /** Of an earlier life. */
  readonly header: LogHeader | undefined;
}

const newline = 0x0a;

export function createLineCounter(parts: LineCounterParts): LineCounter {
  const { spec, limits, grouping, windows, header } = parts;
  const sink = new WindowSink(windows);
  const engine = createLineEngine({ spec, limits, grouping, sink, header });
  return {
    get header() {
      return engine.header;
    },
    count({ bytes, from, to, isFirstCut }, nowMs) {
      sink.nowMs = nowMs;
      let at = from;
      if (isFirstCut) {
        engine.addTooLong();
        at = lineEnd(bytes, at, to) + 1;
      }
      at = engine.scan(bytes, at, to);
      // The last line of a file that will not grow any more may lack its end.
      if (!windows.isDue && at < to && lineEnd(bytes, at, to) === to) {
        engine.scanRest(bytes, at, to);
        at = to;
      }
      sink.settle();
      return Math.min(at, to);
    },
  };
}

/** Sends lines into the windows of their instants. */
class WindowSink implements Sink {
  nowMs = 0;
  readonly #windows: OpenWindows;
  #placed: PlacedLine | undefined;
  /** How many lines the window of the late or early lines had before them. */
  #readBefore = 0;

  constructor(windows: OpenWindows) {
    this.#windows = windows;
  }

  get isStopped(): boolean {
    return this.#windows.isDue;
  }

  place(timeMs: number): Tallies {
    this.settle();
    const placed: PlacedLine = Number.isNaN(timeMs)
      ? { window: this.#windows.forTimelessLine(this.nowMs), timing: "on_time" }
      : this.#windows.forLine(timeMs, this.nowMs);
    this.#placed = placed;
    this.#readBefore = placed.window.tallies.lines.read;
    return placed.window.tallies;
  }

  placeUnread(): Tallies {
    this.settle();
    return this.#windows.forTimelessLine(this.nowMs).tallies;
  }

  /** No more lines come for the instant that was placed last: says how many of them were untimely. */
  settle(): void {
    const placed = this.#placed;
    this.#placed = undefined;
    if (placed !== undefined && placed.timing !== "on_time") {
      const { window, timing } = placed;
      window[timing] += window.tallies.lines.read - this.#readBefore;
    }
  }
}

/** The next line end, or `to` for a last line without one. */
function lineEnd(bytes: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(newline, from);
  return at < 0 || at > to ? to : at;
}
