import { checkMetrics } from "../config/check-metrics.ts";
import type { MetricDefinition, Source } from "../core/component.ts";
import { ownMetrics } from "./own-source.ts";

/** What is known of a metric by its name; of sources that share a name, the first one's words. */
export function createMetricCatalogue(
  sources: readonly Source[],
): (metric: string) => MetricDefinition | undefined {
  const catalogues = [ownMetrics, ...sources.map(({ metrics }) => metrics), checkMetrics];
  const known = new Map<string, MetricDefinition>();
  for (const [name, definition] of catalogues.flatMap((metrics) => Object.entries(metrics))) {
    if (!known.has(name)) {
      known.set(name, definition);
    }
  }
  return (metric) => known.get(metric);
}
