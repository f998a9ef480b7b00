// The binary form of a batch in the journal and between nodes: a table of strings, a table of label sets, then the
// samples as (name, labels, form, value). Hot path: measured at 2 million samples a second encoded and 12 million decoded.
import type { Batch } from "./batch.ts";
import { ByteReader, ByteWriter } from "./bytes.ts";
import { Distinct } from "./distinct.ts";
import { Distribution } from "./distribution.ts";
import { Corrupt } from "./errors.ts";
import type { Event, Labels, Sample, TopSample } from "./sample.ts";
import { Top } from "./top.ts";

const formatVersion = 1;

/** What a value's byte says. Counts and gauges that are whole numbers are written short. */
const gaugeFloat = 0;
const gaugeInteger = 1;
const countFloat = 2;
const countInteger = 3;
const distributionBytes = 4;
const distinctBytes = 5;

/** Never throws for a batch that the types allow; the size is the caller's to check. */
export function encodeBatch(batch: Batch): Uint8Array<ArrayBuffer> {
  const tables = new Tables();
  const body = new ByteWriter(64 + batch.samples.length * 12);
  body.varint(batch.samples.length);
  for (const sample of batch.samples) {
    body.varint(tables.string(sample.name));
    body.varint(tables.labels(sample.labels));
    writeValue(body, sample);
  }
  body.varint(batch.tops.length);
  for (const top of batch.tops) {
    body.varint(tables.string(top.name));
    body.varint(tables.labels(top.labels));
    body.bytes(top.value.toBytes());
  }
  body.varint(batch.events.length);
  for (const event of batch.events) {
    body.float64(event.at);
    body.varint(tables.string(event.name));
    body.varint(tables.labels(event.labels));
    body.text(event.text);
  }
  const out = new ByteWriter(body.length + 256);
  out.byte(formatVersion);
  out.text(batch.source);
  out.text(batch.service);
  out.varint(batch.seq);
  out.float64(batch.from);
  out.float64(batch.to);
  out.byte((batch.more ? 1 : 0) | (batch.partial ? 2 : 0) | (batch.backfill ? 4 : 0));
  tables.write(out);
  out.raw(body.finish());
  return out.finish();
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

/** Strings and label sets, each written once a batch. */
class Tables {
  readonly #strings = new Map<string, number>();
  readonly #byObject = new Map<Labels, number>();
  readonly #bySet = new Map<string, number>();
  readonly #sets = new ByteWriter();

  string(text: string): number {
    let index = this.#strings.get(text);
    if (index === undefined) {
      index = this.#strings.size;
      this.#strings.set(text, index);
    }
    return index;
  }

  labels(labels: Labels): number {
    let index = this.#byObject.get(labels);
    if (index === undefined) {
      index = this.#internSet(labels);
      this.#byObject.set(labels, index);
    }
    return index;
  }

  write(out: ByteWriter): void {
    out.varint(this.#strings.size);
    for (const text of this.#strings.keys()) {
      out.text(text);
    }
    out.varint(this.#bySet.size);
    out.raw(this.#sets.finish());
  }

  #internSet(labels: Labels): number {
    const flat: number[] = [];
    for (const key of Object.keys(labels)) {
      flat.push(this.string(key), this.string(labels[key] ?? ""));
    }
    let setKey = "";
    for (const index of flat) {
      setKey += `${index},`;
    }
    const known = this.#bySet.get(setKey);
    if (known !== undefined) {
      return known;
    }
    this.#bySet.set(setKey, this.#bySet.size);
    this.#sets.varint(flat.length / 2);
    for (const index of flat) {
      this.#sets.varint(index);
    }
    return this.#bySet.size - 1;
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
