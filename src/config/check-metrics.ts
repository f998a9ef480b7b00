import type { MetricDefinition } from "../core/component.ts";

/** What is measured of every check, whatever its kind's own catalogue says. */
export const checkMetrics = {
  check_up: { kind: "gauge", help: "1 while it is up, 0 while it is down." },
  check_unknown_total: {
    kind: "count",
    help: "Looks whose outcome was neither up nor down.",
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;
