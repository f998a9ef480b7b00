import type { LogHeader } from "../format/line-format.ts";
import { Grouping } from "./grouping.ts";
import { createLineEngine } from "./line-engine.ts";
import { type LogScanner, scanLimits, type ScanSpec } from "./log-scanner.ts";
import { compileMetrics } from "./metric-tallies.ts";
import { Tallies } from "./tallies.ts";

/**
 * A scanner that counts everything into one result. `header`: what a W3C log has said before the
 * part that is scanned. Throws RangeError for a pattern or time zone that the configuration should
 * not have let pass.
 */
export function createLogScanner(spec: ScanSpec, header?: LogHeader): LogScanner {
  const limits = { ...scanLimits, ...spec.limits };
  const grouping = new Grouping(spec.groups, limits.groupsMax);
  const metrics = compileMetrics(spec.patterns, spec.metrics, spec.anonymise);
  const tallies = new Tallies({
    limits,
    windowMs: spec.windowMs,
    metrics,
    nameOf: (id) => grouping.nameOf(id),
  });
  const sink = { isStopped: false, place: () => tallies, placeUnread: () => tallies };
  const engine = createLineEngine({ spec, limits, grouping, sink, header });
  return {
    get header() {
      return engine.header;
    },
    scan: (bytes, start, end) => engine.scan(bytes, start, end),
    scanRest: (bytes, start, end) => engine.scanRest(bytes, start, end),
    addTooLong: () => engine.addTooLong(),
    result: () => tallies.toResult(),
  };
}
