// What a source's line says at a glance. Never by colour alone: each tone has its shape and its
// word.
import type { Labels, SourceStatus, Total } from "./api.ts";
import { formatCount } from "./format.ts";

export type Tone = "good" | "bad" | "warn" | "quiet";

export interface Status {
  readonly tone: Tone;
  readonly word: string;
}

/**
 * For a check its outcome, else whether the source does its work: a log does not of which `misread`
 * lines came and not one could be read.
 */
export function toStatus({ state, check }: SourceStatus, misread = 0): Status {
  if (state === "starting") {
    return { tone: "quiet", word: "starting" };
  }
  switch (check) {
    case "up":
      return { tone: "good", word: "up" };
    case "down":
      return { tone: "bad", word: "down" };
    case "unknown":
      return { tone: "warn", word: "unknown" };
    case null:
      return state === "ok" ? toWorking(misread) : { tone: "bad", word: "failing" };
  }
}

function toWorking(misread: number): Status {
  return misread > 0 ? { tone: "warn", word: "unparsed" } : { tone: "good", word: "ok" };
}

/** The sentence that belongs to the status; undefined while there is nothing to say. */
export function toNote({ problem }: SourceStatus, misread = 0): string | undefined {
  if (problem !== null || misread === 0) {
    return problem ?? undefined;
  }
  return misread === 1
    ? "No line fits the format: the one of the last minute could not be read."
    : `No line fits the format: the ${formatCount(misread)} of the last minute could not be read.`;
}

/** Whether what was not counted is known to be zero. */
export function isCounting({ state }: SourceStatus, misread: number): boolean {
  return state !== "failing" && misread === 0;
}

/**
 * Whether a batch should have come long ago: three intervals are late, but never less than 5
 * seconds.
 */
export function isLate(ageMs: number, everyMs: number): boolean {
  return ageMs > Math.max(5_000, 3 * everyMs);
}

export interface OutcomeCount {
  readonly outcome: string;
  readonly count: number;
}

/**
 * `log_lines_total` by outcome: parsed first, then by number; outcomes that never occurred are left
 * out.
 */
export function countLines(totals: readonly Total[]): OutcomeCount[] {
  const counts = new Map<string, number>();
  for (const { name, labels, value } of totals) {
    if (name === "log_lines_total" && value > 0) {
      const outcome = outcomeOf(labels);
      counts.set(outcome, (counts.get(outcome) ?? 0) + value);
    }
  }
  return [...counts]
    .map(([outcome, count]) => ({ outcome, count }))
    .toSorted((a, b) => rank(a) - rank(b) || b.count - a.count);
}

function outcomeOf(labels: Labels): string {
  return labels["outcome"] ?? "lines";
}

function rank({ outcome }: OutcomeCount): number {
  return outcome === "parsed" ? 0 : 1;
}

/** Lines that should have been understood and were not. */
export function isLoss({ outcome }: OutcomeCount): boolean {
  return outcome === "unparsed" || outcome === "too_long" || outcome.startsWith("unparsed");
}

export interface ServiceGroup {
  /** Empty for sources of no service. */
  readonly service: string;
  readonly sources: readonly SourceStatus[];
}

/**
 * By service name, sources of no service last; within a service in the order of the configuration.
 */
export function groupByService(sources: readonly SourceStatus[]): ServiceGroup[] {
  const groups = Map.groupBy(sources, ({ service }) => service);
  return [...groups]
    .map(([service, members]) => ({ service, sources: members }))
    .toSorted(
      (a, b) => Number(!a.service) - Number(!b.service) || a.service.localeCompare(b.service),
    );
}
