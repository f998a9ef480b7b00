// What batches add to one instance in one slot of a window. One place per kind for adding, summing up and storing.
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Distinct } from "../core/distinct.ts";
import { Distribution } from "../core/distribution.ts";
import type { Sample, SampleKind, TopSample } from "../core/sample.ts";
import { Top } from "../core/top.ts";

/** What a rule can judge. */
export type Measured = Sample | (TopSample & { readonly kind: "top" });
export type MeasuredKind = SampleKind | "top";

interface Timed {
  /** The end of the newest batch that contributed. */
  to: number;
}
interface CountPart extends Timed {
  readonly kind: "count";
  sum: number;
}
interface GaugePart extends Timed {
  readonly kind: "gauge";
  /** Of the batch at `to`: the worst of its series. */
  latest: number;
  earlierSum: number;
  earlierCount: number;
}
interface DistributionPart extends Timed {
  readonly kind: "distribution";
  readonly value: Distribution;
}
interface DistinctPart extends Timed {
  readonly kind: "distinct";
  readonly value: Distinct;
}
interface TopPart extends Timed {
  readonly kind: "top";
  readonly value: Top;
}
export type Contribution = CountPart | GaugePart | DistributionPart | DistinctPart | TopPart;

export interface Averaged {
  readonly value: number;
  readonly observations: number;
  /** Of a top: whose value it is. */
  readonly heaviest?: string;
}

/** Chooses between two series of one gauge in the same batch: the one that the rule should look at. */
export type Worse = (a: number, b: number) => number;

/**
 * What a batch longer than the rule's window says of the window: its share of the count, taken as even. Otherwise the
 * first poll after an outage would put all that was missed into one short window, and cry wolf.
 */
export function scaleToWindow(
  sample: Measured,
  batch: { readonly from: number; readonly to: number },
  overMs: number | undefined,
): Measured {
  const lengthMs = batch.to - batch.from;
  return sample.kind === "count" && overMs !== undefined && lengthMs > overMs
    ? { ...sample, value: (sample.value * overMs) / lengthMs }
    : sample;
}

/** The first sample of an instance in a slot. Never keeps the sample's own object: others read the same batch. */
export function toContribution(to: number, sample: Measured): Contribution {
  switch (sample.kind) {
    case "count":
      return { kind: "count", to, sum: sample.value };
    case "gauge":
      return { kind: "gauge", to, latest: sample.value, earlierSum: 0, earlierCount: 0 };
    case "distribution":
      return { kind: "distribution", to, value: sample.value.clone() };
    case "top":
      return { kind: "top", to, value: sample.value.clone() };
    case "distinct":
    default:
      return { kind: "distinct", to, value: sample.value.clone() };
  }
}

/** A further sample: another series of the same batch, another part of a split one, or another batch. */
export function addSample(part: Contribution, to: number, sample: Measured, worse: Worse): void {
  if (part.kind === "count" && sample.kind === "count") {
    part.sum += sample.value;
  } else if (part.kind === "distribution" && sample.kind === "distribution") {
    part.value.merge(sample.value);
  } else if (part.kind === "distinct" && sample.kind === "distinct") {
    part.value.merge(sample.value);
  } else if (part.kind === "top" && sample.kind === "top") {
    part.value.merge(sample.value);
  } else if (part.kind === "gauge" && sample.kind === "gauge") {
    addGauge(part, to, sample.value, worse);
  }
  part.to = Math.max(part.to, to);
}

function addGauge(part: GaugePart, to: number, value: number, worse: Worse): void {
  if (to === part.to) {
    part.latest = worse(part.latest, value);
  } else if (to > part.to) {
    part.earlierSum += part.latest;
    part.earlierCount += 1;
    part.latest = value;
  } else {
    part.earlierSum += value;
    part.earlierCount += 1;
  }
}

/** Counts together. */
export function sumCounts(parts: readonly Contribution[]): number {
  return parts.reduce((sum, part) => sum + (part.kind === "count" ? part.sum : 0), 0);
}

/** The average of gauges over their batches: the latest value when there is but one. */
export function averageGauges(parts: readonly Contribution[]): Averaged {
  let [sum, count] = [0, 0];
  for (const part of parts) {
    if (part.kind === "gauge") {
      sum += part.latest + part.earlierSum;
      count += 1 + part.earlierCount;
    }
  }
  return { value: sum / count, observations: count };
}

/** The kind is not written: a window holds only one. */
export function writeContribution(out: ByteWriter, part: Contribution): void {
  out.float64(part.to);
  switch (part.kind) {
    case "count":
      out.float64(part.sum);
      break;
    case "gauge":
      out.float64(part.latest);
      out.float64(part.earlierSum);
      out.varint(part.earlierCount);
      break;
    case "distribution":
    case "distinct":
    case "top":
      out.bytes(part.value.toBytes());
      break;
  }
}

/** Throws Corrupt for anything that writeContribution did not write for this kind. */
export function readContribution(input: ByteReader, kind: MeasuredKind): Contribution {
  const to = input.float64();
  switch (kind) {
    case "count":
      return { kind, to, sum: input.float64() };
    case "gauge": {
      const [latest, earlierSum] = [input.float64(), input.float64()];
      return { kind, to, latest, earlierSum, earlierCount: input.varint() };
    }
    case "distribution":
      return { kind, to, value: Distribution.fromBytes(input.bytes()) };
    case "top":
      return { kind, to, value: Top.fromBytes(input.bytes()) };
    case "distinct":
    default:
      return { kind, to, value: Distinct.fromBytes(input.bytes()) };
  }
}
