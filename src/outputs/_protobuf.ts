// Protocol Buffers' wire format (protobuf.dev/programming-guides/encoding), as much of it as is sent.
import { ByteWriter } from "../core/bytes.ts";

export const wire = { varint: 0, fixed64: 1, bytes: 2 } as const;

/** A message, to be put into another one as a field. */
export function toMessage(
  write: (out: ByteWriter) => void,
  sizeBytes = 64,
): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(sizeBytes);
  write(out);
  return out.finish();
}

export function writeTag(out: ByteWriter, field: number, type: number): void {
  out.varint(field * 8 + type);
}

/** An unsigned integer, 0 to 2^53 - 1. */
export function writeVarint(out: ByteWriter, field: number, value: number): void {
  writeTag(out, field, wire.varint);
  out.varint(value);
}

/** `sint32` and `sint64`, within 2^52. */
export function writeZigzag(out: ByteWriter, field: number, value: number): void {
  writeTag(out, field, wire.varint);
  out.zigzag(value);
}

export function writeDouble(out: ByteWriter, field: number, value: number): void {
  writeTag(out, field, wire.fixed64);
  out.float64(value);
}

export function writeText(out: ByteWriter, field: number, text: string): void {
  writeTag(out, field, wire.bytes);
  out.text(text);
}

export function writeBytes(out: ByteWriter, field: number, message: Uint8Array): void {
  writeTag(out, field, wire.bytes);
  out.bytes(message);
}

/** How many bytes a varint takes. */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    length++;
  }
  return length;
}
