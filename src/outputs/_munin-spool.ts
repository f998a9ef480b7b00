// What a Munin master has not fetched yet: batches as points in time, one number a line of a graph.
import { type Batch, isTick } from "../core/batch.ts";
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";
import { type Labels, seriesText } from "../core/sample.ts";
import { type Total, Totals } from "../core/totals.ts";
import { readValues, writeValues } from "./_munin-values.ts";

/** A series of a source: where its numbers stand in each point. */
export interface Column {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: Total["kind"];
  /** A distribution takes as many slots as `distributionSlots` has, everything else one. */
  readonly slot: number;
}

export interface Point {
  /** Seconds since the epoch. */
  readonly atS: number;
  /** What its counts cover, back from `atS`: to the point before, as an RRD takes it; never zero. */
  readonly spanS: number;
  /** 1, 2, 3 … over all sources, in the order of arrival. */
  readonly serial: number;
  /** Shorter than the columns when it is older than some; NaN for what was not measured. */
  readonly values: Float64Array;
}

export interface SpooledSource {
  readonly id: string;
  readonly service: string;
  readonly columns: readonly Column[];
  /** Oldest first; their times rise. */
  readonly points: readonly Point[];
}

export const distributionSlots = ["count", "sum", "min", "max", "p50", "p90", "p99"] as const;

export interface SpoolLimits {
  /** Points of one source lie at least so far apart: one in each such stretch of the clock. */
  readonly resolutionS: number;
  readonly keepS: number;
  /** Numbers in one point of every source. */
  readonly slotsMax: number;
  /** Numbers in all points together: what the state may grow to. */
  readonly valuesMax: number;
}

interface OpenSource {
  readonly id: string;
  service: string;
  /** What came since the last point. */
  pending: Totals;
  /** The time of the last point, in seconds; before the first one, when what is pending began. */
  closedS: number | undefined;
  readonly columns: Column[];
  readonly columnOf: Map<string, Column>;
  slots: number;
  points: Point[];
}

const formatVersion = 1;
const kinds = ["count", "gauge", "distribution"] as const;

export class Spool {
  readonly #limits: SpoolLimits;
  readonly #sources = new Map<string, OpenSource>();
  #serial = 0;
  #slots = 0;
  #values = 0;
  #refused = 0;

  constructor(limits: SpoolLimits) {
    this.#limits = limits;
  }

  /** Of the newest point. */
  get serial(): number {
    return this.#serial;
  }

  /** Series that had no room since the start. */
  get refused(): number {
    return this.#refused;
  }

  get sources(): Iterable<SpooledSource> {
    return this.#sources.values();
  }

  add(batch: Batch): void {
    const source = this.#of(batch);
    const atS = Math.floor(batch.to / 1000);
    source.closedS ??= Math.floor(batch.from / 1000);
    if (batch.backfill && atS <= source.closedS) {
      return; // RRDs take nothing older than what they have.
    }
    source.pending.add(batch);
    const { resolutionS } = this.#limits;
    const isDue = Math.floor(atS / resolutionS) > Math.floor(source.closedS / resolutionS);
    const isBareTick = isTick(batch) && batch.samples.length === 0;
    if (!batch.more && isDue && !isBareTick && atS >= 0) {
      this.#close(source, atS);
    }
  }

  /**
   * Forgets what is older than `keepS`, what `isDone` says of, and what there is no room for; returns how many points
   * went that were not done.
   */
  trim(isDone: (point: Point) => boolean): number {
    const { keepS, valuesMax } = this.#limits;
    const newestS = this.#newestS();
    let lost = 0;
    const drop = (source: OpenSource, points: number): void => {
      for (const point of source.points.splice(0, points)) {
        this.#values -= point.values.length;
        lost += isDone(point) ? 0 : 1;
      }
    };
    for (const source of this.#sources.values()) {
      const kept = source.points.findIndex(
        (point) => point.atS >= newestS - keepS && !isDone(point),
      );
      drop(source, kept < 0 ? source.points.length - 1 : kept);
      const last = source.points.at(-1);
      if (last !== undefined && last.atS < newestS - keepS) {
        drop(source, 1);
        this.#sources.delete(source.id);
        this.#slots -= source.slots;
      }
    }
    while (this.#values > valuesMax) {
      const longest = [...this.#sources.values()].toSorted(
        (a, b) => b.points.length - a.points.length,
      )[0];
      if (longest === undefined || longest.points.length <= 1) {
        break;
      }
      drop(longest, 1);
    }
    return lost;
  }

