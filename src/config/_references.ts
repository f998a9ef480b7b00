// What names something else in the file: the outputs of a source; the source, service and metric of a rule.
// Works on the text's plain values, so that a reference is checked also where something else is wrong.
import { ownSource } from "../core/batch.ts";
import type { Source } from "../core/component.ts";
import { parseDuration } from "../core/units.ts";
import { checkMetrics } from "./check-metrics.ts";
import type { RawEntries } from "./_entries.ts";
import { listKeys, quoteKey, type Finding, type Path } from "./_findings.ts";
import { suggest } from "./_nearest.ts";
import {
  checkDivisor,
  checkDivisorLabels,
  checkRuleMetric,
  type Measurement,
} from "./_rule-metric.ts";
import { isRecord } from "./_schema-walk.ts";

export interface Referable {
  readonly sources: RawEntries;
  readonly outputs: RawEntries;
  readonly rules: RawEntries;
  readonly kinds: readonly Source[];
}

/** Sources and rules may name what the node measures of itself, which no catalogue lists. */
const ownPrefix = "watchpost_";

export function checkReferences(file: Referable, findings: Finding[]): void {
  for (const [id, source] of file.sources) {
    const outputs = isRecord(source) ? source["outputs"] : undefined;
    const path: Path = ["sources", id, "outputs"];
    if (Array.isArray(outputs)) {
      outputs.forEach((name, index) => checkOutput(name, [...path, index], file, findings));
    } else {
      checkOutput(outputs, path, file, findings);
    }
  }
  for (const [id, rule] of file.rules) {
    if (isRecord(rule)) {
      checkRule(rule, ["rules", id], file, findings);
    }
  }
}

function checkOutput(name: unknown, path: Path, { outputs }: Referable, findings: Finding[]): void {
  if (typeof name === "string" && !outputs.has(name)) {
    const message = `there is no output ${quoteKey(name)}${pointTo(name, [...outputs.keys()], "outputs")}`;
    findings.push({ path, code: "reference", message });
  }
}

function checkRule(
  rule: Readonly<Record<string, unknown>>,
  path: Path,
  file: Referable,
  findings: Finding[],
): void {
  const { source, service, metric } = rule;
  const sourceIds = [...file.sources.keys()];
  if (typeof source === "string" && source !== ownSource && !file.sources.has(source)) {
    const message = `there is no source ${quoteKey(source)}${pointTo(source, sourceIds, "sources")}`;
    findings.push({ path: [...path, "source"], code: "reference", message });
    return;
  }
  const services = new Set([...file.sources.values()].map(serviceOf).filter(isText));
  if (typeof service === "string" && !services.has(service)) {
    const message = `no source belongs to the service ${quoteKey(service)}${pointTo(service, [...services], "services")}`;
    findings.push({ path: [...path, "service"], code: "reference", message });
    return;
  }
  if (typeof metric !== "string" || metric === "") {
    return;
  }
  if (metric.startsWith(ownPrefix)) {
    checkRuleMetric({ metric, rule, path }, [], findings);
    return;
  }
  if (source === ownSource) {
    const message = `${quoteKey(metric)} is not what a node measures of itself; those begin with \`${ownPrefix}\``;
    findings.push({ path: [...path, "metric"], code: "reference", message });
    return;
  }
  const watched = sourceIds.filter(
    (id) =>
      (source === undefined || id === source) &&
      (service === undefined || serviceOf(file.sources.get(id)) === service),
  );
  const measurements = measurementsOf(watched, file);
  if (measurements === undefined) {
    return;
  }
  const message = describeMetric(metric, measurements, nameWatched(source, service));
  if (message !== undefined) {
    findings.push({ path: [...path, "metric"], code: "reference", message });
    return;
  }
  const fitting = measurements.filter(({ name }) => name === metric || isPatternOf(name, metric));
  checkRuleMetric({ metric, rule, path }, fitting, findings);
  const { of } = rule;
  const divisor = isRecord(of) ? (of["metric"] ?? metric) : undefined;
  if (isRecord(of) && typeof divisor === "string") {
    const wrong = describeMetric(divisor, measurements, nameWatched(source, service));
    if (wrong !== undefined) {
      findings.push({ path: [...path, "of", "metric"], code: "reference", message: wrong });
      return;
    }
    const all = measurements.filter(({ name }) => name === divisor || isPatternOf(name, divisor));
    checkDivisor({ metric: divisor, rule: of, path: [...path, "of"] }, all, findings);
    if (divisor !== metric) {
      checkDivisorLabels({ metric: divisor, rule, path }, all, findings);
    }
  }
}

