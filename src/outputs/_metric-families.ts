// Running totals as Prometheus groups them: families of legal, different names, each with series of different labels.
import { hash } from "node:crypto";
import type { MetricDefinition } from "../core/component.ts";
import type { Distribution } from "../core/distribution.ts";
import type { Total } from "../core/totals.ts";

/** A legal name and its value. */
export type LabelPair = readonly [name: string, value: string];

export interface Series<Value> {
  readonly labels: readonly LabelPair[];
  readonly value: Value;
}

/** A metric with all of its series; there is at least one. */
export type Family = {
  readonly name: string;
  readonly help: string | undefined;
} & (
  | { readonly kind: "count" | "gauge"; readonly series: Series<number>[] }
  | { readonly kind: "distribution"; readonly series: Series<Distribution>[] }
);

export interface Families {
  readonly families: readonly Family[];
  /** Series that are left out because another one has their name and labels, or their name means another kind. */
  readonly hidden: number;
}

/** Longer label values are cut. */
const labelCharsMax = 512;

/**
 * Groups totals into families, in the order of first appearance. A metric whose name is legal keeps it; of the others,
 * one whose legal form is another metric's name gets a digest behind it. Of one name for different kinds (also of a
 * counter `x_sum` beside a histogram `x`), the first is served. `reserved` are names that are not to be used.
 */
export function toFamilies(
  totals: Iterable<Total>,
  describe: (metric: string) => MetricDefinition | undefined,
  reserved: readonly string[],
): Families {
  const all = [...totals];
  const names = toLegalNames(new Set(all.map(({ name }) => name)));
  const families = new Map<string, Family>();
  const taken = new Set(reserved);
  const seen = new Set<string>();
  const legalLabels = new Map<string, string>();
  let hidden = 0;
  for (const total of all) {
    const name = names.get(total.name) ?? "";
    const family = families.get(name) ?? createFamily(name, total, describe(total.name)?.help);
    const labels = toLabels(total, legalLabels);
    const key = toKey(name, labels);
    const isTaken = !families.has(name) && namesOf(family).some((each) => taken.has(each));
    if (isTaken || seen.has(key) || !addSeries(family, labels, total)) {
      hidden++;
      continue;
    }
    seen.add(key);
    if (!families.has(name)) {
      families.set(name, family);
      namesOf(family).forEach((each) => taken.add(each));
    }
  }
  return { families: [...families.values()], hidden };
}

function toKey(name: string, labels: readonly LabelPair[]): string {
  let key = name;
  for (const [label, value] of labels) {
    key += `\0${label}\0${value}`;
  }
  return key;
}

function createFamily(name: string, { kind }: Total, help: string | undefined): Family {
  return { name, help, kind, series: [] };
}

/** Every name that lines of the family begin with in some format. */
function namesOf({ name, kind }: Family): readonly string[] {
  return kind === "distribution"
    ? ["", "_bucket", "_sum", "_count"].map((suffix) => `${name}${suffix}`)
    : [name];
}

/** False when the family is of another kind. */
function addSeries(family: Family, labels: readonly LabelPair[], total: Total): boolean {
  if (family.kind === "distribution" && total.kind === "distribution") {
    family.series.push({ labels, value: total.value });
    return true;
  }
  if (family.kind !== "distribution" && family.kind === total.kind) {
    family.series.push({ labels, value: total.value });
    return true;
  }
  return false;
}

function toLegalNames(names: ReadonlySet<string>): ReadonlyMap<string, string> {
  const legal = new Map<string, string>();
  const taken = new Set(names);
  for (const name of names) {
    let chosen = toLegalName(name);
    if (chosen !== name && taken.has(chosen)) {
      chosen = `${chosen}_${toDigest(name)}`;
    }
    taken.add(chosen);
    legal.set(name, chosen);
  }
  return legal;
}

/** Metric names are [a-zA-Z_:][a-zA-Z0-9_:]*; anything else becomes an underscore. */
function toLegalName(name: string): string {
  const legal = name.replaceAll(/[^a-zA-Z0-9_:]/g, "_");
  return /^(?:[0-9]|$)/.test(legal) ? `_${legal}` : legal;
}

const ownLabels = ["source", "service", "le"];

/**
 * A label that is called as one of ours gets the prefix that Prometheus itself gives in that case. `legalNames`
 * remembers names, which are few.
 */
function toLabels(
  { source, service, labels }: Total,
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

function toDigest(text: string): string {
  return hash("sha256", text).slice(0, 8);
}
