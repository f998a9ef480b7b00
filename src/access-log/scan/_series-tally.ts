import type { Entry } from "../format/fields.ts";
import { DurationTally, noBytes } from "./_duration-tally.ts";
import type { Series, SeriesWindow } from "./log-scanner.ts";

/** First digits of a status, and 0 for none. */
const classesMax = 10;

/** One window while it is counted. Generated code writes its fields. */
export class SeriesPoint {
  requests = 0;
  readonly classes = new Float64Array(classesMax);
  bytes = noBytes;
  readonly durations = new DurationTally();

  add(entry: Entry): void {
    this.requests++;
    const place = Math.floor((entry.status ?? 0) / 100);
    this.classes[place] = (this.classes[place] ?? 0) + 1;
    this.bytes += entry.bytes ?? 0;
    if (entry.duration !== undefined) {
      this.durations.add(entry.duration);
    }
  }

  merge(other: SeriesPoint): void {
    this.requests += other.requests;
    this.bytes += other.bytes;
    this.durations.merge(other.durations);
    for (const [place, requests] of other.classes.entries()) {
      this.classes[place] = (this.classes[place] ?? 0) + requests;
    }
  }

  toWindow(): SeriesWindow {
    return {
      requests: this.requests,
      classes: [...this.classes],
      bytes: this.bytes + 0,
      durations: this.durations.toDistribution(),
    };
  }
}

/** The windows of a scan; their length doubles when there are too many. */
export class SeriesTally {
  windowMs: number;
  readonly #windowsMax: number;
  #points = new Map<number, SeriesPoint>();

  constructor(windowMs: number, windowsMax: number) {
    this.windowMs = windowMs;
    this.#windowsMax = windowsMax;
  }

  /** The window of an instant; valid until the next call. */
  at(timeMs: number): SeriesPoint {
    const start = Math.floor(timeMs / this.windowMs) * this.windowMs;
    const known = this.#points.get(start);
    if (known !== undefined) {
      return known;
    }
    if (this.#points.size >= this.#windowsMax) {
      this.#double();
      return this.at(timeMs);
    }
    const point = new SeriesPoint();
    this.#points.set(start, point);
    return point;
  }

  toSeries(): Series {
    const windows = [...this.#points]
      .filter(([, { requests }]) => requests > 0)
      .map(([start, point]) => [start, point.toWindow()] as const)
      .toSorted(([a], [b]) => a - b);
    return { windowMs: this.windowMs, windows: new Map(windows) };
  }

  #double(): void {
    const before = this.#points;
    this.windowMs *= 2;
    this.#points = new Map();
    for (const [start, point] of before) {
      const doubled = Math.floor(start / this.windowMs) * this.windowMs;
      const known = this.#points.get(doubled);
      if (known === undefined) {
        this.#points.set(doubled, point);
      } else {
        known.merge(point);
      }
    }
  }
}
