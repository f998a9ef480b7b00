// Which time the page shows: what comes in now, the latest hours, days or months, or a stretch
// between two instants.
import { formatMoment } from "./format.ts";
import type { Window } from "./series.ts";

export type Range =
  | { readonly kind: "live" }
  | { readonly kind: "last"; readonly name: string; readonly ms: number }
  | { readonly kind: "fixed"; readonly from: number; readonly to: number };

export const live: Range = { kind: "live" };

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
export const weekMs = 7 * dayMs;

/** What can be picked, besides live; `name` is how the address calls it. */
export const lastRanges = [
  { kind: "last", name: "15m", label: "15 min", ms: 15 * minuteMs },
  { kind: "last", name: "1h", label: "1 h", ms: hourMs },
  { kind: "last", name: "6h", label: "6 h", ms: 6 * hourMs },
  { kind: "last", name: "1d", label: "1 d", ms: dayMs },
  { kind: "last", name: "7d", label: "7 d", ms: weekMs },
  { kind: "last", name: "30d", label: "30 d", ms: 30 * dayMs },
  { kind: "last", name: "1y", label: "1 year", ms: 365 * dayMs },
] as const;

/** Less is not kept. */
const fixedMinMs = 10_000;

/**
 * "live", "6h", or two instants: "2026-11-20T16:04:00Z~2026-11-20T16:20:00Z". Whatever is not
 * understood is live.
 */
export function parseRange(text: string): Range {
  const last = lastRanges.find(({ name }) => name === text);
  if (last !== undefined) {
    return { kind: "last", name: last.name, ms: last.ms };
  }
  const [from = Number.NaN, to = Number.NaN] = text.split("~").map((part) => Date.parse(part));
  return to > from ? { kind: "fixed", from, to } : live;
}

export function toRangeText(range: Range): string {
  switch (range.kind) {
    case "live":
      return "live";
    case "last":
      return range.name;
    case "fixed":
      return `${toSecond(range.from)}~${toSecond(range.to)}`;
  }
}

/** What was dragged over, in whole seconds and not too narrow. */
export function toFixedRange({ from, to }: Window): Range {
  const start = Math.floor(from / 1000) * 1000;
  return {
    kind: "fixed",
    from: start,
    to: Math.max(start + fixedMinMs, Math.ceil(to / 1000) * 1000),
  };
}

/** The range as instants at `now`. Undefined while the page is live. */
export function resolveRange(range: Range, now: number): Window | undefined {
  switch (range.kind) {
    case "live":
      return undefined;
    case "last":
      return { from: now - range.ms, to: now };
    case "fixed":
      return { from: range.from, to: range.to };
  }
}

/** As much time, just before or after; what would reach beyond `now` is the latest. */
export function stepRange(range: Range, now: number, direction: -1 | 1): Range {
  const window = resolveRange(range, now);
  if (window === undefined) {
    return range;
  }
  const shift = direction * (window.to - window.from);
  const moved = toFixedRange({ from: window.from + shift, to: window.to + shift });
  if (moved.kind !== "fixed" || moved.to < now) {
    return moved;
  }
  const same = lastRanges.find(({ ms }) => Math.abs(ms - (moved.to - moved.from)) < 2_000);
  return same === undefined
    ? toFixedRange({ from: now - (moved.to - moved.from), to: now })
    : { kind: "last", name: same.name, ms: same.ms };
}

/** "20 Nov, 16:04 – 16:20" */
export function describeRange({ from, to }: Window): string {
  const isSameDay = new Date(from).toDateString() === new Date(to).toDateString();
  const end = formatMoment(to);
  return `${formatMoment(from)} – ${isSameDay ? (end.split(", ").at(-1) ?? end) : end}`;
}

function toSecond(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, "Z");
}
