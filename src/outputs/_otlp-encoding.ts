// OTLP's two encodings of the same message (opentelemetry.io/docs/specs/otlp/#otlphttp-request): protobuf by the
// numbers of its fields, and JSON by their names.
import type { ByteWriter } from "../core/bytes.ts";
import {
  toMessage,
  wire,
  writeBytes,
  writeDouble,
  writeTag,
  writeText,
  writeVarint,
  writeZigzag,
} from "./_protobuf.ts";

/** A message: fields that are left out are not sent, those that are zero are. */
export type Message = Readonly<Record<string, unknown>>;

/**
 * How a field is written. `nanos` are milliseconds here, and fixed64 nanoseconds there; `count` is fixed64, `counts` a
 * packed list of uint64, `integer` an enum, uint32 or bool, `signed` sint32.
 */
type Type =
  | "text"
  | "double"
  | "nanos"
  | "count"
  | "counts"
  | "integer"
  | "signed"
  | Schema
  | [Schema];

/** Fields by name: their number and type. A list of messages is written in brackets. */
export interface Schema {
  readonly [name: string]: readonly [number: number, type: Type];
}

export function toOtlpProtobuf(message: Message, schema: Schema): Uint8Array {
  return toMessage((out) => {
    for (const [name, [number, type]] of Object.entries(schema)) {
      const value = message[name];
      if (Array.isArray(type)) {
        for (const item of toList(value)) {
          writeBytes(out, number, toOtlpProtobuf(toInner(item), type[0]));
        }
      } else if (value !== undefined) {
        writeField(out, number, type, value);
      }
    }
  });
}

function writeField(
  out: ByteWriter,
  number: number,
  type: Exclude<Type, [Schema]>,
  value: unknown,
): void {
  switch (type) {
    case "text":
      writeText(out, number, String(value));
      return;
    case "double":
      writeDouble(out, number, Number(value));
      return;
    case "nanos":
      writeFixed64(out, number, toNanos(value));
      return;
    case "count":
      writeFixed64(out, number, BigInt(Number(value)));
      return;
    case "counts":
      writeBytes(
        out,
        number,
        toMessage((inner) => toList(value).forEach((each) => inner.varint(Number(each)))),
      );
      return;
    case "integer":
      writeVarint(out, number, Number(value));
      return;
    case "signed":
      writeZigzag(out, number, Number(value));
      return;
    default:
      writeBytes(out, number, toOtlpProtobuf(toInner(value), type));
  }
}

function writeFixed64(out: ByteWriter, number: number, value: bigint): void {
  writeTag(out, number, wire.fixed64);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(value);
  out.raw(bytes);
}

/** As OTLP's JSON has it: integers of 64 bits as texts, what is no number by its name. */
export function toOtlpJson(message: Message, schema: Schema): Message {
  const fields: [string, unknown][] = [];
  for (const [name, [, type]] of Object.entries(schema)) {
    const value = message[name];
    if (value !== undefined) {
      fields.push([name, toJsonValue(value, type)]);
    }
  }
  return Object.fromEntries(fields);
}

function toJsonValue(value: unknown, type: Type): unknown {
  if (Array.isArray(type)) {
    return toList(value).map((item) => toOtlpJson(toInner(item), type[0]));
  }
  switch (type) {
    case "nanos":
      return String(toNanos(value));
    case "count":
      return String(value);
    case "counts":
      return toList(value).map(String);
    case "double":
      return Number.isFinite(value) ? value : String(value);
    case "text":
    case "integer":
    case "signed":
      return value;
    default:
      return toOtlpJson(toInner(value), type);
  }
}

function toNanos(ms: unknown): bigint {
  return BigInt(Math.round(Number(ms))) * 1_000_000n;
}

function toList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function toInner(value: unknown): Message {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
