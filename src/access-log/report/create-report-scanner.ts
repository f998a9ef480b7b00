import { Grouping } from "../scan/grouping.ts";
import { createLineEngine } from "../scan/line-engine.ts";
import { createLogScanner } from "../scan/create-log-scanner.ts";
import {
  type LogScanner,
  type ScanResult,
  scanLimits,
  type ScanSpec,
} from "../scan/log-scanner.ts";
import { compileMetrics } from "../scan/metric-tallies.ts";
import { Tallies } from "../scan/tallies.ts";

/** A stretch of time, in ms since the epoch; an end that is undefined is open. */
export interface TimeRange {
  readonly since?: number | undefined;
  /** The first instant behind it. */
  readonly until?: number | undefined;
}

/** What is outside is only counted: few keys are enough. */
const outsideKeysMax = 16;

/**
 * A scanner that counts the requests of a stretch of time. Those outside, and those without a time,
 * are `filtered`. Throws what createLogScanner throws.
 */
export function createReportScanner(spec: ScanSpec, { since, until }: TimeRange): LogScanner {
  if (since === undefined && until === undefined) {
    return createLogScanner(spec);
  }
  const limits = { ...scanLimits, ...spec.limits };
  const grouping = new Grouping(spec.groups, limits.groupsMax);
  const nameOf = (id: number): string => grouping.nameOf(id);
  const metrics = compileMetrics(spec.patterns, spec.metrics);
  const inside = new Tallies({ limits, windowMs: spec.windowMs, metrics, nameOf });
  const outside = new Tallies({
    limits: { ...limits, keysMax: outsideKeysMax },
    windowMs: undefined,
    metrics: compileMetrics(undefined, undefined),
    nameOf,
  });
  const [from, to] = [since ?? -Infinity, until ?? Infinity];
  const sink = {
    isStopped: false,
    place: (timeMs: number) => (timeMs >= from && timeMs < to ? inside : outside),
    placeUnread: () => inside,
  };
  const engine = createLineEngine({ spec, limits, grouping, sink });
  return {
    get header() {
      return engine.header;
    },
    scan: (bytes, start, end) => engine.scan(bytes, start, end),
    scanRest: (bytes, start, end) => engine.scanRest(bytes, start, end),
    addTooLong: () => engine.addTooLong(),
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
