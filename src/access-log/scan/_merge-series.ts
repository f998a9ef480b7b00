import type { ByteReader, ByteWriter } from "../../core/bytes.ts";
import { Distribution } from "../../core/distribution.ts";
import type { Series, SeriesWindow } from "./log-scanner.ts";

/** The longer windows of the two decide: lengths are doubles of each other. */
export function mergeSeries(
  one: Series | undefined,
  other: Series | undefined,
): Series | undefined {
  if (one === undefined || other === undefined) {
    return one ?? other;
  }
  const windowMs = Math.max(one.windowMs, other.windowMs);
  const windows = new Map<number, SeriesWindow>();
  for (const [start, window] of [...one.windows, ...other.windows]) {
    const at = Math.floor(start / windowMs) * windowMs;
    const known = windows.get(at);
    windows.set(at, known === undefined ? window : mergeWindows(known, window));
  }
  return { windowMs, windows: new Map([...windows].toSorted(([a], [b]) => a - b)) };
}

export function writeSeries(out: ByteWriter, series: Series | undefined): void {
  out.byte(series === undefined ? 0 : 1);
  if (series === undefined) {
    return;
  }
  out.float64(series.windowMs);
  out.varint(series.windows.size);
  for (const [start, { requests, classes, bytes, durations }] of series.windows) {
    out.float64(start);
    out.varint(requests);
    out.float64(bytes);
    out.varint(classes.length);
    for (const count of classes) {
      out.varint(count);
    }
    out.bytes(durations.toBytes());
  }
}

export function readSeries(input: ByteReader): Series | undefined {
  if (input.byte() === 0) {
    return undefined;
  }
  const windowMs = input.float64();
  const windows = new Map<number, SeriesWindow>();
  for (let rest = input.varint(); rest > 0; rest--) {
    windows.set(input.float64(), readWindow(input));
  }
  return { windowMs, windows };
}

function readWindow(input: ByteReader): SeriesWindow {
  const requests = input.varint();
  const bytes = input.float64();
  const classes: number[] = [];
  for (let rest = input.varint(); rest > 0; rest--) {
    classes.push(input.varint());
  }
  const durations = Distribution.fromBytes(input.bytes());
  return { requests, classes, bytes, durations };
}

function mergeWindows(one: SeriesWindow, other: SeriesWindow): SeriesWindow {
  const durations = one.durations.clone();
  durations.merge(other.durations);
  return {
    requests: one.requests + other.requests,
    classes: one.classes.map((count, place) => count + (other.classes[place] ?? 0)),
    bytes: one.bytes + other.bytes,
    durations,
  };
}
