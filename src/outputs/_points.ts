// Batches as plain numbers, for receivers that know nothing else. Hot path: see bench/gelf.ts.
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
  const points: Point[] = [];
  for (const sample of samples) {
    addPoints(points, sample);
  }
  return points;
}

/** Whether values of several windows add up to that of all of them: how often, or how much. */
export function isAdditive({ kind, part }: Point): boolean {
  return kind === "count" || part === "count" || part === "sum";
}

const quantiles = [50, 90, 99] as const;

function addPoints(points: Point[], sample: Sample): void {
  switch (sample.kind) {
    case "gauge":
    case "count":
      addPoint(points, sample, "", sample.value);
      break;
    case "distinct":
      addPoint(points, sample, "", sample.value.count);
      break;
    case "distribution": {
      const { value } = sample;
      addPoint(points, sample, "count", value.count);
      addPoint(points, sample, "sum", value.sum);
      // Of none, these are infinite or unknown.
      addPoint(points, sample, "min", value.min);
      addPoint(points, sample, "max", value.max);
      for (const percent of value.count > 0 ? quantiles : []) {
        addPoint(points, sample, `p${percent}`, value.quantile(percent / 100));
      }
      break;
    }
  }
}

function addPoint(
  points: Point[],
  { name, kind, labels }: Sample,
  part: string,
  value: number,
): void {
  if (Number.isFinite(value)) {
    points.push({ name, kind, part, labels, value });
  }
}
