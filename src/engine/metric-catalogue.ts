import type { MetricDefinition, Source } from "../core/component.ts";
import { ownMetrics } from "./own-source.ts";

/** What the engine adds to the samples of every check. */
const checkMetrics = {
  check_unknown_total: {
    kind: "count",
    help: "Looks whose outcome was neither up nor down.",
  },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

/** What is known of a metric by its name; of sources that share a name, the first one's words. */
export function createMetricCatalogue(
  sources: readonly Source[],
): (metric: string) => MetricDefinition | undefined {
  const catalogues = [ownMetrics, checkMetrics, ...sources.map(({ metrics }) => metrics)];
  const known = new Map<string, MetricDefinition>();
  for (const [name, definition] of catalogues.flatMap((metrics) => Object.entries(metrics))) {
    if (!known.has(name)) {
      known.set(name, definition);
    }
  }
  return (metric) => known.get(metric);
}
