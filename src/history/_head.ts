// The samples of one series that are not committed yet. Hot path: one call a sample; see bench/history.ts.
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Distinct } from "../core/distinct.ts";
import type { Distribution } from "../core/distribution.ts";
import { Top } from "../core/top.ts";
import { createBlock, topEntriesMax, type Block } from "./_block.ts";
import type { SeriesKind } from "./history.ts";

export type HeadValue = number | Distribution | Distinct | Top;

/** Points come in any order; those of the same time in a row are merged at once. */
export interface Head {
  readonly points: number;
  /** In memory, about. */
  readonly sizeBytes: number;
  /** False, and nothing is changed, for a value that cannot be kept. */
  add(time: number, value: HeadValue): boolean;
  /** A copy; times may be out of order, and may repeat. */
  toBlock(): Block;
}

export function createHead(kind: SeriesKind): Head {
  return kind === "count" || kind === "gauge" ? new NumberHead(kind) : new SummaryHead(kind);
}

/** Time and value, or for a gauge with several measurements a point: time, sum, count, min, max. */
class NumberHead implements Head {
  readonly #kind: "gauge" | "count";
  #records: number[] = [];
  #width = 2;

  constructor(kind: "gauge" | "count") {
    this.#kind = kind;
  }

  get points(): number {
    return this.#records.length / this.#width;
  }

  get sizeBytes(): number {
    return this.#records.length * 8;
  }

  add(time: number, value: HeadValue): boolean {
    if (typeof value !== "number" || !Number.isFinite(value)) {
      return false;
    }
    const last = this.#records.length - this.#width;
    if (last < 0 || this.#records[last] !== time) {
      if (this.#width === 2) {
        this.#records.push(time, value);
      } else {
        this.#records.push(time, value, 1, value, value);
      }
    } else if (this.#kind === "count") {
      this.#records[last + 1] = (this.#records[last + 1] ?? 0) + value;
    } else {
      this.#mergeGauge(value);
    }
    return true;
  }

  toBlock(): Block {
    const block = createBlock(this.#kind);
    const records = this.#records;
    for (let at = 0; at < records.length; at += this.#width) {
      block.times.push(records[at] ?? 0);
      const value = records[at + 1] ?? 0;
      block.columns[0]?.push(value);
      if (this.#kind === "gauge") {
        const isWide = this.#width > 2;
        block.columns[1]?.push(isWide ? (records[at + 2] ?? 1) : 1);
        block.columns[2]?.push(isWide ? (records[at + 3] ?? value) : value);
        block.columns[3]?.push(isWide ? (records[at + 4] ?? value) : value);
      }
    }
    return block;
  }

  #mergeGauge(value: number): void {
    if (this.#width === 2) {
      const { times, columns } = this.toBlock();
      this.#width = 5;
      this.#records = times.flatMap((time, at) => [
        time,
        ...columns.map((column) => column[at] ?? 0),
      ]);
    }
    const last = this.#records.length - this.#width;
    const [sum, count, min, max] = this.#records.slice(last + 1);
    this.#records[last + 1] = (sum ?? 0) + value;
    this.#records[last + 2] = (count ?? 0) + 1;
    this.#records[last + 3] = Math.min(min ?? value, value);
    this.#records[last + 4] = Math.max(max ?? value, value);
  }
}

type Summary = Distribution | Distinct | Top;

/** Only the latest point is kept as an object; the others as bytes, one behind the other. */
class SummaryHead implements Head {
  readonly #kind: SeriesKind;
  readonly #times: number[] = [];
  readonly #closed = new ByteWriter(64);
  #open: Summary | undefined;
  /** The first summary of a point is the batch's, which other readers see too: it is copied before it is changed. */
  #isOwn = false;

  constructor(kind: SeriesKind) {
    this.#kind = kind;
  }

  get points(): number {
    return this.#times.length;
  }

  get sizeBytes(): number {
    return this.#closed.length + this.#times.length * 8;
  }

  add(time: number, value: HeadValue): boolean {
    const summary = this.#toSummary(value);
    if (summary === undefined) {
      return false;
    }
    if (this.#open !== undefined && this.#times.at(-1) === time) {
      this.#open = this.#isOwn ? this.#open : this.#open.clone();
      this.#isOwn = true;
      merge(this.#open, summary);
      return true;
    }
    this.#close();
    this.#times.push(time);
    this.#open = summary;
    this.#isOwn = summary !== value;
    return true;
  }

  toBlock(): Block {
    const block = createBlock(this.#kind);
    const closed = new ByteReader(this.#closed.finish());
    for (const time of this.#times) {
      block.times.push(time);
      if (closed.left > 0) {
        block.summaries.push(closed.bytes());
      }
    }
    if (this.#open !== undefined) {
      block.summaries.push(this.#open.toBytes());
    }
    return block;
  }

  #close(): void {
    if (this.#open !== undefined) {
      this.#closed.bytes(this.#open.toBytes());
    }
  }

  /** Distincts of another seed could never be merged, and tops of any size would fill the disk. */
  #toSummary(value: HeadValue): Summary | undefined {
    if (typeof value === "number") {
      return undefined;
    }
    if (value instanceof Top) {
      const top = new Top(topEntriesMax);
      top.merge(value);
      return top;
    }
    return value instanceof Distinct && !isMergeable(value) ? undefined : value;
  }
}

/** Between two of one kind, as all of a series are. */
function merge(into: Summary, other: Summary): void {
  if (into instanceof Distinct && other instanceof Distinct) {
    into.merge(other);
  } else if (into instanceof Top && other instanceof Top) {
    into.merge(other);
  } else if ("quantile" in into && "quantile" in other) {
    into.merge(other);
  }
}

function isMergeable(value: Distinct): boolean {
  try {
    new Distinct().merge(value);
    return true;
  } catch {
    return false;
  }
}