  write(out: ByteWriter): void {
    out.byte(formatVersion);
    out.varint(this.#serial);
    out.varint(this.#sources.size);
    for (const source of this.#sources.values()) {
      writeSource(out, source);
    }
  }

  /** Throws Corrupt for anything that `write` did not write. */
  static read(input: ByteReader, limits: SpoolLimits): Spool {
    const spool = new Spool(limits);
    const version = input.byte();
    if (version !== formatVersion) {
      throw new Corrupt(`a spool of format ${version}; this program reads format ${formatVersion}`);
    }
    spool.#serial = input.varint();
    for (let rest = input.varint(); rest > 0; rest--) {
      const source = readSource(input, limits.slotsMax);
      spool.#sources.set(source.id, source);
      spool.#slots += source.slots;
      spool.#values += source.points.reduce((sum, { values }) => sum + values.length, 0);
    }
    return spool;
  }

  #of({ source: id, service }: Batch): OpenSource {
    let source = this.#sources.get(id);
    if (source === undefined) {
      source = createSource(id, this.#limits.slotsMax);
      this.#sources.set(id, source);
    }
    source.service = service;
    return source;
  }

  #close(source: OpenSource, atS: number): void {
    const totals = [...source.pending.list()];
    this.#refused += source.pending.refused;
    const entries = totals.map((total) => [this.#columnOf(source, total), total] as const);
    const values = new Float64Array(source.slots).fill(Number.NaN);
    for (const { kind, slot } of source.columns) {
      if (kind !== "gauge") {
        values[slot] = 0; // A count that is not mentioned is none; so is a distribution's.
      }
    }
    for (const [column, total] of entries) {
      if (column !== undefined) {
        values.set(toSlots(total), column.slot);
      }
    }
    const spanS = atS - (source.closedS ?? atS);
    // An RRD begins a whole step before its first value.
    const isFirst = source.points.length === 0;
    const coveredS = isFirst ? Math.max(spanS, this.#limits.resolutionS) : spanS;
    source.points.push({ atS, spanS: coveredS, serial: ++this.#serial, values });
    this.#values += values.length;
    source.closedS = atS;
    source.pending = new Totals(this.#limits.slotsMax);
  }

  #columnOf(source: OpenSource, { name, labels, kind }: Total): Column | undefined {
    const key = `${kind} ${seriesText(name, labels)}`;
    const known = source.columnOf.get(key);
    if (known !== undefined) {
      return known;
    }
    const width = widthOf(kind);
    if (this.#slots + width > this.#limits.slotsMax) {
      this.#refused++;
      return undefined;
    }
    this.#slots += width;
    return addColumn(source, { name, labels, kind });
  }

  #newestS(): number {
    const times = [...this.#sources.values()].map(({ points }) => points.at(-1)?.atS ?? 0);
    return Math.max(0, ...times);
  }
}

function createSource(id: string, slotsMax: number): OpenSource {
  return {
    id,
    service: "",
    pending: new Totals(slotsMax),
    closedS: undefined,
    columns: [],
    columnOf: new Map(),
    slots: 0,
    points: [],
  };
}

/* oxlint-disable no-param-reassign -- a source is this file's own mutable record. */
function addColumn(source: OpenSource, series: Omit<Column, "slot">): Column {
  const column = { ...series, slot: source.slots };
  source.columns.push(column);
  source.columnOf.set(`${series.kind} ${seriesText(series.name, series.labels)}`, column);
  source.slots += widthOf(series.kind);
  return column;
}
/* oxlint-enable no-param-reassign */

function widthOf(kind: Total["kind"]): number {
  return kind === "distribution" ? distributionSlots.length : 1;
}

function toSlots(total: Total): readonly number[] {
  if (total.kind !== "distribution") {
    return [total.value];
  }
  const { value } = total;
  const { count, sum } = value;
  return count === 0
    ? [0]
    : [count, sum, value.min, value.max, ...[0.5, 0.9, 0.99].map((q) => value.quantile(q))];
}

function writeSource(out: ByteWriter, source: OpenSource): void {
  out.text(source.id);
  out.text(source.service);
  out.float64(source.closedS ?? Number.NaN);
  out.bytes(source.pending.toBytes());
  out.varint(source.columns.length);
  for (const { name, labels, kind } of source.columns) {
    out.byte(kinds.indexOf(kind));
    out.text(name);
    const pairs = Object.entries(labels);
    out.varint(pairs.length);
    for (const [label, value] of pairs) {
      out.text(label);
      out.text(value);
    }
  }
  out.varint(source.points.length);
  for (const { atS, spanS, serial, values } of source.points) {
    out.varint(atS);
    out.float64(spanS);
    out.varint(serial);
    writeValues(out, values);
  }
}

function readSource(input: ByteReader, slotsMax: number): OpenSource {
  const source = createSource(input.text(), slotsMax);
  source.service = input.text();
  const closedS = input.float64();
  source.closedS = Number.isNaN(closedS) ? undefined : closedS;
  source.pending = Totals.fromBytes(input.bytes(), slotsMax);
  for (let columns = input.varint(); columns > 0; columns--) {
    const kind = kinds[input.byte()];
    if (kind === undefined) {
      throw new Corrupt("a column of unknown kind");
    }
    const name = input.text();
    const labels: Record<string, string> = {};
    for (let pairs = input.varint(); pairs > 0; pairs--) {
      const label = input.text();
      labels[label] = input.text();
    }
    addColumn(source, { name, labels, kind });
  }
  for (let points = input.varint(); points > 0; points--) {
    const [atS, spanS, serial] = [input.varint(), input.float64(), input.varint()];
    source.points.push({ atS, spanS, serial, values: readValues(input) });
  }
  return source;
}
