// Windows of event time, [start, start + every), aligned to the epoch. Which window a line counts
// into depends on the lines before it and on when the end of the log was seen, never on how the log
// was cut into reads.
import { z } from "zod";
import type { Tallies } from "../scan/tallies.ts";
import { WindowAggregate } from "./window-aggregate.ts";

/** A window closes this long after its end, so that lines of its last second have come. */
export const latenessMs = 1000;
/**
 * Lines further ahead of the clock than this do not count into a window to come but into the
 * clock's own.
 */
export const aheadMsMax = 60_000;
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
 * The windows that lines may still count into. The watermark is the time that is known to have
 * passed in the log: the newest line's, or the clock's once the end of the log was seen. A window
 * is due when the watermark is `latenessMs` past its end; the owner closes due windows before it
 * adds another line.
 */
export class OpenWindows {
  readonly #everyMs: number;
  readonly #createTallies: () => Tallies;
  readonly #windows = new Map<number, WindowAggregate>();
  #oldest: number | undefined;
  #watermark = 0;

  /** `hasSameMetrics`: the user's own metrics are defined as they were when it was saved. */
  constructor(
    everyMs: number,
    createTallies: () => Tallies,
    saved?: WindowsPosition,
    hasSameMetrics = true,
  ) {
    this.#everyMs = everyMs;
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

  get isDue(): boolean {
    return (
      this.#oldest !== undefined && this.#oldest + this.#everyMs + latenessMs <= this.#watermark
    );
  }

  /**
   * The window for lines of `timeMs`. Advances the watermark, so that windows may be due afterwards.
   * The caller counts the late and the early ones.
   */
  forLine(timeMs: number, nowMs: number): PlacedLine {
    const isEarly = timeMs > nowMs + aheadMsMax;
    const start = this.#startOf(isEarly ? nowMs : timeMs);
    this.#oldest ??= start;
    const window = this.#at(Math.max(start, this.#oldest));
    if (isEarly) {
      return { window, timing: "early" };
    }
    this.#watermark = Math.max(this.#watermark, Math.min(timeMs, nowMs));
    return { window, timing: start < this.#oldest ? "late" : "on_time" };
  }

  /** The window for a line that does not say its time: that of the newest line. */
  forTimelessLine(nowMs: number): WindowAggregate {
    const time = this.#watermark === 0 ? nowMs : this.#watermark;
    this.#oldest ??= this.#startOf(time);
    return this.#at(Math.max(this.#startOf(time), this.#oldest));
  }

  /** The end of the log was seen at `nowMs`: what belongs before has come. */
  passTime(nowMs: number): void {
    this.#watermark = Math.max(this.#watermark, nowMs);
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
    const to = aggregate === undefined ? this.#emptyUntil(from) : from + this.#everyMs;
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
    return { everyMs: this.#everyMs, ...oldest, watermark: this.#watermark, windows };
  }

  #emptyUntil(from: number): number {
    const next = Math.min(this.#startOf(this.#watermark - latenessMs), ...this.#windows.keys());
    const isStretch = next - from > emptyWindowsMax * this.#everyMs;
    return isStretch ? next : from + this.#everyMs;
  }

  #startOf(timeMs: number): number {
    return Math.floor(timeMs / this.#everyMs) * this.#everyMs;
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
