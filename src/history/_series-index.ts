// Every series that is known, by its labels. Hot path: `find` is called for each sample.
import type { Batch } from "../core/batch.ts";
import { Distinct } from "../core/distinct.ts";
import type { Labels } from "../core/sample.ts";
import { toLimited } from "./_label-limits.ts";
import type { LabelTest } from "./_matchers.ts";
import type { Head } from "./_head.ts";
import type { Matcher, SeriesInfo, SeriesKind } from "./history.ts";

/** What is remembered of the last chunk of a series and step, so that it need not be read to write behind it. */
export interface Tail {
  readonly last: number;
  readonly points: number;
  readonly sizeBytes: number;
}

/** A series with what is remembered of it; changed by who writes the history alone. */
export interface Series {
  readonly id: number;
  readonly metric: string;
  readonly kind: SeriesKind;
  /** With `source`, and `service` unless it is empty. */
  readonly labels: Labels;
  /** The sequence number of the last of its source's batches whose samples are committed. */
  committedSeq: number;
  /** Points up to here came from a journal that was replaced, and are not taken again. */
  knownUntil: number;
  /** Coarser levels have what the finest one has up to here; 0 while nothing waits for them. */
  rolledUntil: number;
  /** How long the latest window was, in whole steps of the finest level. */
  windowMs: number;
  isStored: boolean;
  firstAt: number;
  lastAt: number;
  /** Undefined when everything is committed. */
  head: Head | undefined;
  /** Of the last batch that is in the head. */
  headSeq: number;
  /** The slice that the head's oldest sample came with. */
  headSlice: number;
  /** When the head has to be committed. */
  dueAt: number;
  /** Or with so many points; 0 before the first ones. */
  pointsMax: number;
  /** The last chunk by step, as far as it is known. */
  readonly tails: Map<number, Tail>;
}

export interface StoredSeries {
  readonly id: number;
  readonly metric: string;
  readonly kind: SeriesKind;
  readonly labels: Labels;
  readonly committedSeq: number;
  readonly knownUntil: number;
  readonly rolledUntil: number;
  readonly windowMs: number;
  readonly firstAt: number;
  readonly lastAt: number;
}

/** What `find` needs of a sample or a top. */
export interface Named {
  readonly name: string;
  readonly labels: Labels;
}

/** What a source sent before: it sends the same series in the same order, as a rule. */
export interface Origin {
  readonly source: string;
  readonly service: string;
  /** By name and labels in the order in which the source gives them. */
  readonly known: Map<string, Series>;
  readonly guesses: Guess[];
  /** Of the next sample in its batch. */
  place: number;
}

/** What stood at a place in the source's last batch: comparing costs a fifth of making a key and finding it. */
interface Guess {
  readonly name: string;
  readonly labels: readonly string[];
  readonly values: readonly string[];
  readonly series: Series;
}

export class SeriesIndex {
  readonly #seriesMax: number;
  readonly #byKey = new Map<string, Series>();
  /** By source and service. */
  readonly #origins = new Map<string, Origin>();
  readonly #byLabel = new Map<string, Set<Series>>();
  #aliases = 0;
  #idMax = 0;
  #refused = new Distinct();
  #refusedSamples = 0;
  #labelsCut = 0;

  constructor(seriesMax: number) {
    this.#seriesMax = seriesMax;
  }

  get size(): number {
    return this.#byKey.size;
  }

  get seriesMax(): number {
    return this.#seriesMax;
  }

  get refusedSeries(): number {
    return this.#refused.count;
  }

  get refusedSamples(): number {
    return this.#refusedSamples;
  }

  get labelsCut(): number {
    return this.#labelsCut;
  }

  all(): IterableIterator<Series> {
    return this.#byKey.values();
  }

  /** Call it before a batch: what `find` needs to know of its source. */
  origin({ source, service }: Batch): Origin {
    const key = `${source}\0${service}`;
    let origin = this.#origins.get(key);
    if (origin === undefined) {
      origin = { source, service, known: new Map(), guesses: [], place: 0 };
      this.#origins.set(key, origin);
    }
    origin.place = 0;
    return origin;
  }

  /** The series of a sample, which is made when there is none yet; undefined when there are too many. */
  find(origin: Origin, named: Named, kind: SeriesKind): Series | undefined {
    const place = origin.place++;
    const guess = origin.guesses[place];
    if (guess !== undefined && isSame(guess, named, kind)) {
      return guess.series;
    }
    const series = this.#look(origin, named, kind);
    if (series !== undefined && place <= origin.guesses.length) {
      const labels = Object.keys(named.labels);
      const values = labels.map((label) => named.labels[label] ?? "");
      origin.guesses[place] = { name: named.name, labels, values, series };
    }
    return series;
  }

  load(stored: StoredSeries): void {
    this.#put({ ...stored, isStored: true });
  }

