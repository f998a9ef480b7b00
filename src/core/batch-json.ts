// The JSON form of a batch: what the outputs `stdout` and `json-file` write, and what the API sends.
import type { Batch } from "./batch.ts";
import type { Distribution } from "./distribution.ts";
import type { Labels, Sample, SampleKind } from "./sample.ts";
import type { TopEntry } from "./top.ts";

/** Instants are ISO 8601 in UTC; values are in base units. */
export interface BatchJson {
  readonly source: string;
  readonly service: string;
  readonly seq: number;
  readonly from: string;
  readonly to: string;
  /** Present, and true, only when it is so. */
  readonly more?: true;
  readonly partial?: true;
  readonly backfill?: true;
  readonly samples: readonly SampleJson[];
  readonly tops: readonly TopJson[];
  readonly events: readonly EventJson[];
}

export interface SampleJson {
  readonly name: string;
  readonly kind: SampleKind;
  readonly labels: Labels;
  /** A distribution as its summary; everything else as a number. */
  readonly value: number | DistributionJson;
}

/** Quantiles are null while the distribution is empty. */
export interface DistributionJson {
  readonly count: number;
  readonly sum: number;
  readonly min: number | null;
  readonly max: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
}

export interface TopJson {
  readonly name: string;
  readonly labels: Labels;
  readonly total: number;
  readonly entries: readonly TopEntry[];
}

export interface EventJson {
  readonly at: string;
  readonly name: string;
  readonly labels: Labels;
  readonly text: string;
}

/** Entries of a top that the JSON form carries; the batch itself holds more. */
const topEntriesMax = 10;

export function toBatchJson(batch: Batch): BatchJson {
  return {
    source: batch.source,
    service: batch.service,
    seq: batch.seq,
    from: toInstant(batch.from),
    to: toInstant(batch.to),
    ...(batch.more && { more: true }),
    ...(batch.partial && { partial: true }),
    ...(batch.backfill && { backfill: true }),
    samples: batch.samples.map(toSampleJson),
    tops: batch.tops.map(({ name, labels, value }) => ({
      name,
      labels,
      total: value.total,
      entries: value.entries(topEntriesMax),
    })),
    events: batch.events.map((event) => ({ ...event, at: toInstant(event.at) })),
  };
}

function toSampleJson(sample: Sample): SampleJson {
  const { name, kind, labels } = sample;
  switch (sample.kind) {
    case "gauge":
    case "count":
      return { name, kind, labels, value: sample.value };
    case "distribution":
      return { name, kind, labels, value: toDistributionJson(sample.value) };
    case "distinct":
      return { name, kind, labels, value: sample.value.count };
  }
}

export function toDistributionJson(distribution: Distribution): DistributionJson {
  const { count, sum } = distribution;
  const some = count > 0;
  return {
    count,
    sum,
    min: some ? distribution.min : null,
    max: some ? distribution.max : null,
    p50: some ? distribution.quantile(0.5) : null,
    p90: some ? distribution.quantile(0.9) : null,
    p99: some ? distribution.quantile(0.99) : null,
  };
}

/** "2026-11-20T16:00:00.000Z"; throws a RangeError outside the years that Date can hold. */
export function toInstant(ms: number): string {
  return new Date(ms).toISOString();
}
