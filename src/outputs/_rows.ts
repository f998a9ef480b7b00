// Batches as most receivers want them: flat, one row for each set of labels, with plain numbers.
import type { Batch } from "../core/batch.ts";
import type { Distribution } from "../core/distribution.ts";
import type { Labels, Sample } from "../core/sample.ts";

/** All that one batch says of one set of labels. */
export interface Row {
  readonly labels: Labels;
  /** By metric name; of a distribution, `_count`, `_sum`, `_min`, `_max`, `_p50`, `_p90` and `_p99`. Always finite. */
  readonly fields: ReadonlyMap<string, number>;
}

/** In the order in which the sets of labels first appear. A set of which nothing can be said as a number has no row. */
export function toRows({ samples }: Pick<Batch, "samples">): readonly Row[] {
  const rows = new Map<string, { labels: Labels; fields: Map<string, number> }>();
  for (const sample of samples) {
    const key = keyOf(sample.labels);
    let row = rows.get(key);
    if (row === undefined) {
      row = { labels: sample.labels, fields: new Map() };
      rows.set(key, row);
    }
    addFields(row.fields, sample);
  }
  return [...rows.values()].filter(({ fields }) => fields.size > 0);
}

/** The same for the same labels in whatever order. */
function keyOf(labels: Labels): string {
  const names = Object.keys(labels);
  if (names.length > 1) {
    names.sort();
  }
  let key = "";
  for (const name of names) {
    key += `${name}\0${labels[name]}\0`;
  }
  return key;
}

function addFields(fields: Map<string, number>, sample: Sample): void {
  switch (sample.kind) {
    case "gauge":
    case "count":
      addField(fields, sample.name, sample.value);
      break;
    case "distinct":
      addField(fields, sample.name, sample.value.count);
      break;
    case "distribution":
      addDistribution(fields, sample.name, sample.value);
      break;
  }
}

const quantiles = [50, 90, 99] as const;

function addDistribution(
  fields: Map<string, number>,
  name: string,
  distribution: Distribution,
): void {
  addField(fields, `${name}_count`, distribution.count);
  addField(fields, `${name}_sum`, distribution.sum);
  if (distribution.count > 0) {
    addField(fields, `${name}_min`, distribution.min);
    addField(fields, `${name}_max`, distribution.max);
    for (const percent of quantiles) {
      addField(fields, `${name}_p${percent}`, distribution.quantile(percent / 100));
    }
  }
}

/** JSON knows no other numbers. */
function addField(fields: Map<string, number>, name: string, value: number): void {
  if (Number.isFinite(value)) {
    fields.set(name, value);
  }
}
