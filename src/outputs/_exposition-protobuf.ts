// io.prometheus.client.MetricFamily (github.com/prometheus/client_model, io/prometheus/client/metrics.proto), each
// message preceded by its length. It alone carries native histograms, which are our distributions as they are.
import { ByteWriter } from "../core/bytes.ts";
import type { Distribution } from "../core/distribution.ts";
import { classicBounds } from "./_classic-bounds.ts";
import type { Family, LabelPair } from "./_metric-families.ts";

const metricTypes = { count: 0, gauge: 1, distribution: 4 } as const;

/**
 * What the buckets of a native histogram span at most, for each sign: ten octaves (1 ms to 1 s) in steps of 2.2 %. All
 * doubles fit at schema -3; Prometheus knows -4 to 8.
 */
const nativeBucketsMax = 320;

export function toExpositionProtobuf(families: readonly Family[]): Uint8Array {
  const out = new ByteWriter(4096);
  const toPair = createPairWriter();
  for (const family of families) {
    out.bytes(toMessage((message) => writeFamily(message, family, toPair)));
  }
  return out.finish();
}

type ToPair = (pair: LabelPair) => Uint8Array;

/** Series share most of their labels: each pair is written once for a page. */
function createPairWriter(): ToPair {
  const known = new Map<string, Map<string, Uint8Array>>();
  return ([name, value]) => {
    const ofName = known.get(name) ?? new Map<string, Uint8Array>();
    known.set(name, ofName);
    let pair = ofName.get(value);
    if (pair === undefined) {
      pair = toMessage((message) => {
        writeText(message, 1, name);
        writeText(message, 2, value);
      });
      ofName.set(value, pair);
    }
    return pair;
  };
}

function writeFamily(out: ByteWriter, family: Family, toPair: ToPair): void {
  writeText(out, 1, family.name);
  writeText(out, 2, family.help ?? "");
  writeVarint(out, 3, metricTypes[family.kind]);
  if (family.kind === "distribution") {
    for (const { labels, value } of family.series) {
      const histogram = toMessage((message) => writeHistogram(message, family.name, value));
      writeMetric(out, labels.map(toPair), { field: 7, message: histogram });
    }
    return;
  }
  const field = family.kind === "gauge" ? 2 : 3;
  for (const { labels, value } of family.series) {
    const message = toMessage((inner) => writeDouble(inner, 1, value));
    writeMetric(out, labels.map(toPair), { field, message });
  }
}

interface Part {
  readonly field: number;
  readonly message: Uint8Array;
}

function writeMetric(out: ByteWriter, pairs: readonly Uint8Array[], value: Part): void {
  const metric = toMessage((inner) => {
    for (const message of pairs) {
      writeBytes(inner, { field: 1, message });
    }
    writeBytes(inner, value);
  });
  writeBytes(out, { field: 4, message: metric });
}

/** Native buckets, and classic ones for a Prometheus that does not take those. */
function writeHistogram(out: ByteWriter, name: string, distribution: Distribution): void {
  writeVarint(out, 1, distribution.count);
  writeDouble(out, 2, distribution.sum);
  const bounds = classicBounds(name);
  for (const [i, below] of distribution.cumulative(bounds).entries()) {
    const bucket = toMessage((inner) => {
      writeVarint(inner, 1, below);
      writeDouble(inner, 2, bounds[i] ?? 0);
    });
    writeBytes(out, { field: 3, message: bucket });
  }
  const { scale, zeroCount, positive, negative } = distribution.downscale(nativeBucketsMax);
  writeTag(out, 5, wire.varint);
  out.zigzag(scale);
  // The zero threshold, field 6, stays 0: only zero itself is counted there.
  writeVarint(out, 7, zeroCount);
  writeRun(out, toRun(negative), { spanField: 9, deltaField: 10 });
  // An empty span makes a histogram native that has no buckets yet.
  const run = toRun(positive);
  const spans = run.spans.length === 0 ? [{ offset: 0, length: 0 }] : run.spans;
  writeRun(out, { ...run, spans }, { spanField: 12, deltaField: 13 });
}

interface Span {
  /** From the end of the last span; of the first one, the index of its first bucket. */
  readonly offset: number;
  readonly length: number;
}

interface Run {
  readonly spans: readonly Span[];
  readonly counts: readonly number[];
}

/** A gap of fewer empty buckets is cheaper to write than another span. */
const gapMin = 3;

/** Bucket i of ours, above 2^(i / 2^scale), is what Prometheus calls i + 1: it names them by their upper bounds. */
function toRun(run: { readonly offset: number; readonly counts: readonly number[] }): Run {
  const spans: { offset: number; length: number }[] = [];
  const counts: number[] = [];
  let end = 0;
  for (const [i, count] of run.counts.entries()) {
    if (count === 0) {
      continue;
    }
    const index = run.offset + i + 1;
    const last = spans.at(-1);
    const gap = index - end;
    if (last === undefined || gap >= gapMin) {
      spans.push({ offset: gap, length: 1 });
    } else {
      last.length += gap + 1;
      counts.push(...Array.from({ length: gap }, () => 0));
    }
    counts.push(count);
    end = index + 1;
  }
  return { spans, counts };
}

function writeRun(
  out: ByteWriter,
  { spans, counts }: Run,
  { spanField, deltaField }: { readonly spanField: number; readonly deltaField: number },
): void {
  for (const { offset, length } of spans) {
    const message = toMessage((inner) => {
      writeTag(inner, 1, wire.varint);
      inner.zigzag(offset);
      writeVarint(inner, 2, length);
    });
    writeBytes(out, { field: spanField, message });
  }
  if (counts.length > 0) {
    const message = toMessage((inner) => {
      counts.forEach((count, i) => inner.zigzag(count - (counts[i - 1] ?? 0)));
    });
    writeBytes(out, { field: deltaField, message });
  }
}

/** Wire types (protobuf.dev/programming-guides/encoding). */
const wire = { varint: 0, fixed64: 1, bytes: 2 } as const;

function toMessage(write: (out: ByteWriter) => void): Uint8Array {
  const out = new ByteWriter(64);
  write(out);
  return out.finish();
}

function writeTag(out: ByteWriter, field: number, type: number): void {
  out.varint(field * 8 + type);
}

function writeVarint(out: ByteWriter, field: number, value: number): void {
  writeTag(out, field, wire.varint);
  out.varint(value);
}

function writeDouble(out: ByteWriter, field: number, value: number): void {
  writeTag(out, field, wire.fixed64);
  out.float64(value);
}

function writeText(out: ByteWriter, field: number, text: string): void {
  writeTag(out, field, wire.bytes);
  out.text(text);
}

function writeBytes(out: ByteWriter, { field, message }: Part): void {
  writeTag(out, field, wire.bytes);
  out.bytes(message);
}
