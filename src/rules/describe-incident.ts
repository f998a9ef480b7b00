// The words of an incident, from the names of metrics: "shop: 42 requests/s over 2m, above 30/s".
import type { Labels } from "../core/sample.ts";
import { toDurationText, toSizeText } from "../core/units.ts";
import type { MeasuredKind } from "./contribution.ts";
import type { Rule } from "./rule.ts";

/** What an incident is about. */
export interface Subject {
  readonly rule: Rule;
  readonly kind: MeasuredKind;
  readonly source: string;
  readonly service: string;
  readonly labels: Labels;
  readonly value: number;
  /** Of a top: whose value it is. */
  readonly heaviest?: string | undefined;
}

/** "above 30/s" */
export function describeCondition(rule: Rule): string {
  return `${rule.side} ${toValueText(rule, rule.threshold)}`;
}

/** One line: the rule's own summary with its words filled in, or one made from the metric's name. */
export function describeIncident(subject: Subject): string {
  const { rule } = subject;
  if (rule.summary !== undefined) {
    const words = new Map(Object.entries(wordsOf(subject)));
    return rule.summary.replaceAll(/\{([^{}]*)\}/g, (_, word: string) => words.get(word) ?? "");
  }
  if (subject.kind === "gauge" && subject.value === 0 && rule.metric.endsWith("_up")) {
    return `${toPlaceText(subject)} is down`;
  }
  return `${toPlaceText(subject)}: ${toMeasureText(subject)}, ${describeCondition(rule)}`;
}

function wordsOf({
  rule,
  source,
  service,
  labels,
  value,
  heaviest = "unknown",
}: Subject): Record<string, string> {
  return {
    ...labels,
    value: toValueText(rule, value),
    threshold: toValueText(rule, rule.threshold),
    source,
    service: service === "" ? source : service,
    rule: rule.id,
    heaviest,
    over: rule.overMs === undefined ? "" : toDurationText(rule.overMs),
    baseline: rule.baselineMs === undefined ? "" : toDurationText(rule.baselineMs),
  };
}

/** "shop", "shop (lb-primary, proxy web)" */
function toPlaceText({ source, service, labels }: Subject): string {
  const details = Object.entries(labels).map(([name, value]) => `${name} ${value}`);
  if (service !== "" && service !== source) {
    details.unshift(source);
  }
  const place = service === "" ? source : service;
  return details.length === 0 ? place : `${place} (${details.join(", ")})`;
}

/** "42 requests/s over 2m", "p99 of request duration 812ms over 5m", "queue 12" */
function toMeasureText({ rule, kind, value, heaviest }: Subject): string {
  const over = rule.overMs === undefined ? "" : ` over ${toDurationText(rule.overMs)}`;
  const noun = nounOf(rule.metric);
  if (rule.of !== undefined) {
    const labels = rule.labels.map(([name]) => name).join(", ");
    return `${toValueText(rule, value)} of the ${noun}${labels === "" ? "" : ` by ${labels}`}${over}`;
  }
  if (kind === "top") {
    return `${heaviest ?? "one"} has ${toValueText(rule, value)} of the ${noun.replace(/ top$/, "")}${over}`;
  }
  if (rule.baselineMs !== undefined) {
    const what = rule.quantile === undefined ? noun : `${quantileName(rule.quantile)} of ${noun}`;
    const before = toDurationText(rule.baselineMs);
    return `${what} ${toValueText(rule, value)} times that of the ${before} before${over}`;
  }
  if ((kind === "count" || kind === "distinct") && unitOf(rule.metric) === undefined) {
    return `${toNumberText(value)} ${noun}${rule.perSecond ? "/s" : ""}${over}`;
  }
  const prefix = rule.quantile === undefined ? "" : `${quantileName(rule.quantile)} of `;
  return `${prefix}${noun} ${toValueText(rule, value)}${over}`;
}

/** 0.99 is "p99", 0.999 is "p99.9". */
function quantileName(quantile: number): string {
  return quantile === 0.5 ? "median" : `p${Number((quantile * 100).toPrecision(6))}`;
}

const unitPattern = /_(?:seconds|bytes|ratio)$/;

function unitOf(metric: string): string | undefined {
  return unitPattern.exec(metric.replace(/_total$/, ""))?.[0];
}

/** "http_requests_total" is "requests": without the unit, which the value shows. */
function nounOf(metric: string): string {
  const name = metric.replace(/_total$/, "").replace(unitPattern, "");
  return name.replace(/^http_/, "").replaceAll("_", " ");
}

/** A value of the rule's metric with its unit: "812ms", "1.5 GiB", "5%", "30/s". */
function toValueText(rule: Rule, value: number): string {
  if (rule.isPercent) {
    return `${toNumberText(value * 100)}%`;
  }
  const unit = rule.baselineMs === undefined ? unitOf(rule.metric) : undefined;
  return toQuantityText(unit, value) + (rule.perSecond ? "/s" : "");
}

function toQuantityText(unit: string | undefined, value: number): string {
  switch (unit) {
    case "_seconds":
      return toSecondsText(value);
    case "_bytes":
      return toSizeText(value);
    case "_ratio":
      return `${toNumberText(value * 100)}%`;
    case undefined:
    default:
      return toNumberText(value);
  }
}

function toSecondsText(seconds: number): string {
  if (Math.abs(seconds) < 1) {
    return `${toNumberText(seconds * 1000)}ms`;
  }
  return seconds < 60 ? `${toNumberText(seconds)}s` : toDurationText(Math.round(seconds) * 1000);
}

/** Whole numbers in full, others to three significant digits. */
function toNumberText(value: number): string {
  const shown = Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
  return String(Number.isInteger(value) ? value : shown);
}
