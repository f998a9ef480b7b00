// Names and labels as Prometheus allows them (prometheus.io/docs/concepts/data_model).
import { hash } from "node:crypto";
import type { Total } from "../core/totals.ts";

/** A legal name and its value. */
export type LabelPair = readonly [name: string, value: string];

/** Longer label values are cut. */
const labelCharsMax = 512;

/** Metric names are [a-zA-Z_:][a-zA-Z0-9_:]*; anything else becomes an underscore. */
export function toLegalName(name: string): string {
  const legal = name.replaceAll(/[^a-zA-Z0-9_:]/g, "_");
  return /^(?:[0-9]|$)/.test(legal) ? `_${legal}` : legal;
}

const ownLabels = ["source", "service", "le"];

/**
 * A label that is called as one of ours gets the prefix that Prometheus itself gives in that case. `legalNames`
 * remembers names, which are few.
 */
export function toLabels(
  { source, service, labels }: Pick<Total, "source" | "service" | "labels">,
  legalNames: Map<string, string>,
): readonly LabelPair[] {
  const pairs: LabelPair[] = [["source", toLabelValue(source)]];
  if (service !== "") {
    pairs.push(["service", toLabelValue(service)]);
  }
  for (const label in labels) {
    let name = legalNames.get(label) ?? toLegalLabel(label);
    legalNames.set(label, name);
    while (hasLabel(name, pairs)) {
      name = `exported_${name}`;
    }
    pairs.push([name, toLabelValue(labels[label] ?? "")]);
  }
  return pairs;
}

function hasLabel(name: string, pairs: readonly LabelPair[]): boolean {
  return ownLabels.includes(name) || pairs.some(([taken]) => taken === name);
}

/** Names that begin with two underscores are Prometheus's own. */
function toLegalLabel(label: string): string {
  return toLegalName(label).replaceAll(":", "_").replace(/^__+/, "_");
}

/** Cut values stay different from one another. */
function toLabelValue(value: string): string {
  // Half a character, as a cut one leaves it, cannot be written as UTF-8.
  const text = value.toWellFormed();
  return text.length <= labelCharsMax
    ? text
    : `${text.slice(0, labelCharsMax).toWellFormed()}…${toDigest(text)}`;
}

export function toDigest(text: string): string {
  return hash("sha256", text).slice(0, 8);
}
