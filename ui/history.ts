// The last 15 minutes of every source, folded from batches as they come. Mutable and bounded; drawn
// from, never drawn by.
import type { BatchJson } from "./api.ts";
import { type BalancerWindow, createBalancer, foldBalancer, thinOut } from "./balancer.ts";
import { createProbe, foldProbe, type ProbeWindow } from "./probe.ts";
import { dropWindows, rangeMs, takeWindow, toLiveRange, type Window } from "./series.ts";
import { createTraffic, foldTraffic, type TrafficWindow } from "./traffic.ts";

export interface PageWindow extends TrafficWindow, ProbeWindow, BalancerWindow {
  /** Something that belongs into this window is known to be missing. */
  partial: boolean;
}

export interface History {
  /** Folds a batch in. One that was already taken, or is older than the range, changes nothing. */
  take(batch: BatchJson): void;
  /** Moves the end of the time axis forward; never back. */
  advance(now: number): void;
  /** The time by the journal's ticks, in milliseconds since the epoch; 0 before the first. */
  readonly now: number;
  /** The time axis of all charts: from the first window of any source that is still held. */
  readonly range: Window;
  /** Ordered by time. Changes with the next batch: read it, do not keep it. */
  windowsOf(source: string): readonly PageWindow[];
}

/** Windows that are looked at: the first after a start is always partial. */
const recentWindows = 3;

/** Whether something is missing of what came last. */
export function isIncomplete(windows: readonly Pick<PageWindow, "partial">[]): boolean {
  return windows.slice(-recentWindows).some(({ partial }) => partial);
}

/** The source whose batch each second is the tick. */
const tickSource = "watchpost";

/** More sources than a page could show. */
const sourcesMax = 1_000;

interface Track {
  lastSeq: number;
  lastTo: number;
  readonly windows: PageWindow[];
}

export function createHistory(): History {
  const tracks = new Map<string, Track>();
  let now = 0;

  function advance(instant: number): void {
    if (instant > now) {
      now = instant;
      for (const { windows } of tracks.values()) {
        dropWindows(windows, now - rangeMs);
      }
    }
  }

  function trackOf(source: string): Track | undefined {
    const held = tracks.get(source);
    if (held !== undefined || tracks.size >= sourcesMax) {
      return held;
    }
    const track = { lastSeq: 0, lastTo: 0, windows: [] };
    tracks.set(source, track);
    return track;
  }

  return {
    take(batch) {
      const bounds = { from: Date.parse(batch.from), to: Date.parse(batch.to) };
      if (batch.source === tickSource) {
        advance(bounds.to);
        return;
      }
      const track = trackOf(batch.source);
      if (track !== undefined && isNew(track, batch.seq, bounds) && bounds.to > now - rangeMs) {
        fold(track, batch, bounds);
      }
    },
    advance,
    get now() {
      return now;
    },
    get range() {
      const starts = [...tracks.values()].map(({ windows }) => windows[0]?.from ?? now);
      return toLiveRange(Math.min(now, ...starts), now);
    },
    windowsOf: (source) => tracks.get(source)?.windows ?? [],
  };
}

/** Numbers start again with a new journal, and then the windows are newer. */
function isNew(track: Track, seq: number, { to }: Window): boolean {
  return seq > track.lastSeq || to > track.lastTo;
}

function fold(track: Track, batch: BatchJson, bounds: Window): void {
  track.lastSeq = batch.seq;
  track.lastTo = Math.max(track.lastTo, bounds.to);
  const window = takeWindow(track.windows, bounds, createWindow);
  if (window !== undefined) {
    window.partial ||= batch.partial === true;
    foldTraffic(window.traffic, batch);
    foldProbe(window.probe, batch.samples);
    foldBalancer(window.balancer, batch);
    for (const before of track.windows.slice(-3).filter(({ to }) => to < track.lastTo)) {
      thinOut(before.balancer);
    }
  }
}

function createWindow(bounds: Window): PageWindow {
  const [traffic, probe, balancer] = [createTraffic(), createProbe(), createBalancer()];
  return { ...bounds, partial: false, traffic, probe, balancer };
}
