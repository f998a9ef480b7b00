// The vocabulary of measurements. Names are Prometheus style: base units, `_total` for counts.
import type { Distinct } from "./distinct.ts";
import type { Distribution } from "./distribution.ts";
import type { Top } from "./top.ts";

/** Label names to values. `source` and `service` are the batch's, and are not repeated on its samples. */
export type Labels = Readonly<Record<string, string>>;

interface Named {
  readonly name: string;
  readonly labels: Labels;
}

/** A value as it is now. */
export interface Gauge extends Named {
  readonly kind: "gauge";
  readonly value: number;
}

/** How many (or how much) in this window; never a running total. */
export interface Count extends Named {
  readonly kind: "count";
  readonly value: number;
}

/** How the observations of this window are spread. */
export interface DistributionSample extends Named {
  readonly kind: "distribution";
  readonly value: Distribution;
}

/** How many different things were seen in this window. */
export interface DistinctSample extends Named {
  readonly kind: "distinct";
  readonly value: Distinct;
}

export type Sample = Gauge | Count | DistributionSample | DistinctSample;
export type SampleKind = Sample["kind"];

/** The heaviest keys of a window. Keys are data, never labels. */
export interface TopSample extends Named {
  readonly value: Top;
}

/** Something that happened at an instant: a state change, a pattern match, a reload, a counter reset. */
export interface Event {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What kind of thing, as a metric-like name: `file_rotated`, `server_down`. */
  readonly name: string;
  readonly labels: Labels;
  /** One sentence for people. */
  readonly text: string;
}

export const noLabels: Labels = Object.freeze({});

export function gauge(name: string, value: number, labels: Labels = noLabels): Gauge {
  return { kind: "gauge", name, labels, value };
}

export function count(name: string, value: number, labels: Labels = noLabels): Count {
  return { kind: "count", name, labels, value };
}

/** `http_requests_total{group="api",status="200"}`: the canonical text of a series, labels sorted by name. */
export function seriesText(name: string, labels: Labels): string {
  const keys = Object.keys(labels);
  if (keys.length === 0) {
    return name;
  }
  const pairs = keys.toSorted().map((key) => `${key}=${JSON.stringify(labels[key])}`);
  return `${name}{${pairs.join(",")}}`;
}
