// Batches as most receivers want them: flat, one row for each set of labels, with plain numbers.
import type { Batch } from "../core/batch.ts";
import type { Labels } from "../core/sample.ts";
import { toPoints } from "./_points.ts";

/** All that one batch says of one set of labels. */
export interface Row {
  readonly labels: Labels;
  /** By metric name; of a distribution, `_count`, `_sum`, `_min`, `_max`, `_p50`, `_p90` and `_p99`. Always finite. */
  readonly fields: ReadonlyMap<string, number>;
}

/** In the order in which the sets of labels first appear. A set of which nothing can be said as a number has no row. */
export function toRows({ samples }: Pick<Batch, "samples">): readonly Row[] {
  const rows = new Map<string, { labels: Labels; fields: Map<string, number> }>();
  for (const { name, part, labels, value } of toPoints(samples)) {
    const key = keyOf(labels);
    let row = rows.get(key);
    if (row === undefined) {
      row = { labels, fields: new Map() };
      rows.set(key, row);
    }
    row.fields.set(part === "" ? name : `${name}_${part}`, value);
  }
  return [...rows.values()];
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
