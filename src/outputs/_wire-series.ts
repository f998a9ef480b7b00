// Series as remote-write names them: the labels of each, made legal and sorted once, and kept as they are sent.
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { classicBounds } from "./_classic-bounds.ts";
import type { SeriesName } from "./_ledger.ts";
import { type LabelPair, toDigest, toLabels, toLegalName } from "./_legal-names.ts";
import { type WireLabel, WireLabels } from "./_wire-labels.ts";

export interface WireSeries {
  /** By it, series are spread over shards; the same for the same labels. */
  readonly hash: number;
  /** Sorted by name, with `__name__` among them. */
  readonly labels: readonly WireLabel[];
  /** Of their fields together. */
  readonly sizeBytes: number;
  /** The metric that it belongs to, as the user knows it. */
  readonly metric: string;
  readonly kind: SeriesName["kind"];
}

/** A metric's series: one, and for a distribution those of a classic histogram. */
export interface WirePlace {
  readonly one: WireSeries | undefined;
  readonly classic: ClassicSeries | undefined;
  readonly keys: readonly string[];
}

export interface ClassicSeries {
  readonly bounds: readonly number[];
  /** One for each bound, and the infinite one. */
  readonly buckets: readonly WireSeries[];
  readonly sum: WireSeries;
  readonly count: WireSeries;
}

export const histogramForms = ["classic", "native", "both"] as const;

export type HistogramForm = (typeof histogramForms)[number];

/** Finds a name and labels for each series that no other has: legal, and the same after a restart. */
export class WireNames {
  readonly #histograms: HistogramForm;
  /** Legal names by the metric's own. */
  readonly #names = new Map<string, string>();
  readonly #taken = new Set<string>();
  readonly #labels = new Map<string, string>();
  readonly #wireLabels = new WireLabels();
  readonly #keys = new Set<string>();

  constructor(histograms: HistogramForm) {
    this.#histograms = histograms;
  }

  /** Undefined when another series has the name and labels that this one would get. */
  place(series: SeriesName): WirePlace | undefined {
    const name = this.#toName(series.name);
    // An empty value is no label (prometheus.io/docs/specs/prw/remote_write_spec).
    const labels = toLabels(series, this.#labels).filter(([, value]) => value !== "");
    const suffixes = series.kind === "distribution" ? ["", "_bucket", "_sum", "_count"] : [""];
    const keys = suffixes.map((suffix) => toKey(`${name}${suffix}`, labels));
    if (keys.some((key) => this.#keys.has(key))) {
      return undefined;
    }
    keys.forEach((key) => this.#keys.add(key));
    const isSpread = series.kind === "distribution";
    const { name: metric, kind } = series;
    const toSeries = (suffix: string, more: readonly LabelPair[] = []): WireSeries => {
      const pairs = toSorted([["__name__", `${name}${suffix}`], ...labels, ...more]);
      const wireLabels = pairs.map(([label, value]) => this.#wireLabels.of(label, value));
      const sizeBytes = wireLabels.reduce((sum, { field }) => sum + field.length, 0);
      return { hash: hashOf(wireLabels), labels: wireLabels, sizeBytes, metric, kind };
    };
    return {
      one: isSpread && this.#histograms === "classic" ? undefined : toSeries(""),
      classic: isSpread && this.#histograms !== "native" ? toClassic(name, toSeries) : undefined,
      keys,
    };
  }

  release({ keys }: WirePlace): void {
    keys.forEach((key) => this.#keys.delete(key));
  }

  /** Whoever comes first gets the name; the others a digest behind it. */
  #toName(name: string): string {
    const known = this.#names.get(name);
    if (known !== undefined) {
      return known;
    }
    const legal = toLegalName(name);
    const chosen = this.#taken.has(legal) ? `${legal}_${toDigest(name)}` : legal;
    this.#names.set(name, chosen);
    this.#taken.add(chosen);
    return chosen;
  }

  write(out: ByteWriter): void {
    out.varint(this.#names.size);
    for (const [name, legal] of this.#names) {
      out.text(name);
      out.text(legal);
    }
  }

  /** Throws Corrupt for anything that `write` did not write. */
  static read(input: ByteReader, histograms: HistogramForm): WireNames {
    const names = new WireNames(histograms);
    for (let rest = input.varint(); rest > 0; rest--) {
      const [name, legal] = [input.text(), input.text()];
      names.#names.set(name, legal);
      names.#taken.add(legal);
    }
    return names;
  }
}

function toClassic(
  name: string,
  toSeries: (suffix: string, more?: readonly LabelPair[]) => WireSeries,
): ClassicSeries {
  const bounds = classicBounds(name);
  const buckets = [...bounds.map(String), "+Inf"].map((le) => toSeries("_bucket", [["le", le]]));
  return { bounds, buckets, sum: toSeries("_sum"), count: toSeries("_count") };
}

/** Names are ASCII by now, whose order is that of their bytes. */
function toSorted(pairs: readonly LabelPair[]): readonly LabelPair[] {
  return pairs.toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** FNV-1a. */
function hashOf(labels: readonly WireLabel[]): number {
  let hash = 0x811c_9dc5;
  for (const { field } of labels) {
    for (const byte of field) {
      hash = Math.imul(hash ^ byte, 0x100_0193);
    }
  }
  return hash >>> 0;
}

function toKey(name: string, labels: readonly LabelPair[]): string {
  // Joined at once, the text takes half the room of one that grew.
  return [name, ...labels.map(([label, value]) => `${label}\0${value}`).toSorted()].join("\0");
}
