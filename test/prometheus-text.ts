// A strict reader of the Prometheus text format 0.0.4: it throws where a lenient one would guess.
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-format-details
import assert from "node:assert/strict";

export interface PrometheusFamily {
  readonly type: string;
  /** The line's name and labels as written, with its value. */
  readonly samples: readonly PrometheusSample[];
}

export interface PrometheusSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const types = new Set(["counter", "gauge", "histogram", "summary", "untyped"]);
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/s;
const label = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/y;

/** By family. Throws AssertionError for text that Prometheus would not take, or would take otherwise than meant. */
export function parsePrometheusText(text: string): ReadonlyMap<string, PrometheusFamily> {
  assert.ok(text === "" || text.endsWith("\n"), "the last line ends");
  const families = new Map<
    string,
    { readonly type: string; readonly samples: PrometheusSample[] }
  >();
  const series = new Set<string>();
  const helps = new Set<string>();
  let current: string | undefined;
  for (const line of text.split("\n").slice(0, -1)) {
    const [, described] = /^# HELP (\S+) (?:[^\\]|\\[\\n])*$/.exec(line) ?? [];
    if (described !== undefined) {
      assert.ok(!helps.has(described) && !families.has(described), `too late, or twice: ${line}`);
      helps.add(described);
      current = undefined;
      continue;
    }
    const [, name, type] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (name !== undefined && type !== undefined) {
      assert.ok(types.has(type), line);
      assert.ok(!families.has(name), `${name} occurs twice`);
      families.set(name, { type, samples: [] });
      current = name;
      continue;
    }
    const sample = parseSample(line);
    const family = families.get(current ?? "");
    assert.ok(family !== undefined && current !== undefined, `no TYPE before: ${line}`);
    assert.ok(namesOf(current, family.type).includes(sample.name), `not of ${current}: ${line}`);
    const key = `${sample.name} ${toKey(sample.labels)}`;
    assert.ok(!series.has(key), `twice: ${line}`);
    series.add(key);
    family.samples.push(sample);
  }
  assert.deepEqual(
    [...helps].filter((name) => !families.has(name)),
    [],
    "HELP of what is not there",
  );
  for (const [name, family] of families) {
    checkFamily(name, family);
  }
  return families;
}

function namesOf(family: string, type: string): readonly string[] {
  return type === "histogram" ? [`${family}_bucket`, `${family}_sum`, `${family}_count`] : [family];
}

function parseSample(line: string): PrometheusSample {
  const [, name, labelText = "", valueText = ""] = sampleLine.exec(line) ?? [];
  assert.ok(name !== undefined, `not a sample: ${line}`);
  const labels: Record<string, string> = {};
  label.lastIndex = 0;
  while (label.lastIndex < labelText.length) {
    const [, key, escaped] = label.exec(labelText) ?? [];
    assert.ok(key !== undefined && escaped !== undefined, `bad labels: ${line}`);
    assert.ok(!Object.hasOwn(labels, key), `label ${key} twice: ${line}`);
    labels[key] = escaped.replaceAll(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
  }
  return { name, labels, value: parseValue(valueText, line) };
}

function parseValue(text: string, line: string): number {
  if (/^(?:\+Inf|-Inf|NaN)$/.test(text)) {
    return Number(text.replace("Inf", "Infinity"));
  }
  assert.match(text, /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/, `bad value: ${line}`);
  return Number(text);
}

function checkFamily(name: string, { type, samples }: PrometheusFamily): void {
  assert.ok(samples.length > 0, `${name} has no samples`);
  if (type === "counter") {
    assert.ok(
      samples.every(({ value }) => value >= 0),
      `${name} counts below zero`,
    );
  }
  if (type === "histogram") {
    const groups = Map.groupBy(samples, ({ labels }) => toKey(labels, "le"));
    groups.forEach((group) => checkHistogram(name, group));
  }
}

/** Buckets rise with their bounds, end at +Inf, and that is the count. */
function checkHistogram(name: string, samples: readonly PrometheusSample[]): void {
  const buckets = samples.filter((sample) => sample.name === `${name}_bucket`);
  const bounds = buckets.map(({ labels: { le = "none" } }) => parseValue(le, `le of ${name}`));
  assert.ok(
    rises(bounds, (a, b) => a < b),
    `${name}: bounds rise`,
  );
  assert.ok(
    rises(
      buckets.map(({ value }) => value),
      (a, b) => a <= b,
    ),
    `${name}: buckets are cumulative`,
  );
  const [sum, count, ...more] = samples.filter((sample) => sample.name !== `${name}_bucket`);
  assert.deepEqual([sum?.name, count?.name, more], [`${name}_sum`, `${name}_count`, []]);
  assert.equal(bounds.at(-1), Infinity);
  assert.equal(buckets.at(-1)?.value, count?.value, `${name}: the last bucket is the count`);
}

function rises(values: readonly number[], by: (a: number, b: number) => boolean): boolean {
  return values.every((value, i) => i === 0 || by(values[i - 1] ?? 0, value));
}

/** The same for the same labels in any order, all but `except`. */
function toKey(labels: PrometheusSample["labels"], except?: string): string {
  const names = Object.keys(labels).filter((name) => name !== except);
  return JSON.stringify(names.toSorted().map((name) => [name, labels[name]]));
}