  delete(series: Series): void {
    this.#byKey.delete(toKey(series));
    this.#forget();
    for (const posting of postingsOf(series)) {
      const rest = this.#byLabel.get(posting);
      rest?.delete(series);
      if (rest?.size === 0) {
        this.#byLabel.delete(posting);
      }
    }
  }

  /** From the shortest list that an equality gives, those that pass the test. */
  select(
    metric: string | undefined,
    matchers: readonly Matcher[],
    test: LabelTest,
  ): readonly Series[] {
    const postings = matchers
      .filter(({ op, value }) => op === "=" && value !== "")
      .map(({ label, value }) => `${label}\0${value}`);
    if (metric !== undefined) {
      postings.push(`\0${metric}`);
    }
    const sets = postings.map((posting) => this.#byLabel.get(posting) ?? new Set<Series>());
    const shortest = sets.toSorted((a, b) => a.size - b.size)[0] ?? this.#byKey.values();
    const isOfMetric = (series: Series): boolean =>
      metric === undefined || series.metric === metric;
    return [...shortest].filter((series) => isOfMetric(series) && test(series.labels));
  }

  #look(origin: Origin, named: Named, kind: SeriesKind): Series | undefined {
    let key = `${kind}${named.name}`;
    for (const label in named.labels) {
      key += `\0${label}\0${named.labels[label]}`;
    }
    const found = origin.known.get(key) ?? this.#findLimited(origin, named, kind);
    if (found === undefined) {
      this.#refused.add(`${origin.source}\0${key}`);
      this.#refusedSamples++;
    } else if (!origin.known.has(key)) {
      this.#remember(origin.known, key, found);
    }
    return found;
  }

  #findLimited(batch: Origin, { name, labels }: Named, kind: SeriesKind): Series | undefined {
    const limited: Record<string, string> = { source: toLimited(batch.source) };
    if (batch.service !== "") {
      limited["service"] = toLimited(batch.service);
    }
    for (const label of Object.keys(labels).toSorted()) {
      const value = labels[label] ?? "";
      const kept = toLimited(value);
      this.#labelsCut += kept === value ? 0 : 1;
      if (value !== "") {
        limited[toFreeName(toLimited(label), limited)] = kept;
      }
    }
    const metric = toLimited(name);
    const known = this.#byKey.get(toKey({ metric, kind, labels: limited }));
    if (known !== undefined || this.#byKey.size >= this.#seriesMax) {
      return known;
    }
    return this.#put({
      id: this.#idMax + 1,
      metric,
      kind,
      labels: limited,
      committedSeq: 0,
      knownUntil: -Infinity,
      rolledUntil: 0,
      windowMs: 0,
      firstAt: Infinity,
      lastAt: -Infinity,
      isStored: false,
    });
  }

  #put(stored: StoredSeries & { readonly isStored: boolean }): Series {
    const series: Series = {
      ...stored,
      head: undefined,
      headSeq: stored.committedSeq,
      headSlice: 0,
      dueAt: 0,
      pointsMax: 0,
      tails: new Map(),
    };
    this.#byKey.set(toKey(series), series);
    this.#idMax = Math.max(this.#idMax, series.id);
    for (const posting of postingsOf(series)) {
      const set = this.#byLabel.get(posting);
      if (set === undefined) {
        this.#byLabel.set(posting, new Set([series]));
      } else {
        set.add(series);
      }
    }
    return series;
  }

  /** Sources give labels in one order, so that a series has one name as a rule; what else is tried stays bounded. */
  #remember(known: Map<string, Series>, key: string, series: Series): void {
    if (this.#aliases >= this.#seriesMax * 2) {
      this.#forget();
    }
    known.set(key, series);
    this.#aliases++;
  }

  #forget(): void {
    this.#origins.clear();
    this.#aliases = 0;
  }
}

export function toInfo({ metric, kind, labels, firstAt, lastAt }: Series): SeriesInfo {
  return { metric, kind, labels, firstAt, lastAt };
}

function isSame({ name, labels, values, series }: Guess, named: Named, kind: SeriesKind): boolean {
  if (series.kind !== kind || name !== named.name) {
    return false;
  }
  let at = 0;
  for (const label in named.labels) {
    if (labels[at] !== label || values[at] !== named.labels[label]) {
      return false;
    }
    at++;
  }
  return at === labels.length;
}

/** As Prometheus renames a label that its own labels hide. */
function toFreeName(label: string, taken: Labels): string {
  return Object.hasOwn(taken, label) || label === "__proto__" ? `exported_${label}` : label;
}

function toKey({ metric, kind, labels }: Pick<Series, "metric" | "kind" | "labels">): string {
  let key = `${kind}\0${metric}`;
  for (const label of Object.keys(labels).toSorted()) {
    key += `\0${label}\0${labels[label]}`;
  }
  return key;
}

function postingsOf({ metric, labels }: Series): readonly string[] {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}\0${value}`);
  return [`\0${metric}`, ...pairs];
}
