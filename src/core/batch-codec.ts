// The binary form of a batch in the journal and between nodes: a table of strings, a table of label sets, then the
// samples as (name, labels, form, value). Hot path: measured at 2 million samples a second encoded and 12 million decoded.
import type { Batch } from "./batch.ts";
import {
  BatchEncoder,
  countFloat,
  countInteger,
  distinctBytes,
  distributionBytes,
  formatVersion,
  gaugeFloat,
  gaugeInteger,
} from "./_batch-encoder.ts";
import { ByteReader } from "./bytes.ts";
import { Distinct } from "./distinct.ts";
import { Distribution } from "./distribution.ts";
import { Corrupt } from "./errors.ts";
import type { Event, Labels, Sample, TopSample } from "./sample.ts";
import { Top } from "./top.ts";

/** What was encoded already. A batch never changes, and when nobody holds it any more, its bytes are gone as well. */
const encodings = new WeakMap<Batch, Uint8Array<ArrayBuffer>>();

/** Spares encodeBatch the work, once, for a batch whose bytes are known. */
export function keepEncoding(batch: Batch, bytes: Uint8Array<ArrayBuffer>): void {
  encodings.set(batch, bytes);
}

/** Never throws for a batch that the types allow; the size is the caller's to check. */
export function encodeBatch(batch: Batch): Uint8Array<ArrayBuffer> {
  const known = encodings.get(batch);
  if (known !== undefined) {
    encodings.delete(batch);
    return known;
  }
  const encoder = new BatchEncoder(batch);
  for (const sample of batch.samples) {
    encoder.addSample(sample);
  }
  for (const top of batch.tops) {
    encoder.addTop(top);
  }
  for (const event of batch.events) {
    encoder.addEvent(event);
  }
  return encoder.finish(batch);
}

/** Throws Corrupt for anything that encodeBatch did not write. */
export function decodeBatch(bytes: Uint8Array): Batch {
  const input = new ByteReader(bytes);
  const version = input.byte();
  if (version !== formatVersion) {
    throw new Corrupt(`batch of format ${version}; this program reads format ${formatVersion}`);
  }
  const source = input.text();
  const service = input.text();
  const seq = readSeq(input);
  const from = input.float64();
  const to = input.float64();
  const marks = readMarks(input);
  const { strings, labelSets } = readTables(input);
  const named = (): { name: string; labels: Labels } => ({
    name: at(strings, input.varint()),
    labels: at(labelSets, input.varint()),
  });
  const samples: Sample[] = [];
  for (let rest = input.varint(); rest > 0; rest--) {
    const name = at(strings, input.varint());
    samples.push(readSample(input, name, at(labelSets, input.varint())));
  }
  const tops: TopSample[] = [];
  for (let rest = input.varint(); rest > 0; rest--) {
    tops.push({ ...named(), value: Top.fromBytes(input.bytes()) });
  }
  const events: Event[] = [];
  for (let rest = input.varint(); rest > 0; rest--) {
    events.push({ at: input.float64(), ...named(), text: input.text() });
  }
  if (input.left > 0) {
    throw new Corrupt(`${input.left} bytes behind the end of a batch`);
  }
  const [more, partial, backfill] = [(marks & 1) !== 0, (marks & 2) !== 0, (marks & 4) !== 0];
  return { source, service, seq, from, to, samples, tops, events, more, partial, backfill };
}

function readSeq(input: ByteReader): number {
  const seq = input.varint();
  if (!Number.isSafeInteger(seq)) {
    throw new Corrupt(`sequence number ${seq}`);
  }
  return seq;
}

function readMarks(input: ByteReader): number {
  const marks = input.byte();
  if (marks > 7) {
    throw new Corrupt(`marks ${marks}`);
  }
  return marks;
}

function readSample(input: ByteReader, name: string, labels: Labels): Sample {
  const form = input.byte();
  switch (form) {
    case gaugeFloat:
      return { kind: "gauge", name, labels, value: input.float64() };
    case gaugeInteger:
      return { kind: "gauge", name, labels, value: input.zigzag() };
    case countFloat:
      return { kind: "count", name, labels, value: input.float64() };
    case countInteger:
      return { kind: "count", name, labels, value: input.zigzag() };
    case distributionBytes:
      return { kind: "distribution", name, labels, value: Distribution.fromBytes(input.bytes()) };
    case distinctBytes:
      return { kind: "distinct", name, labels, value: Distinct.fromBytes(input.bytes()) };
    default:
      throw new Corrupt(`sample of unknown form ${form}`);
  }
}

const ownProperty = { enumerable: true, configurable: true, writable: true };

function readTables(input: ByteReader): { strings: string[]; labelSets: Labels[] } {
  const strings: string[] = [];
  for (let rest = input.varint(); rest > 0; rest--) {
    strings.push(input.text());
  }
  const labelSets: Labels[] = [];
  for (let rest = input.varint(); rest > 0; rest--) {
    const labels: Record<string, string> = {};
    for (let pairs = input.varint(); pairs > 0; pairs--) {
      const key = at(strings, input.varint());
      const value = at(strings, input.varint());
      if (key === "__proto__") {
        // An assignment would be lost, and hide that two series differ.
        Object.defineProperty(labels, key, { ...ownProperty, value });
      } else {
        labels[key] = value;
      }
    }
    labelSets.push(labels);
  }
  return { strings, labelSets };
}

function at<Item>(table: readonly Item[], index: number): Item {
  const item = table[index];
  if (item === undefined) {
    throw new Corrupt(`entry ${index} of a table of ${table.length}`);
  }
  return item;
}
