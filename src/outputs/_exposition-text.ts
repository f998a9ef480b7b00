import type { Distribution } from "../core/distribution.ts";
import { classicBounds } from "./_classic-bounds.ts";
import type { LabelPair } from "./_legal-names.ts";
import type { Family, Series } from "./_metric-families.ts";

const types = { count: "counter", gauge: "gauge", distribution: "histogram" } as const;

/** The text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats). */
export function toExpositionText(families: readonly Family[]): string {
  return families.map((family) => toHead(family) + toLines(family, String)).join("");
}

function toHead({ name, help, kind }: Family): string {
  const line = help === undefined ? "" : `# HELP ${name} ${escapeHelp(help)}\n`;
  return `${line}# TYPE ${name} ${types[kind]}\n`;
}

function escapeHelp(help: string): string {
  return help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** The samples of a family, as both text formats have them but for the bounds of buckets. */
export function toLines(family: Family, toBound: (bound: number) => string): string {
  const { name } = family;
  if (family.kind === "distribution") {
    return family.series.map((series) => toHistogram(name, series, toBound)).join("");
  }
  return family.series
    .map(({ labels, value }) => `${name}${toLabelText(labels)} ${toNumberText(value)}\n`)
    .join("");
}

function toHistogram(
  name: string,
  { labels, value }: Series<Distribution>,
  toBound: (bound: number) => string,
): string {
  const bounds = classicBounds(name);
  const counts = value.cumulative(bounds);
  const buckets = [
    ...bounds.map((bound, i) => [toBound(bound), counts[i]] as const),
    ["+Inf", value.count] as const,
  ].map(([le, below]) => `${name}_bucket${toLabelText([...labels, ["le", le]])} ${below}\n`);
  const text = toLabelText(labels);
  const sum = `${name}_sum${text} ${toNumberText(value.sum)}\n`;
  return `${buckets.join("")}${sum}${name}_count${text} ${value.count}\n`;
}

function toLabelText(labels: readonly LabelPair[]): string {
  return labels.length === 0
    ? ""
    : `{${labels.map(([name, value]) => `${name}="${escapeValue(value)}"`).join(",")}}`;
}

/** Label values in both text formats, and the help of OpenMetrics. */
export function escapeValue(value: string): string {
  return value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}

function toNumberText(value: number): string {
  if (value === Infinity) {
    return "+Inf";
  }
  return value === -Infinity ? "-Inf" : String(value);
}
