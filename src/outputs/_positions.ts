import type { Batch } from "../core/batch.ts";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";

/** How far each source's batches have come. */
export class Positions {
  readonly #seqs = new Map<string, number>();

  covers({ source, seq }: Batch): boolean {
    return seq <= (this.#seqs.get(source) ?? 0);
  }

  /** Never goes back. */
  advance(source: string, seq: number): void {
    this.#seqs.set(source, Math.max(seq, this.#seqs.get(source) ?? 0));
  }

  /** An output's progress. */
  toBytes(): Uint8Array {
    const out = new ByteWriter();
    out.varint(this.#seqs.size);
    for (const [source, seq] of this.#seqs) {
      out.text(source);
      out.varint(seq);
    }
    return out.finish();
  }

  /** Throws Corrupt for anything that `toBytes` did not write. */
  static fromBytes(bytes: Uint8Array): Positions {
    const positions = new Positions();
    const input = new ByteReader(bytes);
    for (let rest = input.varint(); rest > 0; rest--) {
      positions.advance(input.text(), input.varint());
    }
    if (input.left > 0) {
      throw new Corrupt(`${input.left} bytes behind the positions`);
    }
    return positions;
  }
}
