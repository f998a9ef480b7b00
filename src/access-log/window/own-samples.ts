// The user's own metrics of a closed window in the vocabulary of measurements.
import { z } from "zod";
import { Distinct } from "../../core/distinct.ts";
import { Distribution } from "../../core/distribution.ts";
import { count, type Labels, type Sample, type TopSample } from "../../core/sample.ts";
import { Top } from "../../core/top.ts";
import { type MetricResult, type MetricSpec, otherName } from "../scan/log-scanner.ts";
import type { KnownRows } from "./known-rows.ts";
import { toOwnMetricName } from "./own-metrics.ts";

type Results = ReadonlyMap<string, MetricResult>;

/** Counts and distincts of rows that were there before are zero in a window without them. */
export function* toOwnSamples(
  specs: readonly MetricSpec[],
  results: Results,
  known: KnownRows,
): Generator<Sample> {
  for (const spec of specs) {
    const name = toOwnMetricName(spec);
    const rows = results.get(spec.name)?.rows ?? new Map<string, never>();
    for (const [row, value] of rows) {
      const labels = toLabels(spec, row);
      if (typeof value === "number") {
        yield count(name, value, labels);
      } else if (value instanceof Distinct) {
        yield { kind: "distinct", name, labels, value };
      } else if (value instanceof Distribution && value.count > 0) {
        yield { kind: "distribution", name, labels, value };
      }
    }
    yield* zeroes(spec, new Set(rows.keys()), known);
  }
}

export function* toOwnTops(specs: readonly MetricSpec[], results: Results): Generator<TopSample> {
  for (const spec of specs) {
    for (const [row, value] of results.get(spec.name)?.rows ?? []) {
      if (value instanceof Top) {
        yield { name: toOwnMetricName(spec), labels: toLabels(spec, row), value };
      }
    }
  }
}

function* zeroes(
  spec: MetricSpec,
  present: ReadonlySet<string>,
  known: KnownRows,
): Generator<Sample> {
  if (spec.kind !== "count" && spec.kind !== "distinct") {
    return;
  }
  const name = toOwnMetricName(spec);
  const missing = new Set(known.missing(spec.name, present));
  // A metric without labels has one row, which is zero also before its first line.
  if ((spec.labels ?? []).length === 0 && present.size === 0) {
    missing.add("[]");
  }
  for (const row of missing) {
    const labels = toLabels(spec, row);
    yield spec.kind === "count"
      ? count(name, 0, labels)
      : { kind: "distinct", name, labels, value: new Distinct() };
  }
}

const rowSchema = z.array(z.string());

/** Of the key of a row: the JSON array of its label values, or `(other)` for all that are too many. */
function toLabels({ name, labels = [] }: MetricSpec, row: string): Labels {
  const values = row === otherName ? labels.map(() => otherName) : rowSchema.parse(JSON.parse(row));
  const pairs = labels.map((label, index) => [label, values[index] ?? ""] as const);
  return { metric: name, ...Object.fromEntries(pairs) };
}
