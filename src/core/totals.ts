import { type Batch, isTick } from "./batch.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Distribution } from "./distribution.ts";
import { Corrupt } from "./errors.ts";
import type { Labels, Sample } from "./sample.ts";

/** One series as it stands: counts and distributions summed up, gauges and distincts as last seen. */
export type Total = {
  readonly source: string;
  readonly service: string;
  readonly name: string;
  readonly labels: Labels;
} & (
  | { readonly kind: "count" | "gauge"; readonly value: number }
  | { readonly kind: "distribution"; readonly value: Distribution }
);

interface Series {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: Total["kind"];
  value: number | Distribution;
  /** Sequence number of the batch that touched it last: how a gauge that is no longer reported is found. */
  seq: number;
}

interface SourceTotals {
  service: string;
  /** Sequence number at which the source's current window began; it may span several batches. */
  windowSeq: number;
  readonly series: Map<string, Series>;
}

const formatVersion = 1;

/**
 * Running totals over batches, for readers that answer "how much so far" (a Prometheus page, the sources list).
 * Bounded: series beyond `seriesMax` are counted in `refused` and otherwise left out. A gauge that its source's latest
 * window does not hold is gone, so that an unknown state is absent instead of stale.
 */
export class Totals {
  readonly #sources = new Map<string, SourceTotals>();
  readonly #seriesMax: number;
  #size = 0;
  #refused = 0;

  constructor(seriesMax = 100_000) {
    this.#seriesMax = seriesMax;
  }

  get size(): number {
    return this.#size;
  }

  /** Samples that had no room since the start. */
  get refused(): number {
    return this.#refused;
  }

  add(batch: Batch): void {
    if (isTick(batch) && batch.samples.length === 0) {
      return; // A bare tick says nothing about any gauge.
    }
    const totals = this.#of(batch);
    for (const sample of batch.samples) {
      this.#addSample(totals, sample, batch.seq);
    }
    if (!batch.more) {
      this.#dropStaleGauges(totals);
      totals.windowSeq = batch.seq + 1;
    }
  }

  /** For a source that was removed. */
  delete(source: string): void {
    this.#size -= this.#sources.get(source)?.series.size ?? 0;
    this.#sources.delete(source);
  }

  /** Every series, in the order of sources and of first appearance; of one source when it is given. */
  *list(source?: string): Generator<Total> {
    for (const [id, { service, series }] of this.#sources) {
      if (source !== undefined && id !== source) {
        continue;
      }
      for (const { name, labels, kind, value } of series.values()) {
        const head = { source: id, service, name, labels };
        if (kind === "distribution" && typeof value !== "number") {
          yield { ...head, kind, value };
        } else if (kind !== "distribution" && typeof value === "number") {
          yield { ...head, kind, value };
        }
      }
    }
  }

  toBytes(): Uint8Array {
    const out = new ByteWriter(4096);
    out.byte(formatVersion);
    out.varint(this.#sources.size);
    for (const [id, totals] of this.#sources) {
      out.text(id);
      out.text(totals.service);
      out.varint(totals.windowSeq);
      out.varint(totals.series.size);
      for (const series of totals.series.values()) {
        writeSeries(out, series);
      }
    }
    return out.finish();
  }

  /** Throws Corrupt for anything that toBytes did not write. */
  static fromBytes(bytes: Uint8Array, seriesMax?: number): Totals {
    const totals = new Totals(seriesMax);
    const input = new ByteReader(bytes);
    const version = input.byte();
    if (version !== formatVersion) {
      throw new Corrupt(`totals of format ${version}; this program reads format ${formatVersion}`);
    }
    for (let sources = input.varint(); sources > 0; sources--) {
      const [id, service, windowSeq] = [input.text(), input.text(), input.varint()];
      const series = new Map<string, Series>();
      for (let rest = input.varint(); rest > 0; rest--) {
        const one = readSeries(input);
        series.set(keyOf(one.name, one.labels), one);
      }
      totals.#sources.set(id, { service, windowSeq, series });
      totals.#size += series.size;
    }
    if (input.left > 0) {
      throw new Corrupt(`${input.left} bytes behind the totals`);
    }
    return totals;
  }

  #of(batch: Batch): SourceTotals {
    let totals = this.#sources.get(batch.source);
    if (totals === undefined) {
      totals = { service: batch.service, windowSeq: batch.seq, series: new Map() };
      this.#sources.set(batch.source, totals);
    }
    totals.service = batch.service;
    return totals;
  }

  #addSample(totals: SourceTotals, sample: Sample, seq: number): void {
    const key = keyOf(sample.name, sample.labels);
    const known = totals.series.get(key);
    if (known !== undefined) {
      if (known.kind === toKind(sample)) {
        addTo(known, sample, seq);
      } else {
        totals.series.set(key, createSeries(sample, seq));
      }
      return;
    }
    if (this.#size >= this.#seriesMax) {
      this.#refused++;
      return;
    }
    totals.series.set(key, createSeries(sample, seq));
    this.#size++;
  }

  #dropStaleGauges(totals: SourceTotals): void {
    for (const [key, series] of totals.series) {
      if (series.kind === "gauge" && series.seq < totals.windowSeq) {
        totals.series.delete(key);
        this.#size--;
      }
    }
  }
}

/** How many different things there were in the latest window is a value of now. */
function toKind({ kind }: Sample): Total["kind"] {
  return kind === "distinct" ? "gauge" : kind;
}

/** Also for a series whose source measures it as another kind since an update: it begins anew. */
function createSeries(sample: Sample, seq: number): Series {
  const { name, labels } = sample;
  const kind = toKind(sample);
  switch (sample.kind) {
    case "gauge":
    case "count":
      return { name, labels, kind, value: sample.value, seq };
    case "distinct":
      return { name, labels, kind, value: sample.value.count, seq };
    case "distribution":
      return { name, labels, kind, value: sample.value.clone(), seq };
  }
}

/* oxlint-disable no-param-reassign -- a series is this file's own mutable record. */
function addTo(series: Series, sample: Sample, seq: number): void {
  series.seq = seq;
  if (sample.kind === "distribution") {
    if (typeof series.value !== "number") {
      series.value.merge(sample.value);
    }
    return;
  }
  const value = sample.kind === "distinct" ? sample.value.count : sample.value;
  const sum = sample.kind === "count" && typeof series.value === "number" ? series.value : 0;
  series.value = sum + value;
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

const kinds = ["count", "gauge", "distribution"] as const;

function writeSeries(out: ByteWriter, series: Series): void {
  out.byte(kinds.indexOf(series.kind));
  out.text(series.name);
  const labels = Object.entries(series.labels);
  out.varint(labels.length);
  for (const [label, value] of labels) {
    out.text(label);
    out.text(value);
  }
  out.varint(series.seq);
  if (typeof series.value === "number") {
    out.float64(series.value);
  } else {
    out.bytes(series.value.toBytes());
  }
}

function readSeries(input: ByteReader): Series {
  const kind = kinds[input.byte()];
  if (kind === undefined) {
    throw new Corrupt("a total of unknown kind");
  }
  const name = input.text();
  const labels: Record<string, string> = {};
  for (let rest = input.varint(); rest > 0; rest--) {
    labels[input.text()] = input.text();
  }
  const seq = input.varint();
  const value = kind === "distribution" ? Distribution.fromBytes(input.bytes()) : input.float64();
  return { name, labels, kind, value, seq };
}
