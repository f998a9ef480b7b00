import { createHash } from "node:crypto";
import type { Batch } from "../core/batch.ts";
import type { Labels } from "../core/sample.ts";
import type { MeasuredKind } from "./contribution.ts";
import { type RuleConfig, thresholdOf } from "./rule-options.ts";

/** Which series of a metric count. */
export interface Selection {
  readonly metric: string;
  /** Accepted values by label name; `*` in a value stands for any characters. */
  readonly labels: readonly LabelTest[];
}

type LabelTest = readonly [name: string, accepts: (value: string) => boolean];

/** A rule of the configuration, ready to be evaluated. Thresholds are in the metric's base unit. */
export interface Rule extends Selection {
  readonly id: string;
  readonly source: string | undefined;
  readonly service: string | undefined;
  /** What the metric is divided by: the rule then judges a share. */
  readonly of: Selection | undefined;
  /** How long the time before the window is that it is compared with: the rule then judges a factor. */
  readonly baselineMs: number | undefined;
  readonly by: readonly string[];
  readonly side: "above" | "below";
  readonly threshold: number;
  readonly clear: number;
  readonly perSecond: boolean;
  /** The threshold was written as a percentage, and values are shown so. */
  readonly isPercent: boolean;
  /** Undefined: the source's latest window alone. */
  readonly overMs: number | undefined;
  readonly forMs: number;
  readonly quantile: number | undefined;
  readonly minimum: number;
  readonly summary: string | undefined;
  /** Changes when the rule would judge differently; the text of the summary is no part of it. */
  readonly hash: string;
  /** Changes when an open incident would no longer be about the same thing. */
  readonly subject: string;
}

/** `config` is what `ruleOptions` let through; throws for one without a threshold, which it never lets through. */
export function compileRule(id: string, config: RuleConfig): Rule {
  const threshold = thresholdOf(config);
  const { metric } = config;
  if (threshold === undefined || metric === undefined) {
    throw new TypeError(`rule ${id} has no threshold or no metric`);
  }
  const { side, at } = threshold;
  const labels = sortLabels(config.labels);
  const of = config.of && {
    metric: config.of.metric ?? metric,
    labels: sortLabels(config.of.labels),
  };
  const by = (config.by ?? []).toSorted();
  const {
    source,
    service,
    over: overMs,
    baseline: baselineMs,
    quantile,
    minimum = 0,
    summary,
  } = config;
  const [clear, forMs] = [config.clear?.value ?? at.value, config.for ?? 0];
  // What is not there adds nothing: a rule stays the same where rules learn something new.
  const related = baselineMs === undefined ? of : "baseline";
  const subject = [metric, source, service, labels, by, side, ...toList(related)];
  // Without the sort of unit: 0.8s and 800ms judge the same.
  const limit = { value: at.value, perSecond: at.perSecond };
  const judgement = [
    subject,
    limit,
    clear,
    overMs,
    forMs,
    quantile,
    minimum,
    ...toList(baselineMs),
  ];
  return {
    id,
    source,
    service,
    metric,
    labels: labels.map(toLabelTest),
    of: of && { metric: of.metric, labels: of.labels.map(toLabelTest) },
    baselineMs,
    by,
    side,
    threshold: at.value,
    clear,
    perSecond: at.perSecond,
    isPercent: at.unit === "ratio",
    overMs,
    forMs,
    quantile,
    minimum,
    summary,
    hash: createHash("sha256").update(JSON.stringify(judgement)).digest("hex").slice(0, 16),
    subject: JSON.stringify(subject),
  };
}

function toList<Item>(item: Item | undefined): readonly Item[] {
  return item === undefined ? [] : [item];
}

export function appliesTo(rule: Rule, batch: Pick<Batch, "source" | "service">): boolean {
  return (
    (rule.source === undefined || rule.source === batch.source) &&
    (rule.service === undefined || rule.service === batch.service)
  );
}

type LabelValues = readonly [name: string, values: readonly string[]];

/** In one order, so that two ways of writing the same rule are the same rule. */
function sortLabels(
  labels: Readonly<Record<string, readonly string[]>> = {},
): readonly LabelValues[] {
  return Object.entries(labels)
    .map(([name, values]) => [name, values.toSorted()] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function toLabelTest([name, values]: LabelValues): LabelTest {
  const exact = new Set(values.filter((value) => !value.includes("*")));
  const patterns = values.filter((value) => value.includes("*")).map(toPattern);
  return [name, (value) => exact.has(value) || patterns.some((pattern) => pattern.test(value))];
}

/** Label values are short, so that even several `.*` cost little. */
function toPattern(text: string): RegExp {
  const parts = text.split("*").map((part) => RegExp.escape(part));
  return new RegExp(`^${parts.join(".*")}$`, "s");
}

/** True when a series of this name, with these labels, is one that is counted. */
export function selects(
  { metric, labels: tests }: Selection,
  series: { readonly name: string; readonly labels: Labels },
): boolean {
  if (series.name !== metric) {
    return false;
  }
  for (const [name, accepts] of tests) {
    const value = series.labels[name];
    if (value === undefined || !accepts(value)) {
      return false;
    }
  }
  return true;
}

/** Which instance of the rule a series belongs to: the values of `by`, as text. */
export function instanceKey(rule: Rule, labels: Labels): string {
  return rule.by.length === 0 ? "[]" : JSON.stringify(rule.by.map((name) => labels[name] ?? ""));
}

/** The labels that a key stands for; a label that the series does not carry is left out. */
export function instanceLabels(rule: Rule, key: string): Labels {
  const values: unknown = JSON.parse(key);
  const labels: Record<string, string> = {};
  if (Array.isArray(values)) {
    for (const [index, name] of rule.by.entries()) {
      const value: unknown = values[index];
      if (typeof value === "string" && value !== "") {
        labels[name] = value;
      }
    }
  }
  return labels;
}

/** Why the rule cannot judge a metric of this kind, in words that follow the rule's name; undefined when it can. */
export function whyUnusable(rule: Rule, kind: MeasuredKind): string | undefined {
  if (rule.of !== undefined && kind !== "count") {
    return `${rule.metric} is a ${kind}; only counts can be divided by each other`;
  }
  if (kind === "distinct" && rule.baselineMs !== undefined) {
    return `${rule.metric} is a distinct, which does not grow evenly with time; leave baseline out`;
  }
  if (kind === "top" && (rule.perSecond || rule.baselineMs !== undefined)) {
    return `${rule.metric} is a top; what is judged is the share of its heaviest, such as above: 30%`;
  }
  if (kind === "distribution" && rule.quantile === undefined) {
    return `${rule.metric} is a distribution; add quantile, such as quantile: 0.99`;
  }
  if (kind !== "distribution" && rule.quantile !== undefined) {
    return `${rule.metric} is a ${kind}, which has no quantiles; leave quantile out`;
  }
  if (kind === "distinct" && rule.perSecond) {
    return `${rule.metric} is a distinct, which has no rate; write the threshold without /s`;
  }
  return undefined;
}
