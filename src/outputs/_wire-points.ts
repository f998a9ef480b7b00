import type { ByteWriter } from "../core/bytes.ts";
import { Distribution } from "../core/distribution.ts";
import type { Look } from "./_ledger.ts";
import type { LedgerRow } from "./_ledger-rows.ts";
import { writeNativeBuckets } from "./_native-histogram.ts";
import { toMessage, wire, writeDouble, writeTag, writeVarint, writeZigzag } from "./_protobuf.ts";
import type { ClassicSeries, WirePlace, WireSeries } from "./_wire-series.ts";

/** Says that a series has ended (prometheus.io/docs/specs/prw/remote_write_spec, "Stale Markers"). */
export const stale = "stale";

/** The bits of that marker, a NaN of its own. */
export const staleBytes = Uint8Array.of(2, 0, 0, 0, 0, 0, 0xf0, 0x7f);

export interface WirePoint {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** A number, or the fields of a native histogram but for its time. */
  readonly value: number | Uint8Array | typeof stale;
  /** Since when it is counted; undefined for what is not. */
  readonly startedAt: number | undefined;
}

export type TakePoint = (series: WireSeries, point: WirePoint) => void;

/**
 * What a look comes to, each series' points in order. A series that began with this window begins with zero, so that
 * what its first window counted is an increase for who asks for one.
 */
export function toPoints({ from, at, rows, gone }: Look<WirePlace>, take: TakePoint): void {
  const beginning = Math.min(from + 1, at - 1);
  for (const row of rows) {
    if (row.kind !== "gauge" && row.startedAt === from && beginning >= from) {
      takeRow(toZero(row), beginning, take);
    }
    takeRow(row, at, take);
  }
  for (const { as, kind } of gone) {
    const { one, classic } = as;
    if (one !== undefined) {
      const value = kind === "distribution" ? staleHistogram : stale;
      take(one, { at, value, startedAt: undefined });
    }
    for (const series of classic === undefined ? [] : seriesOf(classic)) {
      take(series, { at, value: stale, startedAt: undefined });
    }
  }
}

const nothing = new Distribution();

function toZero(row: LedgerRow<WirePlace>): LedgerRow<WirePlace> {
  return row.kind === "distribution" ? { ...row, value: nothing } : { ...row, value: 0 };
}

function takeRow(row: LedgerRow<WirePlace>, at: number, take: TakePoint): void {
  const { one, classic } = row.as;
  const startedAt = row.kind === "gauge" ? undefined : row.startedAt;
  if (row.kind !== "distribution") {
    if (one !== undefined) {
      take(one, { at, value: row.value, startedAt });
    }
    return;
  }
  if (classic !== undefined) {
    takeClassic(classic, row.value, (series, value) => take(series, { at, value, startedAt }));
  }
  if (one !== undefined) {
    take(one, { at, value: toHistogramFields(row.value), startedAt });
  }
}

function takeClassic(
  { bounds, buckets, sum, count }: ClassicSeries,
  distribution: Distribution,
  take: (series: WireSeries, value: number) => void,
): void {
  const below = distribution.cumulative(bounds);
  for (const [i, bucket] of buckets.entries()) {
    take(bucket, below[i] ?? distribution.count);
  }
  take(sum, distribution.sum);
  take(count, distribution.count);
}

function seriesOf({ buckets, sum, count }: ClassicSeries): readonly WireSeries[] {
  return [...buckets, sum, count];
}

const histogramFields = {
  schema: 4,
  zeroCount: 6,
  negative: { span: 8, delta: 9 },
  positive: { span: 11, delta: 12 },
};

/** A series holds either numbers or histograms: the end of one of histograms is in the sum. */
const staleHistogram = toMessage((out) => {
  writeVarint(out, 1, 0);
  writeTag(out, 3, wire.fixed64);
  out.raw(staleBytes);
  writeZigzag(out, 4, 0);
  writeVarint(out, 6, 0);
});

/** Of the message Histogram, which is the same in 1.0 and 2.0 but for what comes behind its time. */
function toHistogramFields(distribution: Distribution): Uint8Array {
  return toMessage((out: ByteWriter) => {
    writeVarint(out, 1, distribution.count);
    writeDouble(out, 3, distribution.sum);
    writeNativeBuckets(out, distribution, histogramFields);
  }, 512);
}
