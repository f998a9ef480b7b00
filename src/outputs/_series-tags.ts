import type { Batch } from "../core/batch.ts";
import type { Labels } from "../core/sample.ts";

export type Tag = readonly [name: string, value: string];

/** How a destination wants names and values of tags. */
export interface TagRules {
  readonly toName: (label: string) => string;
  readonly toValue: (value: string) => string;
  /** Names that mean something else there. */
  readonly reserved: readonly string[];
}

/**
 * The tags of a series: `source`, `service` when there is one, and its labels, by name. A label that is called as one
 * of ours, or as something of the destination's, gets the prefix that Prometheus gives in that case. A label without
 * a value is none.
 */
export function toSeriesTags(
  { source, service }: Pick<Batch, "source" | "service">,
  labels: Labels,
  { toName, toValue, reserved }: TagRules,
): readonly Tag[] {
  const tags = new Map([["source", toValue(source)]]);
  if (service !== "") {
    tags.set("service", toValue(service));
  }
  for (const label of Object.keys(labels).toSorted()) {
    const value = labels[label] ?? "";
    if (value !== "") {
      let name = toName(label);
      while (tags.has(name) || name === "service" || reserved.includes(name)) {
        name = `exported_${name}`;
      }
      tags.set(name, toValue(value));
    }
  }
  return [...tags].toSorted(([a], [b]) => (a < b ? -1 : 1));
}
