// A rule that fits the grammar may still never fire, or fire without end: it is held against what the catalogues say
// of its metric and how often the sources that measure it look.
import type { MetricDefinition } from "../core/component.ts";
import { parseDuration, parseThreshold, toDurationText } from "../core/units.ts";
import { listKeys, quoteKey, type Finding, type Path } from "./_findings.ts";
import { suggest } from "./_nearest.ts";
import {
  describePartFault,
  describeShareFault,
  describeThresholdFault,
} from "./_threshold-unit.ts";
import { isRecord } from "./_schema-walk.ts";

/** What one of the watched sources says of the rule's metric. */
export interface Measurement {
  readonly source: string;
  /** Undefined when the source's own `every` is wrong. */
  readonly everyMs: number | undefined;
  /** As the catalogue names it, which may be a pattern such as `plugin_*`. */
  readonly name: string;
  readonly kind: MetricDefinition["kind"];
  /** None for a metric without, in a catalogue that has them elsewhere; undefined when it never speaks of labels. */
  readonly labels: readonly string[] | undefined;
}

/** A rule as it was written, with the metric that it names. */
export interface MetricRule {
  readonly metric: string;
  readonly rule: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

/** `measurements` is empty for what the node measures of itself. */
export function checkRuleMetric(
  subject: MetricRule,
  measurements: readonly Measurement[],
  findings: Finding[],
): void {
  const isPattern = measurements.some(({ name }) => name.includes("*"));
  const faults = [
    ...windowFaults(subject, measurements),
    ...kindFaults(subject, measurements),
    ...(isPattern ? [] : labelFaults(subject, measurements)),
    ...thresholdFaults(subject, measurements, isPattern),
  ];
  findings.push(...faults);
}

/** What a rule divides by is a count as well, and has labels of its own. */
export function checkDivisor(
  subject: MetricRule,
  measurements: readonly Measurement[],
  findings: Finding[],
): void {
  const kind = measurements.find((one) => one.kind !== "count")?.kind;
  // Where it is the rule's own metric, the rule has been told already.
  if (kind !== undefined && subject.rule["metric"] !== undefined) {
    const message = `${quoteKey(subject.metric)} is a ${kind}; only counts can be divided by each other`;
    findings.push({ path: [...subject.path, "metric"], code: "invalid", message });
  }
  findings.push(...labelFaults(subject, measurements));
}

/** Each combination of the labels in `by` is divided by its own: what is divided by has to have them. */
export function checkDivisorLabels(
  { metric, rule: { by }, path }: MetricRule,
  measurements: readonly Measurement[],
  findings: Finding[],
): void {
  findings.push(...labelFaults({ metric, rule: { by }, path }, measurements));
}

function* windowFaults(
  { rule, path }: MetricRule,
  measurements: readonly Measurement[],
): Iterable<Finding> {
  const overMs = typeof rule["over"] === "string" ? parseDuration(rule["over"]) : undefined;
  const slowest = measurements.toSorted((a, b) => (b.everyMs ?? 0) - (a.everyMs ?? 0))[0];
  const everyMs = slowest?.everyMs;
  if (overMs === undefined || slowest === undefined || everyMs === undefined || overMs >= everyMs) {
    return;
  }
  const every = toDurationText(everyMs);
  const message =
    `is shorter than \`every\` of the source ${quoteKey(slowest.source)}, so that it would hold no whole window of it; ` +
    `write at least ${every}, or leave it out to judge each window alone`;
  yield { path: [...path, "over"], code: "invalid", message };
}

function* kindFaults(
  { metric, rule, path }: MetricRule,
  measurements: readonly Measurement[],
): Iterable<Finding> {
  const kinds = new Set(measurements.map((one) => one.kind));
  const [kind, ...others] = kinds;
  if (kind === undefined || (others.length > 0 && kinds.has("distribution"))) {
    return;
  }
  yield* relationFaults({ metric, rule, path }, kind);
  const hasQuantile = rule["quantile"] !== undefined && rule["quantile"] !== null;
  if (kind === "distribution" && !hasQuantile) {
    const message = `${quoteKey(metric)} is a distribution; add which quantile to compare, such as \`quantile: 0.99\``;
    yield { path: [...path, "metric"], code: "invalid", message };
  } else if (kind !== "distribution" && hasQuantile) {
    const message = `${quoteKey(metric)} is a ${kind}, which has no quantiles; leave \`quantile\` out`;
    yield { path: [...path, "quantile"], code: "invalid", message };
  }
}

/** What a kind cannot be compared with, and observations that it does not have. */
function* relationFaults(
  { metric, rule, path }: MetricRule,
  kind: Measurement["kind"],
): Iterable<Finding> {
  const isRelated = rule["of"] !== undefined || rule["baseline"] !== undefined;
  if (rule["of"] !== undefined && kind !== "count") {
    const message = `${quoteKey(metric)} is a ${kind}; only counts can be divided by each other`;
    yield { path: [...path, "of"], code: "invalid", message };
  }
  if (rule["baseline"] !== undefined && (kind === "top" || kind === "distinct")) {
    const message = `${quoteKey(metric)} is a ${kind}, which cannot be compared with a longer time; leave it out`;
    yield { path: [...path, "baseline"], code: "invalid", message };
  }
  const hasObservations = kind === "distribution" || kind === "top" || isRelated;
  if (rule["minimum"] !== undefined && !hasObservations) {
    const message = `counts the observations of a distribution, a top, a share (\`of\`) or a comparison (\`baseline\`), and ${quoteKey(metric)} is a ${kind}; leave it out`;
    yield { path: [...path, "minimum"], code: "invalid", message };
  }
}

function* labelFaults(
  { metric, rule, path }: MetricRule,
  measurements: readonly Measurement[],
): Iterable<Finding> {
  if (measurements.length === 0 || measurements.some(({ labels }) => labels === undefined)) {
    return;
  }
  const known = [...new Set(measurements.flatMap(({ labels }) => labels ?? []))];
  for (const { name, at, atKey } of labelsOf(rule)) {
    // `source` and `service` have a message of their own.
    if (!known.includes(name) && name !== "source" && name !== "service") {
      const list = known.length === 0 ? "has none" : `has ${listKeys(known, "and")}`;
      const hint = suggest(name, known);
      const advice = hint === "" ? `, which ${list}` : hint;
      const message = `${quoteKey(name)} is no label of ${quoteKey(metric)}${advice}`;
      yield { path: [...path, ...at], code: "reference", message, atKey };
    }
  }
}

interface NamedLabel {
  readonly name: string;
  readonly at: Path;
  readonly atKey: boolean;
}

function labelsOf(rule: Readonly<Record<string, unknown>>): readonly NamedLabel[] {
  const { labels, by } = rule;
  const selected = isRecord(labels) ? Object.keys(labels) : [];
  const list: readonly unknown[] = Array.isArray(by) ? by : [];
  return [
    ...selected.map((name) => ({ name, at: ["labels", name], atKey: true })),
    ...list.flatMap((name, index) =>
      typeof name === "string" ? [{ name, at: ["by", index], atKey: false }] : [],
    ),
  ];
}

function* thresholdFaults(
  { metric, rule, path }: MetricRule,
  measurements: readonly Measurement[],
  isPattern: boolean,
): Iterable<Finding> {
  const judged = describeJudged(rule, measurements);
  const isTop = measurements.some(({ kind }) => kind === "top");
  const { of } = rule;
  // Another metric may be less than what is divided by it.
  const isPart = isTop || (isRecord(of) && of["metric"] === undefined);
  for (const key of ["above", "below", "clear"]) {
    const written = rule[key];
    const isText = typeof written === "string" || typeof written === "number";
    const threshold = isText ? parseThreshold(written) : undefined;
    const message =
      threshold &&
      (judged === undefined
        ? describeThresholdFault(metric, threshold, isPattern)
        : (describeShareFault(judged, threshold, isTop) ??
          (isPart ? describePartFault(judged, threshold) : undefined)));
    if (message !== undefined) {
      yield { path: [...path, key], code: "invalid", message };
    }
  }
}

/** What is judged when it is not the metric itself. */
function describeJudged(
  rule: Readonly<Record<string, unknown>>,
  measurements: readonly Measurement[],
): string | undefined {
  if (rule["of"] !== undefined) {
    return "a share";
  }
  if (rule["baseline"] !== undefined) {
    return "a factor";
  }
  return measurements.some(({ kind }) => kind === "top") ? "the share of the heaviest" : undefined;
}
