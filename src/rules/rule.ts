import { createHash } from "node:crypto";
import type { Batch } from "../core/batch.ts";
import type { Labels, SampleKind } from "../core/sample.ts";
import { type RuleConfig, thresholdOf } from "./rule-options.ts";

/** A rule of the configuration, ready to be evaluated. Thresholds are in the metric's base unit. */
export interface Rule {
  readonly id: string;
  readonly source: string | undefined;
  readonly service: string | undefined;
  readonly metric: string;
  /** Accepted values by label name. */
  readonly labels: readonly (readonly [string, ReadonlySet<string>])[];
  readonly by: readonly string[];
  readonly side: "above" | "below";
  readonly threshold: number;
  readonly clear: number;
  readonly perSecond: boolean;
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
  if (threshold === undefined) {
    throw new TypeError(`rule ${id} has no threshold`);
  }
  const { side, at } = threshold;
  const labels = Object.entries(config.labels ?? {}).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const by = (config.by ?? []).toSorted();
  const { source, service, metric, over: overMs, quantile, minimum = 0, summary } = config;
  const [clear, forMs] = [config.clear?.value ?? at.value, config.for ?? 0];
  const subject = [metric, source, service, labels.map(([k, v]) => [k, v.toSorted()]), by, side];
  // Without the sort of unit: 0.8s and 800ms judge the same.
  const limit = { value: at.value, perSecond: at.perSecond };
  const judgement = [subject, limit, clear, overMs, forMs, quantile, minimum];
  return {
    id,
    source,
    service,
    metric,
    labels: labels.map(([name, values]) => [name, new Set(values)] as const),
    by,
    side,
    threshold: at.value,
    clear,
    perSecond: at.perSecond,
    overMs,
    forMs,
    quantile,
    minimum,
    summary,
    hash: createHash("sha256").update(JSON.stringify(judgement)).digest("hex").slice(0, 16),
    subject: JSON.stringify(subject),
  };
}

export function appliesTo(rule: Rule, batch: Pick<Batch, "source" | "service">): boolean {
  return (
    (rule.source === undefined || rule.source === batch.source) &&
    (rule.service === undefined || rule.service === batch.service)
  );
}

/** True when a series with these labels is one that the rule counts. */
export function selects(rule: Rule, labels: Labels): boolean {
  for (const [name, values] of rule.labels) {
    const value = labels[name];
    if (value === undefined || !values.has(value)) {
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
export function whyUnusable(rule: Rule, kind: SampleKind): string | undefined {
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
