import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Distribution } from "../core/distribution.ts";
import { Corrupt } from "../core/errors.ts";
import type { Labels, Sample } from "../core/sample.ts";

/** One series: counts and distributions summed up since `startedAt`, gauges as of the last look. */
export type LedgerRow<As> = {
  readonly name: string;
  readonly labels: Labels;
  /** What the output keeps of it. */
  readonly as: As;
  /** When it was counted first: the start of that window, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** The batch that touched it last. */
  readonly seq: number;
} & (
  | { readonly kind: "count" | "gauge"; readonly value: number }
  | { readonly kind: "distribution"; readonly value: Distribution }
);

interface Row<As> {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: LedgerRow<As>["kind"];
  readonly as: As;
  readonly startedAt: number;
  value: number | Distribution;
  seq: number;
}

interface Adding<As> {
  readonly seq: number;
  readonly from: number;
  /** For a series that is new; undefined when it has no place. */
  readonly create: () => As | undefined;
}

const kinds = ["count", "gauge", "distribution"] as const;

/** The series of one source. */
export class RowTable<As> {
  readonly #rows = new Map<string, Row<As>>();
  readonly #onGone: (as: As) => void;

  constructor(onGone: (as: As) => void) {
    this.#onGone = onGone;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** False for what cannot be counted, or has no place. */
  add(sample: Sample, { seq, from, create }: Adding<As>): boolean {
    const value = toValue(sample);
    const kind = sample.kind === "distinct" ? "gauge" : sample.kind;
    if (kind === "count" && !(Number(value) >= 0 && Number(value) < Infinity)) {
      return false;
    }
    const { name, labels } = sample;
    const key = keyOf(name, labels);
    let row = this.#rows.get(key);
    if (row !== undefined && row.kind !== kind) {
      // Measured as another kind since an update: it begins anew.
      this.#rows.delete(key);
      this.#onGone(row.as);
      row = undefined;
    }
    if (row !== undefined) {
      addTo(row, value, seq);
      return true;
    }
    const as = create();
    if (as === undefined) {
      return false;
    }
    const own = typeof value === "number" ? value : value.clone();
    this.#rows.set(key, { name, labels, kind, as, startedAt: from, value: own, seq });
    return true;
  }

  /** Takes out the gauges that are meant. */
  takeGauges(isMeant: (row: LedgerRow<As>) => boolean): readonly LedgerRow<As>[] {
    const taken: LedgerRow<As>[] = [];
    for (const [key, row] of this.#rows) {
      if (row.kind === "gauge" && isRow(row) && isMeant(row)) {
        this.#rows.delete(key);
        taken.push(row);
      }
    }
    return taken;
  }

  *list(): Generator<LedgerRow<As>> {
    for (const row of this.#rows.values()) {
      if (isRow(row)) {
        yield row;
      }
    }
  }

  write(out: ByteWriter): void {
    out.varint(this.#rows.size);
    for (const { name, labels, kind, startedAt, value, seq } of this.#rows.values()) {
      out.byte(kinds.indexOf(kind));
      out.text(name);
      const entries = Object.entries(labels);
      out.varint(entries.length);
      for (const [label, text] of entries) {
        out.text(label);
        out.text(text);
      }
      out.float64(startedAt);
      out.varint(seq);
      if (typeof value === "number") {
        out.float64(value);
      } else {
        out.bytes(value.toBytes());
      }
    }
  }

  /** Throws Corrupt for anything that `write` did not write. */
  static read<As>(
    input: ByteReader,
    onGone: (as: As) => void,
    toAs: (row: Pick<Row<As>, "name" | "labels" | "kind">) => As | undefined,
  ): RowTable<As> {
    const table = new RowTable<As>(onGone);
    for (let rest = input.varint(); rest > 0; rest--) {
      const kind = kinds[input.byte()];
      if (kind === undefined) {
        throw new Corrupt("a series of unknown kind");
      }
      const name = input.text();
      const labels: Record<string, string> = {};
      for (let left = input.varint(); left > 0; left--) {
        labels[input.text()] = input.text();
      }
      const startedAt = input.float64();
      const seq = input.varint();
      const isSpread = kind === "distribution";
      const value = isSpread ? Distribution.fromBytes(input.bytes()) : input.float64();
      const as = toAs({ name, labels, kind });
      if (as !== undefined) {
        table.#rows.set(keyOf(name, labels), { name, labels, kind, as, startedAt, value, seq });
      }
    }
    return table;
  }
}

function isRow<As>(row: Row<As>): row is Row<As> & LedgerRow<As> {
  return (row.kind === "distribution") === (typeof row.value !== "number");
}

function toValue(sample: Sample): number | Distribution {
  return sample.kind === "distinct" ? sample.value.count : sample.value;
}

/* oxlint-disable no-param-reassign -- a row is this file's own mutable record. */
function addTo<As>(row: Row<As>, value: number | Distribution, seq: number): void {
  row.seq = seq;
  if (typeof value !== "number") {
    if (typeof row.value !== "number") {
      row.value.merge(value);
    }
  } else if (typeof row.value === "number") {
    row.value = row.kind === "count" ? row.value + value : value;
  }
}
/* oxlint-enable no-param-reassign */

/** Sources yield the labels of a series in one order, so that sorting them here would be wasted. */
function keyOf(name: string, labels: Labels): string {
  let key = name;
  for (const label in labels) {
    key += `\0${label}\0${labels[label]}`;
  }
  return key;
}
