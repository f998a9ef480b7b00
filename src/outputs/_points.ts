// Batches as plain numbers, for receivers that know nothing else.
import type { Labels, Sample, SampleKind } from "../core/sample.ts";

/** One finite number that a batch says of its window. */
export interface Point {
  readonly name: string;
  readonly kind: SampleKind;
  /** Which number of a distribution: `count`, `sum`, `min`, `max`, `p50`, `p90` or `p99`; empty for anything else. */
  readonly part: string;
  readonly labels: Labels;
  readonly value: number;
}

/** In the order of the samples. NaN and infinity are left out: of these receivers, none takes them. */
export function toPoints(samples: readonly Sample[]): readonly Point[] {
  return samples.flatMap((sample) => {
    const { name, kind, labels } = sample;
    return toParts(sample)
      .filter(([, value]) => Number.isFinite(value))
      .map(([part, value]) => ({ name, kind, part, labels, value }));
  });
}

/** Whether values of several windows add up to that of all of them: how often, or how much. */
export function isAdditive({ kind, part }: Point): boolean {
  return kind === "count" || part === "count" || part === "sum";
}

const quantiles = [50, 90, 99] as const;

function toParts({ kind, value }: Sample): readonly (readonly [part: string, value: number])[] {
  switch (kind) {
    case "gauge":
    case "count":
      return [["", value]];
    case "distinct":
      return [["", value.count]];
    case "distribution": {
      const totals = [
        ["count", value.count],
        ["sum", value.sum],
      ] as const;
      const spread = [
        ["min", value.min],
        ["max", value.max],
        ...quantiles.map((percent) => [`p${percent}`, value.quantile(percent / 100)] as const),
      ] as const;
      return value.count === 0 ? totals : [...totals, ...spread];
    }
  }
}
