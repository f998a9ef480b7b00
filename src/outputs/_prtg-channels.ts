// What PRTG's channels show: the latest value of every series, kept because a push has to hold all channels of a sensor
// (one that is missing records 0), and in one order, so that a channel never moves to another sensor.
import type { Batch } from "../core/batch.ts";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";
import type { Sample } from "../core/sample.ts";
import { type PrtgChannel, type PrtgUnit, prtgUnits, toPrtgUnit } from "./_prtg-document.ts";

/** More are not shown by PRTG. */
export const channelsPerSensor = 50;

export interface PrtgSensor {
  /** Its identification token. */
  readonly token: string;
  readonly channels: readonly PrtgChannel[];
  /** Names of channels that were not measured in the latest window of their source. */
  readonly missing: readonly string[];
  /** The end of the latest window, in milliseconds since the epoch. */
  readonly to: number;
}

export interface PrtgChannelsOptions {
  /** The sensor that a sample belongs to, and what its channel is called. */
  readonly place: (source: string, sample: Sample) => PrtgPlace;
  readonly channelsMax: number;
}

export interface PrtgPlace {
  /** The token of the first sensor; further ones are `token-2`, `token-3` … */
  readonly token: string;
  readonly name: string;
}

interface Channel {
  readonly source: string;
  readonly name: string;
  readonly unit: PrtgUnit;
  value: number;
  /** Sequence number of the batch that touched it last. */
  seq: number;
}

interface Source {
  seq: number;
  to: number;
  /** Sequence number at which the latest window that is complete began, and at which the one after it does. */
  windowSeq: number;
  nextWindowSeq: number;
}

const formatVersion = 1;

export class PrtgChannels {
  readonly #options: PrtgChannelsOptions;
  readonly #sources = new Map<string, Source>();
  /** By token, then by name, in the order of first appearance. */
  readonly #groups = new Map<string, Map<string, Channel>>();
  #size = 0;
  #refused = 0;

  /** Throws Corrupt for a state that `toBytes` did not write. */
  constructor(options: PrtgChannelsOptions, state?: Uint8Array) {
    this.#options = options;
    if (state !== undefined) {
      this.#load(new ByteReader(state));
    }
  }

  /** Series that found no room. */
  get refused(): number {
    return this.#refused;
  }

  /**
   * Adds what is new to the latest values, counts to their totals. A batch that was added before is passed over, so
   * that a write may be tried again. Returns the tokens of the groups that show something of it.
   */
  add(batch: Batch): ReadonlySet<string> {
    const source = this.#sourceOf(batch);
    const isNew = batch.seq > source.seq;
    const tokens = new Set<string>();
    for (const sample of batch.samples) {
      const place = this.#options.place(batch.source, sample);
      tokens.add(place.token);
      if (isNew) {
        this.#addSample(batch, place, sample);
      }
    }
    if (isNew) {
      source.seq = batch.seq;
      source.to = Math.max(source.to, batch.to);
      if (!batch.more) {
        source.windowSeq = source.nextWindowSeq;
        source.nextWindowSeq = batch.seq + 1;
      }
    }
    return tokens;
  }

  /** Every sensor, or those of one group: as many as its channels need. */
  *sensors(only?: string): Generator<PrtgSensor> {
    for (const [token, group] of this.#groups) {
      if (only !== undefined && token !== only) {
        continue;
      }
      const all = [...group.values()];
      for (let i = 0; i * channelsPerSensor < all.length; i++) {
        const part = all.slice(i * channelsPerSensor, (i + 1) * channelsPerSensor);
        yield this.#toSensor(i === 0 ? token : `${token}-${i + 1}`, part);
      }
    }
  }

  toBytes(): Uint8Array {
    const out = new ByteWriter(4096);
    out.byte(formatVersion);
    out.varint(this.#sources.size);
    for (const [id, { seq, to, windowSeq, nextWindowSeq }] of this.#sources) {
      out.text(id);
      [seq, windowSeq, nextWindowSeq].forEach((each) => out.varint(each));
      out.float64(to);
    }
    out.varint(this.#groups.size);
    for (const [token, group] of this.#groups) {
      out.text(token);
      out.varint(group.size);
      for (const { source, name, unit, value, seq } of group.values()) {
        out.text(source);
        out.text(name);
        out.byte(prtgUnits.indexOf(unit));
        out.float64(value);
        out.varint(seq);
      }
    }
    return out.finish();
  }

  #load(input: ByteReader): void {
    const version = input.byte();
    if (version !== formatVersion) {
      throw new Corrupt(`channels of format ${version}; this program reads ${formatVersion}`);
    }
    for (let rest = input.varint(); rest > 0; rest--) {
      const id = input.text();
      const [seq, windowSeq, nextWindowSeq] = [input.varint(), input.varint(), input.varint()];
      this.#sources.set(id, { seq, windowSeq, nextWindowSeq, to: input.float64() });
    }
    for (let groups = input.varint(); groups > 0; groups--) {
      const group = new Map<string, Channel>();
      this.#groups.set(input.text(), group);
      for (let rest = input.varint(); rest > 0; rest--) {
        const [source, name, unit] = [input.text(), input.text(), prtgUnits[input.byte()]];
        if (unit === undefined) {
          throw new Corrupt("a channel of unknown unit");
        }
        group.set(name, { source, name, unit, value: input.float64(), seq: input.varint() });
        this.#size++;
      }
    }
    if (input.left > 0) {
      throw new Corrupt(`${input.left} bytes behind the channels`);
    }
  }

  #sourceOf(batch: Batch): Source {
    let source = this.#sources.get(batch.source);
    if (source === undefined) {
      source = { seq: 0, to: 0, windowSeq: 0, nextWindowSeq: batch.seq };
      this.#sources.set(batch.source, source);
    }
    return source;
  }

  #addSample(batch: Batch, { token, name }: PrtgPlace, sample: Sample): void {
    if (sample.kind !== "distribution") {
      const value = sample.kind === "distinct" ? sample.value.count : sample.value;
      this.#set(batch, { token, name, unit: toPrtgUnit(sample.name, sample.kind), value });
      return;
    }
    const { value } = sample;
    const unit = toPrtgUnit(sample.name, "gauge");
    for (const percent of value.count === 0 ? [] : [50, 90, 99]) {
      const quantile = value.quantile(percent / 100);
      this.#set(batch, { token, name: `${name} p${percent}`, unit, value: quantile });
    }
  }

  #set(batch: Batch, given: PrtgPlace & { unit: PrtgUnit; value: number }): void {
    const { token, name, unit, value } = given;
    if (!Number.isFinite(value)) {
      return;
    }
    const { source, seq } = batch;
    const group = this.#groups.get(token) ?? new Map<string, Channel>();
    const known = group.get(name);
    if (known !== undefined) {
      known.value = unit.isCount ? known.value + value : batch.backfill ? known.value : value;
      known.seq = seq;
    } else if (this.#size < this.#options.channelsMax) {
      this.#groups.set(token, group);
      group.set(name, { source, name, unit, value, seq });
      this.#size++;
    } else {
      this.#refused++;
    }
  }

  #toSensor(token: string, channels: readonly Channel[]): PrtgSensor {
    const isMissing = ({ source, seq, unit }: Channel): boolean =>
      !unit.isCount && seq < (this.#sources.get(source)?.windowSeq ?? 0);
    const ends = channels.map(({ source }) => this.#sources.get(source)?.to ?? 0);
    return {
      token,
      channels,
      missing: channels.filter(isMissing).map(({ name }) => name),
      to: Math.max(...ends),
    };
  }
}
