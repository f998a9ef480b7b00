// Running totals as Prometheus groups them: families of legal, different names, each with series of different labels.
import type { MetricDefinition } from "../core/component.ts";
import type { Distribution } from "../core/distribution.ts";
import type { Total } from "../core/totals.ts";
import { type LabelPair, toDigest, toLabels, toLegalName } from "./_legal-names.ts";

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
