import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";

/** Sequence numbers by source, as the progress of an output. */
export function writePositions(positions: ReadonlyMap<string, number>): Uint8Array {
  const out = new ByteWriter();
  out.varint(positions.size);
  for (const [source, seq] of positions) {
    out.text(source);
    out.varint(seq);
  }
  return out.finish();
}

/** Throws Corrupt for anything that `writePositions` did not write. */
export function readPositions(bytes: Uint8Array | undefined): Map<string, number> {
  const positions = new Map<string, number>();
  if (bytes === undefined) {
    return positions;
  }
  const input = new ByteReader(bytes);
  for (let rest = input.varint(); rest > 0; rest--) {
    positions.set(input.text(), input.varint());
  }
  if (input.left > 0) {
    throw new Corrupt(`${input.left} bytes behind the positions`);
  }
  return positions;
}
