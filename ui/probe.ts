// What a window of a check says: its outcome, and how long each phase took.
import type { SampleJson } from "./api.ts";
import { isContiguous, type Window } from "./series.ts";

export type Outcome = "up" | "down" | "unknown";

export interface Probe {
  /** Null when the source is no check, or has not looked yet. */
  outcome: Outcome | null;
  /** Seconds by phase; the phase is empty where the check has only one. */
  readonly phases: Map<string, number>;
}

export interface ProbeWindow extends Window {
  readonly probe: Probe;
}

const phasesMax = 12;

export function createProbe(): Probe {
  return { outcome: null, phases: new Map() };
}

export function foldProbe(probe: Probe, samples: readonly SampleJson[]): void {
  for (const { name, labels, value } of samples) {
    if (name === "check_up") {
      probe.outcome = value === 1 ? "up" : "down";
    } else if (name === "check_unknown_total") {
      probe.outcome ??= typeof value === "number" && value > 0 ? "unknown" : null;
    } else if (name === "check_duration_seconds") {
      const seconds = typeof value === "number" ? value : value.p50;
      const phase = labels["phase"] ?? "";
      if (seconds !== null && (probe.phases.has(phase) || probe.phases.size < phasesMax)) {
        probe.phases.set(phase, seconds);
      }
    }
  }
}

/**
 * In the order in which they first appear, which is the order in which they happen; the total last.
 */
export function listPhases(windows: readonly ProbeWindow[]): string[] {
  return orderPhases(windows.flatMap(({ probe }) => [...probe.phases.keys()]));
}

/** Once each, the total last. */
export function orderPhases(names: readonly string[]): string[] {
  const phases = new Set(names);
  const parts = [...phases].filter((phase) => phase !== "total");
  return phases.has("total") ? [...parts, "total"] : parts;
}

/** A time over which the outcome stayed the same. */
export interface Span extends Window {
  readonly outcome: Outcome;
  /** The share of it that was up, where several looks are shown as one. */
  readonly upRatio?: number | undefined;
}

/**
 * Runs of equal outcomes. A look stands for the time since the one before it; where looks are
 * missing there is no span.
 */
export function toSpans(windows: readonly ProbeWindow[], everyMs: number): Span[] {
  const spans: Span[] = [];
  let previous: ProbeWindow | undefined;
  for (const window of windows) {
    const { outcome } = window.probe;
    if (outcome === null) {
      continue;
    }
    const follows = previous !== undefined && isContiguous(previous, window, everyMs);
    const last = spans.at(-1);
    if (follows && last?.outcome === outcome) {
      spans[spans.length - 1] = { ...last, to: window.to };
    } else {
      const from = follows && previous ? previous.to : Math.min(window.from, window.to - everyMs);
      spans.push({ from: Math.max(from, last?.to ?? from), to: window.to, outcome });
    }
    previous = window;
  }
  return spans;
}

/** The share of the time that was up, of the time that is known; null when none is. */
export function toUpRatio(spans: readonly Span[]): number | null {
  const up = sumMs(spans.filter(({ outcome }) => outcome === "up"));
  const known = sumMs(spans.filter(({ outcome }) => outcome !== "unknown"));
  return known === 0 ? null : up / known;
}

function sumMs(spans: readonly Span[]): number {
  return spans.reduce((sum, { from, to }) => sum + to - from, 0);
}
