// Remote-write requests, 1.0 (prompb/remote.proto) and 2.0 (io/prometheus/write/v2/types.proto), before compression.
// Hot path: a sample costs about a microsecond, see bench/remote-write.ts. The lengths of what lies within are
// reckoned beforehand, so that nothing is copied.
import { ByteWriter } from "../core/bytes.ts";
import type { MetricDefinition } from "../core/component.ts";
import { toMessage, varintLength, wire, writeTag, writeVarint } from "./_protobuf.ts";
import { type WirePoint, stale, staleBytes } from "./_wire-points.ts";
import type { WireSeries } from "./_wire-series.ts";

/** A series with points in order of time. */
export interface WireEntry {
  readonly series: WireSeries;
  readonly points: readonly WirePoint[];
}

/** WriteRequest { timeseries = 1 }, TimeSeries { labels = 1, samples = 2, histograms = 4 }. */
export function toWriteRequest(entries: readonly WireEntry[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(64 * 1024);
  for (const { series, points } of entries) {
    let length = series.sizeBytes;
    for (const point of points) {
      length += withHead(pointLength(point));
    }
    writeTag(out, 1, wire.bytes);
    out.varint(length);
    for (const { field } of series.labels) {
      out.raw(field);
    }
    for (const point of points) {
      writePoint(out, point, point.value instanceof Uint8Array ? 4 : 2);
    }
  }
  return out.finish();
}

const metadataTypes = { count: 1, gauge: 2, distribution: 3 } as const;

/**
 * Request { symbols = 4, timeseries = 5 }, TimeSeries { labels_refs = 1, samples = 2, histograms = 3, metadata = 5 },
 * Metadata { type = 1, help_ref = 3 }.
 */
export function toWriteRequest2(
  entries: readonly WireEntry[],
  describe: (metric: string) => MetricDefinition | undefined,
): Uint8Array<ArrayBuffer> {
  const symbols = new Map([["", 0]]);
  const toSymbol = (text: string): number => {
    const known = symbols.get(text);
    if (known === undefined) {
      symbols.set(text, symbols.size);
    }
    return known ?? symbols.size - 1;
  };
  const body = new ByteWriter(64 * 1024);
  for (const { series, points } of entries) {
    const labels = toMessage((inner) => {
      for (const { name, value } of series.labels) {
        inner.varint(toSymbol(name));
        inner.varint(toSymbol(value));
      }
    });
    const help = toSymbol(describe(series.metric)?.help ?? "");
    const metadata = toMessage((inner) => {
      writeVarint(inner, 1, metadataTypes[series.kind]);
      writeVarint(inner, 3, help);
    });
    let length = withHead(labels.length) + withHead(metadata.length);
    for (const point of points) {
      length += withHead(pointLength(point) + startLength(point));
    }
    writeTag(body, 5, wire.bytes);
    body.varint(length);
    writeTag(body, 1, wire.bytes);
    body.bytes(labels);
    for (const point of points) {
      writePoint(body, point, point.value instanceof Uint8Array ? 3 : 2, startLength(point));
    }
    writeTag(body, 5, wire.bytes);
    body.bytes(metadata);
  }
  const out = new ByteWriter(body.length * 2 + 64);
  for (const symbol of symbols.keys()) {
    writeTag(out, 4, wire.bytes);
    out.text(symbol);
  }
  out.raw(body.finish());
  return out.finish();
}

/** With a tag of one byte and the length before it. */
function withHead(length: number): number {
  return 1 + varintLength(length) + length;
}

/** Sample { value = 1, timestamp = 2 }; Histogram { …, timestamp = 15 }. */
function pointLength({ at, value }: WirePoint): number {
  return (value instanceof Uint8Array ? value.length : 9) + 1 + varintLength(at);
}

/** Sample { start_timestamp = 3 }; Histogram { start_timestamp = 17 }, whose tag takes two bytes. */
function startLength({ value, startedAt }: WirePoint): number {
  if (startedAt === undefined) {
    return 0;
  }
  return (value instanceof Uint8Array ? 2 : 1) + varintLength(startedAt);
}

function writePoint(out: ByteWriter, point: WirePoint, field: number, extra = 0): void {
  const { at, value, startedAt } = point;
  writeTag(out, field, wire.bytes);
  out.varint(pointLength(point) + extra);
  const isHistogram = value instanceof Uint8Array;
  if (isHistogram) {
    out.raw(value);
  } else {
    writeTag(out, 1, wire.fixed64);
    if (value === stale) {
      out.raw(staleBytes);
    } else {
      out.float64(value);
    }
  }
  writeVarint(out, isHistogram ? 15 : 2, at);
  if (extra > 0 && startedAt !== undefined) {
    writeVarint(out, isHistogram ? 17 : 3, startedAt);
  }
}
