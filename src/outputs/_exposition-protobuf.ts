// io.prometheus.client.MetricFamily (github.com/prometheus/client_model, io/prometheus/client/metrics.proto), each
// message preceded by its length. It alone carries native histograms, which are our distributions as they are.
import { ByteWriter } from "../core/bytes.ts";
import type { Distribution } from "../core/distribution.ts";
import { classicBounds } from "./_classic-bounds.ts";
import type { LabelPair } from "./_legal-names.ts";
import type { Family } from "./_metric-families.ts";
import { writeNativeBuckets } from "./_native-histogram.ts";
import { toMessage, writeBytes, writeDouble, writeText, writeVarint } from "./_protobuf.ts";

const metricTypes = { count: 0, gauge: 1, distribution: 4 } as const;

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
      writeBytes(inner, 1, message);
    }
    writeBytes(inner, value.field, value.message);
  });
  writeBytes(out, 4, metric);
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
    writeBytes(out, 3, bucket);
  }
  writeNativeBuckets(out, distribution, nativeFields);
}

const nativeFields = {
  schema: 5,
  zeroCount: 7,
  negative: { span: 9, delta: 10 },
  positive: { span: 12, delta: 13 },
};