/** Undefined when one of the sources has no kind that we know: which metrics it has is unknown until that is right. */
function measurementsOf(
  watched: readonly string[],
  file: Referable,
): readonly Measurement[] | undefined {
  const measurements: Measurement[] = [];
  for (const id of watched) {
    const entry = file.sources.get(id);
    const kind = kindOf(entry, file.kinds);
    if (kind === undefined) {
      return undefined;
    }
    const isCheck = "check" in kind && kind.check;
    const metrics = isCheck ? { ...checkMetrics, ...kind.metrics } : kind.metrics;
    const everyMs = everyMsOf(entry, kind);
    const unlabelled = Object.values(metrics).some(({ labels }) => labels) ? [] : undefined;
    for (const [name, { kind: metricKind, labels = unlabelled }] of Object.entries(metrics)) {
      measurements.push({ source: id, everyMs, name, kind: metricKind, labels });
    }
  }
  return measurements;
}

function everyMsOf(entry: unknown, kind: Source): number | undefined {
  const every = isRecord(entry) ? (entry["every"] ?? kind.every) : kind.every;
  return typeof every === "string" ? parseDuration(every) : undefined;
}

/** What is wrong with a rule's metric, given what the sources that it watches measure. */
function describeMetric(
  metric: string,
  measurements: readonly Measurement[],
  who: string,
): string | undefined {
  const catalogue = new Map(measurements.map(({ name, kind }) => [name, kind]));
  const names = [...catalogue].map(([name]) => name);
  if (names.includes(metric) || names.some((name) => isPatternOf(name, metric))) {
    return undefined;
  }
  const wrong = `${quoteKey(metric)} is not measured by ${who}`;
  const hint = suggest(metric, names);
  return hint === "" ? `${wrong}; ${listMetrics(names)}` : `${wrong}${hint}`;
}

function nameWatched(source: unknown, service: unknown): string {
  if (typeof source === "string") {
    return `the source ${quoteKey(source)}`;
  }
  return typeof service === "string"
    ? `any source of the service ${quoteKey(service)}`
    : "any source";
}

function listMetrics(names: readonly string[]): string {
  return names.length === 0
    ? "there is nothing that it measures"
    : `measured are ${listKeys(names.toSorted(), "and")}`;
}

/** A catalogue may promise `plugin_*`: names that only the observed program knows. */
function isPatternOf(name: string, metric: string): boolean {
  const star = name.indexOf("*");
  return (
    star !== -1 &&
    metric.length >= name.length - 1 &&
    metric.startsWith(name.slice(0, star)) &&
    metric.endsWith(name.slice(star + 1))
  );
}

function pointTo(name: string, known: readonly string[], what: string): string {
  const hint = suggest(name, known);
  if (hint !== "") {
    return hint;
  }
  return known.length === 0
    ? `; no ${what} are configured`
    : `; ${what} are ${listKeys(known, "and")}`;
}

function kindOf(source: unknown, kinds: readonly Source[]): Source | undefined {
  return isRecord(source) ? kinds.find(({ name }) => name === source["kind"]) : undefined;
}

function serviceOf(source: unknown): unknown {
  return isRecord(source) ? source["service"] : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
