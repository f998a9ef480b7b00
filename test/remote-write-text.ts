// A reader of remote-write requests, 1.0 and 2.0, written from their definitions; it shares nothing with the writer.
// prometheus.io/docs/specs/prw/remote_write_spec, …/remote_write_spec_2_0
import assert from "node:assert/strict";
import { decompressSnappy } from "./snappy.ts";

interface Field {
  readonly number: number;
  /** Of fixed64 the eight bytes. */
  readonly value: number | Buffer;
}

const staleHex = "020000000000f07f";

/**
 * A line for each sample: `name{label="value"} 1 @1795190410000`, with ` since 1795190400000` behind it where 2.0 says
 * so. Throws AssertionError for what the definitions do not allow: labels that are not sorted, an empty label,
 * samples out of order.
 */
export function toRemoteWriteText(body: Uint8Array): string {
  const message = readFields(Buffer.from(decompressSnappy(body)));
  const symbols = message.filter(({ number }) => number === 4).map(({ value }) => toText(value));
  const is2 = symbols.length > 0;
  assert.ok(!is2 || symbols[0] === "", "the first symbol is empty");
  return message
    .filter(({ number }) => number === (is2 ? 5 : 1))
    .flatMap(({ value }) => toLines(readFields(toBytes(value)), is2 ? symbols : undefined))
    .join("\n");
}

function toLines(series: readonly Field[], symbols: readonly string[] | undefined): string[] {
  const labels = symbols === undefined ? readLabels(series) : readReferences(series, symbols);
  const name = labels.find(([label]) => label === "__name__")?.[1] ?? "";
  assert.ok(name !== "", "a series has a name");
  const names = labels.map(([label]) => Buffer.from(label));
  assert.deepEqual(
    names,
    names.toSorted((a, b) => a.compare(b)),
    "labels are sorted",
  );
  assert.equal(new Set(labels.map(([label]) => label)).size, labels.length, "labels differ");
  assert.ok(
    labels.every(([, value]) => value !== ""),
    "no label is empty",
  );
  const rest = labels.filter(([label]) => label !== "__name__");
  const head = `${name}{${rest.map(([label, value]) => `${label}=${JSON.stringify(value)}`).join(",")}}`;
  const histogramField = symbols === undefined ? 4 : 3;
  const points = series
    .filter(({ number }) => number === 2 || number === histogramField)
    .map(({ number, value }) => toPoint(readFields(toBytes(value)), number === histogramField));
  const kinds = new Set(points.map(({ isHistogram }) => isHistogram));
  assert.equal(kinds.size, 1, "a series holds either numbers or histograms");
  const times = points.map(({ at }) => at);
  assert.deepEqual(
    times,
    [...new Set(times)].toSorted((a, b) => a - b),
    "samples are in order",
  );
  return points.map(({ at, text, since }) => `${head} ${text} @${at}${since}`);
}

function readLabels(series: readonly Field[]): readonly (readonly [string, string])[] {
  return series
    .filter(({ number }) => number === 1)
    .map(({ value }) => {
      const fields = readFields(toBytes(value));
      const textOf = (number: number): string =>
        toText(fields.find((field) => field.number === number)?.value ?? Buffer.alloc(0));
      return [textOf(1), textOf(2)] as const;
    });
}

function readReferences(
  series: readonly Field[],
  symbols: readonly string[],
): readonly (readonly [string, string])[] {
  const [packed] = series.filter(({ number }) => number === 1);
  const references = readVarints(toBytes(packed?.value ?? Buffer.alloc(0)));
  assert.equal(references.length % 2, 0);
  return Array.from({ length: references.length / 2 }, (_, i) => {
    const [name, value] = [symbols[references[2 * i] ?? 0], symbols[references[2 * i + 1] ?? 0]];
    assert.ok(name !== undefined && value !== undefined, "each reference is to a symbol");
    return [name, value] as const;
  });
}

