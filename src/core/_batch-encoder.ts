// Hot path, see batch-codec.ts.
import { BatchTables } from "./_batch-tables.ts";
import type { Batch } from "./batch.ts";
import { ByteWriter } from "./bytes.ts";
import type { Event, Sample, TopSample } from "./sample.ts";

export const formatVersion = 1;

/** What a value's byte says. Counts and gauges that are whole numbers are written short. */
export const gaugeFloat = 0;
export const gaugeInteger = 1;
export const countFloat = 2;
export const countInteger = 3;
export const distributionBytes = 4;
export const distinctBytes = 5;

/** Besides source and service: numbers of a head, and how many there are of everything. */
const headBytesMax = 96;

/** Writes one batch, item by item: samples, then tops, then events. */
export class BatchEncoder {
  readonly #tables = new BatchTables();
  readonly #samples: ByteWriter;
  readonly #tops = new ByteWriter(64);
  readonly #events = new ByteWriter(64);
  readonly #headBytes: number;
  #sampleCount = 0;
  #topCount = 0;
  #eventCount = 0;

  constructor({ source, service, samples }: Pick<Batch, "source" | "service" | "samples">) {
    this.#samples = new ByteWriter(64 + samples.length * 12);
    this.#headBytes = headBytesMax + Buffer.byteLength(source) + Buffer.byteLength(service);
  }

  /** What `finish` returns is at most as long. */
  get sizeBytesMax(): number {
    const bodies = this.#samples.length + this.#tops.length + this.#events.length;
    return this.#headBytes + this.#tables.sizeBytes + bodies;
  }

  addSample(sample: Sample): void {
    this.#sampleCount++;
    this.#samples.varint(this.#tables.string(sample.name));
    this.#samples.varint(this.#tables.labels(sample.labels));
    writeValue(this.#samples, sample);
  }

  addTop({ name, labels, value }: TopSample): void {
    this.#topCount++;
    this.#tops.varint(this.#tables.string(name));
    this.#tops.varint(this.#tables.labels(labels));
    this.#tops.bytes(value.toBytes());
  }

  addEvent({ at, name, labels, text }: Event): void {
    this.#eventCount++;
    this.#events.float64(at);
    this.#events.varint(this.#tables.string(name));
    this.#events.varint(this.#tables.labels(labels));
    this.#events.text(text);
  }

  /** `head`: the batch whose items were added. */
  finish(head: Omit<Batch, "samples" | "tops" | "events">): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter(this.sizeBytesMax);
    out.byte(formatVersion);
    out.text(head.source);
    out.text(head.service);
    out.varint(head.seq);
    out.float64(head.from);
    out.float64(head.to);
    out.byte((head.more ? 1 : 0) | (head.partial ? 2 : 0) | (head.backfill ? 4 : 0));
    this.#tables.write(out);
    out.varint(this.#sampleCount);
    out.raw(this.#samples.finish());
    out.varint(this.#topCount);
    out.raw(this.#tops.finish());
    out.varint(this.#eventCount);
    out.raw(this.#events.finish());
    return out.finish();
  }
}

function writeValue(out: ByteWriter, sample: Sample): void {
  switch (sample.kind) {
    case "gauge":
    case "count": {
      const isInteger =
        Number.isSafeInteger(sample.value) &&
        Math.abs(sample.value) < 2 ** 51 &&
        !Object.is(sample.value, -0);
      out.byte((sample.kind === "gauge" ? gaugeFloat : countFloat) + (isInteger ? 1 : 0));
      if (isInteger) {
        out.zigzag(sample.value);
      } else {
        out.float64(sample.value);
      }
      break;
    }
    case "distribution":
      out.byte(distributionBytes);
      out.bytes(sample.value.toBytes());
      break;
    case "distinct":
      out.byte(distinctBytes);
      out.bytes(sample.value.toBytes());
      break;
  }
}
