// Counts lines into windows: what every line of a followed log goes through.
import { z } from "zod";
import type { Lines } from "./follow/line-buffer.ts";
import type { LogHeader } from "./format/line-format.ts";
import type { Grouping } from "./scan/grouping.ts";
import { createLineEngine, type Sink } from "./scan/line-engine.ts";
import type { ScanLimits, ScanSpec } from "./scan/log-scanner.ts";
import type { Tallies } from "./scan/tallies.ts";
import type { OpenWindows, PlacedLine } from "./window/open-windows.ts";
import type { WindowAggregate } from "./window/window-aggregate.ts";

const headerSchema = z.strictObject({
  fields: z.string().optional(),
  date: z.string().optional(),
  software: z.string().optional(),
});

/** What has to survive with the place in a file. Plain JSON. */
export const lineStateSchema = z.strictObject({
  /** What the directives of a W3C log have said in front of the place. */
  header: headerSchema.optional(),
  /** The newest event time so far. */
  newestMs: z.number().optional(),
  /**
   * When the last line was written, of times without an offset: tells the two hours of an autumn
   * night apart. Beside `newestMs`, because it goes back when a line was wrong.
   */
  zoneMs: z.number().optional(),
});
export type LineState = z.output<typeof lineStateSchema>;

/** Of one file; several may count into the same windows. */
export interface LineCounter {
  /**
   * Counts lines until one reaches the time at which the oldest window is due, so that it can be
   * closed before the next line; returns the index behind the last line counted. Nothing is counted
   * as long as `newestMs` is there already. `nowMs` is the clock's time.
   */
  count(lines: Lines, nowMs: number): number;
  /**
   * The newest event time of the lines so far, never ahead of the clock: how far this file has come.
   * Undefined before the first line that says its time.
   */
  readonly newestMs: number | undefined;
  readonly state: LineState;
}

export interface LineCounterParts {
  readonly spec: ScanSpec;
  readonly limits: ScanLimits;
  readonly grouping: Grouping;
  readonly windows: OpenWindows;
  /** Of an earlier life. */
  readonly state?: LineState | undefined;
  /** Where lines of earlier times go, which nobody has asked for. */
  readonly past?: Past | undefined;
}

interface Past {
  readonly sinceMs: number;
  readonly window: WindowAggregate;
}

const newline = 0x0a;

export function createLineCounter(parts: LineCounterParts): LineCounter {
  const { spec, limits, grouping, windows, state = {}, past } = parts;
  const sink = new WindowSink(windows, state.newestMs, past);
  const header = toHeader(state.header);
  const engine = createLineEngine({
    spec: { ...spec, placesByEnd: true },
    limits,
    grouping,
    sink,
    header,
    zoneMs: state.zoneMs,
  });
  return {
    get newestMs() {
      return sink.newestMs;
    },
    get state() {
      const { header: known, zoneMs } = engine;
      return {
        ...(known !== undefined && { header: { ...known } }),
        ...(sink.newestMs !== undefined && { newestMs: sink.newestMs }),
        ...(zoneMs !== undefined && { zoneMs }),
      };
    },
    count({ bytes, from, to, isFirstCut }, nowMs) {
      sink.passTime(nowMs);
      engine.passTime(nowMs);
      if (sink.isStopped) {
        return from;
      }
      let at = from;
      if (isFirstCut) {
        engine.addTooLong();
        at = lineEnd(bytes, at, to) + 1;
      }
      at = engine.scan(bytes, at, to);
      // The last line of a file that will not grow any more may lack its end.
      if (!sink.isStopped && at < to && lineEnd(bytes, at, to) === to) {
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
  newestMs: number | undefined;
  #nowMs = 0;
  readonly #windows: OpenWindows;
  readonly #past: Past | undefined;
  #placed: PlacedLine | undefined;
  /** How many lines the window of the late or early lines had before them. */
  #readBefore = 0;

  constructor(windows: OpenWindows, newestMs: number | undefined, past: Past | undefined) {
    this.#windows = windows;
    this.#past = past;
    this.newestMs = newestMs;
  }

  get isStopped(): boolean {
    return this.newestMs !== undefined && this.newestMs >= this.#windows.dueAt;
  }

  passTime(nowMs: number): void {
    this.#nowMs = nowMs;
    // When the clock was set back, what was newest is from a time to come.
    this.newestMs &&= Math.min(this.newestMs, nowMs);
  }

  place(timeMs: number): Tallies {
    this.settle();
    const placed = this.#find(timeMs);
    this.#placed = placed;
    this.#readBefore = placed.window.tallies.lines.read;
    return placed.window.tallies;
  }

  placeUnread(): Tallies {
    this.settle();
    return this.#find(Number.NaN).window.tallies;
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

  #find(timeMs: number): PlacedLine {
    if (Number.isNaN(timeMs)) {
      const window = this.#windows.forTimelessLine(this.newestMs, this.#nowMs);
      return { window, timing: "on_time" };
    }
    const placed: PlacedLine =
      this.#past !== undefined && timeMs < this.#past.sinceMs
        ? { window: this.#past.window, timing: "on_time" }
        : this.#windows.forLine(timeMs, this.#nowMs);
    if (placed.timing !== "early") {
      this.newestMs = Math.max(this.newestMs ?? -Infinity, Math.min(timeMs, this.#nowMs));
    }
    return placed;
  }
}

function toHeader(saved: LineState["header"]): LogHeader | undefined {
  return saved && { fields: saved.fields, date: saved.date, software: saved.software };
}

/** The next line end, or `to` for a last line without one. */
function lineEnd(bytes: Buffer, from: number, to: number): number {
  const at = bytes.indexOf(newline, from);
  return at < 0 || at > to ? to : at;
}