interface Point {
  readonly isHistogram: boolean;
  readonly at: number;
  readonly text: string;
  readonly since: string;
}

function toPoint(fields: readonly Field[], isHistogram: boolean): Point {
  const numberOf = (number: number): number =>
    Number(fields.find((field) => field.number === number)?.value ?? 0);
  const start = numberOf(isHistogram ? 17 : 3);
  const since = start === 0 ? "" : ` since ${start}`;
  if (isHistogram) {
    return { isHistogram, at: numberOf(15), text: toHistogramText(fields), since };
  }
  const bytes = toBytes(fields.find(({ number }) => number === 1)?.value ?? Buffer.alloc(8));
  const text = bytes.toString("hex") === staleHex ? "stale" : String(bytes.readDoubleLE());
  return { isHistogram, at: numberOf(2), text, since };
}

/** `histogram(count 2, sum 0.75, schema 6, zero 0, -127: 1, -63: 1)`, a bucket by its index; of negative values `n-127`. */
function toHistogramText(fields: readonly Field[]): string {
  const valueOf = (number: number): number | Buffer =>
    fields.find((field) => field.number === number)?.value ?? 0;
  const sum = valueOf(3);
  if (typeof sum !== "number" && sum.toString("hex") === staleHex) {
    return "stale";
  }
  const buckets = [
    ...toBuckets(fields, { span: 8, delta: 9 }).map(([index, count]) => `n${index}: ${count}`),
    ...toBuckets(fields, { span: 11, delta: 12 }).map(([index, count]) => `${index}: ${count}`),
  ];
  const head = [
    `count ${Number(valueOf(1))}`,
    `sum ${typeof sum === "number" ? sum : sum.readDoubleLE()}`,
    `schema ${fromZigzag(Number(valueOf(4)))}`,
    `zero ${Number(valueOf(6))}`,
  ];
  return `histogram(${[...head, ...buckets].join(", ")})`;
}

function toBuckets(
  fields: readonly Field[],
  { span, delta }: { readonly span: number; readonly delta: number },
): readonly (readonly [number, number])[] {
  const deltas = fields
    .filter(({ number }) => number === delta)
    .flatMap(({ value }) => readVarints(toBytes(value)).map(fromZigzag));
  const buckets: (readonly [number, number])[] = [];
  let index = 0;
  let count = 0;
  for (const { value } of fields.filter(({ number }) => number === span)) {
    const inner = readFields(toBytes(value));
    const numberOf = (number: number): number =>
      Number(inner.find((field) => field.number === number)?.value ?? 0);
    index += fromZigzag(numberOf(1));
    for (let left = numberOf(2); left > 0; left--, index++) {
      const step = deltas.shift();
      assert.ok(step !== undefined, "each bucket of a span has a count");
      count += step;
      buckets.push([index, count]);
    }
  }
  assert.equal(deltas.length, 0, "each count has a bucket");
  return buckets;
}

function readFields(bytes: Buffer): readonly Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      assert.ok(byte !== undefined, "a number ends");
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        return value;
      }
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const type = tag % 8;
    const number = (tag - type) / 8;
    if (type === 0) {
      fields.push({ number, value: varint() });
      continue;
    }
    assert.ok(type === 1 || type === 2, `wire type ${type}`);
    const length = type === 1 ? 8 : varint();
    assert.ok(at + length <= bytes.length, "a field ends within its message");
    fields.push({ number, value: bytes.subarray(at, at + length) });
    at += length;
  }
  return fields;
}

function readVarints(bytes: Buffer): number[] {
  const numbers: number[] = [];
  let value = 0;
  let scale = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * scale;
    scale *= 128;
    if (byte < 0x80) {
      numbers.push(value);
      value = 0;
      scale = 1;
    }
  }
  return numbers;
}

function fromZigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}

function toBytes(value: number | Buffer): Buffer {
  assert.ok(typeof value !== "number", "a message or a text");
  return value;
}

function toText(value: number | Buffer): string {
  return toBytes(value).toString();
}
