// Prometheus's native histograms (prometheus.io/docs/specs/native_histograms), which our distributions are but for
// where they count from: their bucket i ends at base^i, ours begins there.
import type { ByteWriter } from "../core/bytes.ts";
import type { Distribution } from "../core/distribution.ts";
import { toMessage, writeBytes, writeVarint, writeZigzag } from "./_protobuf.ts";

/**
 * What the buckets of a native histogram span at most, for each sign: ten octaves (1 ms to 1 s) in steps of 2.2 %. All
 * doubles fit at schema -3; Prometheus knows -4 to 8.
 */
const nativeBucketsMax = 320;

/** Numbers of the fields, which differ between the messages that hold a histogram. */
export interface HistogramFields {
  readonly schema: number;
  readonly zeroCount: number;
  readonly negative: RunFields;
  readonly positive: RunFields;
}

interface RunFields {
  readonly span: number;
  readonly delta: number;
}

/** Schema, zero count and buckets. The zero threshold stays 0: only zero itself is counted there. */
export function writeNativeBuckets(
  out: ByteWriter,
  distribution: Distribution,
  fields: HistogramFields,
): void {
  const { scale, zeroCount, positive, negative } = distribution.downscale(nativeBucketsMax);
  writeZigzag(out, fields.schema, scale);
  writeVarint(out, fields.zeroCount, zeroCount);
  writeRun(out, toRun(negative), fields.negative);
  // An empty span makes a histogram native that has no buckets yet.
  const run = toRun(positive);
  const spans = run.spans.length === 0 ? [{ offset: 0, length: 0 }] : run.spans;
  writeRun(out, { ...run, spans }, fields.positive);
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

function writeRun(out: ByteWriter, { spans, counts }: Run, fields: RunFields): void {
  for (const { offset, length } of spans) {
    const message = toMessage((inner) => {
      writeZigzag(inner, 1, offset);
      writeVarint(inner, 2, length);
    });
    writeBytes(out, fields.span, message);
  }
  if (counts.length > 0) {
    const message = toMessage((inner) => {
      counts.forEach((count, i) => inner.zigzag(count - (counts[i - 1] ?? 0)));
    });
    writeBytes(out, fields.delta, message);
  }
}
