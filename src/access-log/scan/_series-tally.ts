import { Distribution } from "../../core/distribution.ts";
import type { Entry } from "../format/fields.ts";
import type { Series, SeriesWindow } from "./log-scanner.ts";

/** First digits of a status, and 0 for none. */
const classesMax = 10;

/** One window while it is counted. Generated code writes its fields. */
export class SeriesPoint {
  requests = 0;
  readonly classes = new Float64Array(classesMax);
  bytes = 0;
  readonly durations = new Distribution();
  /** By group id. */
  readonly groups: number[] = [];

  add(entry: Entry, group: number): void {
    this.requests++;
    const place = Math.floor((entry.status ?? 0) / 100);
    this.classes[place] = (this.classes[place] ?? 0) + 1;
    this.bytes += entry.bytes ?? 0;
    if (entry.duration !== undefined) {
      this.durations.add(entry.duration);
    }
    this.addGroup(group);
  }

  merge(other: SeriesPoint): void {
    this.requests += other.requests;
    this.bytes += other.bytes;
    this.durations.merge(other.durations);
    for (const [place, requests] of other.classes.entries()) {
      this.classes[place] = (this.classes[place] ?? 0) + requests;
    }
    for (const [id, requests] of other.groups.entries()) {
      this.groups[id] = (this.groups[id] ?? 0) + (requests ?? 0);
    }
  }

  addGroup(id: number): void {
    while (this.groups.length <= id) {
      this.groups.push(0);
    }
    this.groups[id] = (this.groups[id] ?? 0) + 1;
  }

  toWindow(nameOf: (id: number) => string): SeriesWindow {
    const groups = new Map<string, number>();
    for (const [id, requests] of this.groups.entries()) {
      if (requests > 0) {
        groups.set(nameOf(id), requests);
      }
    }
    const { requests, bytes, durations } = this;
    return { requests, classes: [...this.classes], bytes, durations: durations.clone(), groups };
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

  toSeries(nameOf: (id: number) => string): Series {
    const windows = [...this.#points]
      .filter(([, { requests }]) => requests > 0)
      .map(([start, point]) => [start, point.toWindow(nameOf)] as const)
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
