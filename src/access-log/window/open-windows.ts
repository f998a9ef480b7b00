// Windows of event time, [start, start + every), aligned to the epoch. Which window a line counts
// into depends on the lines before it and on how far all files were read, never on how a log was cut
// into reads.
import { z } from "zod";
import type { Tallies } from "../scan/tallies.ts";
import { WindowAggregate } from "./window-aggregate.ts";

/**
 * Enough for servers that write each line at once: their clocks are read to the second, so that a
 * line of the last second of a window may come a second after its end.
 */
export const latenessMsDefault = 1000;
/**
 * Lines further ahead of the clock than this do not count into a window to come but into the
 * clock's own.
 */
export const aheadMsMax = 60_000;
/** Files that are read for the first time begin within as much of each other. */
const firstSpanMsMax = 31 * 86_400_000;
/** A clock that is this much behind the watermark was set back (or was wrong before). */
export const backStepMs = 10 * 60_000;
/**
 * A stretch of more empty windows than this, as after a pause of the process, is one long empty
 * window.
 */
const emptyWindowsMax = 60;

export const windowsPositionSchema = z.strictObject({
  everyMs: z.number(),
  /** Start of the oldest window that is not closed; undefined before the first line. */
  oldest: z.number().optional(),
  watermark: z.number(),
  windows: z.array(z.strictObject({ start: z.number(), bytes: z.instanceof(Uint8Array) })),
});

export type WindowsPosition = z.output<typeof windowsPositionSchema>;

export interface WindowOptions {
  readonly everyMs: number;
  /** A window closes this long after its end, for lines that come out of order. */
  readonly latenessMs: number;
}

/** Why a line does not count into the window of its own time, when it does not. */
export type Timing = "on_time" | "late" | "early";

export interface PlacedLine {
  readonly window: WindowAggregate;
  readonly timing: Timing;
}

export interface ClosedWindow {
  readonly from: number;
  readonly to: number;
  readonly aggregate: WindowAggregate;
}

/**
 * The windows that lines may still count into. The watermark is the event time up to which all has
 * come: the owner says so by `advance`, when every file was read up to there, and by `passTime`, once
 * nothing is left to read. A window is due when the watermark is `latenessMs` past its end; the owner
 * closes due windows before it adds a line from behind `dueAt`.
 */
export class OpenWindows {
  readonly #options: WindowOptions;
  readonly #createTallies: () => Tallies;
  readonly #windows = new Map<number, WindowAggregate>();
  #oldest: number | undefined;
  #watermark = 0;

  /** `hasSameMetrics`: the user's own metrics are defined as they were when it was saved. */
  constructor(
    options: WindowOptions,
    createTallies: () => Tallies,
    saved?: WindowsPosition,
    hasSameMetrics = true,
  ) {
    this.#options = options;
    this.#createTallies = createTallies;
    if (saved !== undefined) {
      this.#watermark = saved.watermark;
      // Aligned anew: the interval may have been changed in the configuration.
      this.#oldest = saved.oldest === undefined ? undefined : this.#startOf(saved.oldest);
      for (const { start, bytes } of saved.windows) {
        this.#at(this.#startOf(start)).restore(bytes, hasSameMetrics);
      }
    }
  }

  /** The watermark at which the oldest window is due; Infinity before the first line. */
  get dueAt(): number {
    const { everyMs, latenessMs } = this.#options;
    return this.#oldest === undefined ? Infinity : this.#oldest + everyMs + latenessMs;
  }

  get isDue(): boolean {
    return this.dueAt <= this.#watermark;
  }

  /** The window for lines of `timeMs`. The caller counts the late and the early ones. */
  forLine(timeMs: number, nowMs: number): PlacedLine {
    const isEarly = timeMs > nowMs + aheadMsMax;
    const start = this.#startOf(isEarly ? nowMs : timeMs);
    this.#oldest ??= start;
    if (this.#watermark === 0 && this.#oldest - start <= firstSpanMsMax) {
      // Of several files, an earlier one may be read after a later one. Nothing is late before anything had to be there.
      this.#oldest = Math.min(this.#oldest, start);
    }
    const window = this.#at(Math.max(start, this.#oldest));
    return { window, timing: isEarly ? "early" : start < this.#oldest ? "late" : "on_time" };
  }

  /**
   * The window for a line that does not say its time: that of the newest line before it, or of the
   * watermark when that is later.
   */
  forTimelessLine(newestMs: number | undefined, nowMs: number): WindowAggregate {
    const time = Math.max(this.#watermark, newestMs ?? 0);
    const start = this.#startOf(time === 0 ? nowMs : time);
    this.#oldest ??= start;
    return this.#at(Math.max(start, this.#oldest));
  }

  /**
   * All files were read up to this event time: the least of the newest times of those that still
   * have something to read. An earlier watermark than the present one changes nothing.
   */
  advance(watermarkMs: number): void {
    this.#watermark = Math.max(this.#watermark, watermarkMs);
  }

  /**
   * Nothing was left to read at `nowMs`: what belongs before has come. When the clock was set back by
   * a lot, windows begin anew there, and what was still open counts into the first of them.
   */
  passTime(nowMs: number): void {
    if (nowMs < this.#watermark - backStepMs) {
      this.#beginAnew(nowMs);
    }
    this.advance(nowMs);
    this.#oldest ??= this.#startOf(nowMs);
  }

  /** Something that belongs into the window of `nowMs` is missing. */
  markPartial(nowMs: number): void {
    this.#oldest ??= this.#startOf(nowMs);
    this.#at(Math.max(this.#startOf(nowMs), this.#oldest)).isPartial = true;
  }

  /** Closes the oldest window. Call it while `isDue`. */
  close(): ClosedWindow {
    const from = this.#oldest ?? 0;
    const aggregate = this.#windows.get(from);
    this.#windows.delete(from);
    const to = aggregate === undefined ? this.#emptyUntil(from) : from + this.#options.everyMs;
    this.#oldest = to;
    return { from, to, aggregate: aggregate ?? this.#create() };
  }

  /** Anything that structuredClone takes; the constructor takes it back. */
  get position(): WindowsPosition {
    const windows = [...this.#windows].map(([start, window]) => ({
      start,
      bytes: window.toBytes(),
    }));
    const oldest = this.#oldest === undefined ? {} : { oldest: this.#oldest };
    return { everyMs: this.#options.everyMs, ...oldest, watermark: this.#watermark, windows };
  }

  #beginAnew(nowMs: number): void {
    const before = [...this.#windows.values()];
    this.#windows.clear();
    this.#watermark = nowMs;
    this.#oldest = this.#startOf(nowMs);
    for (const window of before) {
      this.#at(this.#oldest).restore(window.toBytes());
    }
  }

  #emptyUntil(from: number): number {
    const { everyMs, latenessMs } = this.#options;
    const next = Math.min(this.#startOf(this.#watermark - latenessMs), ...this.#windows.keys());
    const isStretch = next - from > emptyWindowsMax * everyMs;
    return isStretch ? next : from + everyMs;
  }

  #startOf(timeMs: number): number {
    const { everyMs } = this.#options;
    return Math.floor(timeMs / everyMs) * everyMs;
  }

  #at(start: number): WindowAggregate {
    let window = this.#windows.get(start);
    if (window === undefined) {
      window = this.#create();
      this.#windows.set(start, window);
    }
    return window;
  }

  #create(): WindowAggregate {
    return new WindowAggregate(this.#createTallies());
  }
}
