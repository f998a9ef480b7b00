import { Grouping } from "../scan/grouping.ts";
import { createLineEngine, type LineEngine } from "../scan/line-engine.ts";
import { type ScanResult, scanLimits, type ScanSpec } from "../scan/log-scanner.ts";
import { compileMetrics } from "../scan/metric-tallies.ts";
import { Tallies } from "../scan/tallies.ts";
import type { LineSink } from "./line-feeder.ts";

/** A stretch of time, in ms since the epoch; an end that is undefined is open. */
export interface TimeRange {
  readonly since?: number | undefined;
  /** The first instant behind it. */
  readonly until?: number | undefined;
}

/**
 * Scans one piece after the other. Its code is compiled once and gets fast by running: a new
 * scanner for each piece starts slowly again.
 */
export interface ReportScanner extends LineSink {
  /** What comes belongs to another piece. */
  restart(): void;
  /** Of the piece. */
  result(): ScanResult;
}

/** What is outside is only counted: few keys are enough. */
const outsideKeysMax = 16;

/**
 * A scanner that counts the requests of a stretch of time. Those outside, and those without a time
 * when there is an end, are `filtered`. Throws RangeError for a pattern or time zone that should
 * not have passed.
 */
export function createReportScanner(
  spec: ScanSpec,
  { since = -Infinity, until = Infinity }: TimeRange,
): ReportScanner {
  const limits = { ...scanLimits, ...spec.limits };
  const grouping = new Grouping(spec.groups, limits.groupsMax);
  const nameOf = (id: number): string => grouping.nameOf(id);
  const metrics = compileMetrics(spec.patterns, spec.metrics, spec.anonymise);
  const open = (keysMax: number, windowMs?: number): Tallies =>
    new Tallies({ limits: { ...limits, keysMax }, windowMs, metrics, nameOf });
  const isEverything = since === -Infinity && until === Infinity;
  let inside = open(limits.keysMax, spec.windowMs);
  let outside = open(outsideKeysMax);
  const sink = {
    isStopped: false,
    place: (timeMs: number) =>
      isEverything || (timeMs >= since && timeMs < until) ? inside : outside,
    placeUnread: () => inside,
  };
  const start = (): LineEngine => createLineEngine({ spec, limits, grouping, sink });
  let engine = start();
  return {
    scan: (bytes, from, to) => engine.scan(bytes, from, to),
    scanRest: (bytes, from, to) => engine.scanRest(bytes, from, to),
    addTooLong: () => engine.addTooLong(),
    restart() {
      // Windows that were too short for one piece are too short for all together.
      inside = open(limits.keysMax, inside.series?.windowMs);
      outside = open(outsideKeysMax);
      // What the directives of one file say does not hold for the next.
      engine = spec.format.layout === "header" ? start() : engine;
    },
    result: () => withFiltered(inside.toResult(), outside.lines.read),
  };
}

function withFiltered(result: ScanResult, count: number): ScanResult {
  const { lines } = result;
  return {
    ...result,
    lines: { ...lines, read: lines.read + count, filtered: lines.filtered + count },
  };
}
