import type { ReadableFile } from "../../core/component.ts";
import { describeError } from "../../core/errors.ts";
import {
  createDecompressor,
  type Decompressor,
  detectCompression,
  magicBytes,
} from "../report/decompress.ts";

/** What is behind a compressed generation, as if it were the plain file. */
export interface CompressedFile extends ReadableFile {
  /** All of it was read. */
  readonly isWholeRead: boolean;
  /** Why there is nothing behind what could be read, as the end of a sentence. */
  readonly failure: string | undefined;
}

/** Compressed bytes that are turned at once; logs become ten to twenty times as many. */
const blockBytes = 16 * 1024;

/**
 * Reading goes forward: from an offset before the one of the read before it, it begins anew at the
 * start of the file. `stat` is that of the compressed file. What is damaged or missing reads as the
 * end, with a `failure`. Takes over the file.
 */
export function openCompressed(file: ReadableFile): CompressedFile {
  let reading = new Reading(file);
  return {
    get isWholeRead() {
      return reading.isWholeRead;
    },
    get failure() {
      return reading.failure;
    },
    async read(into, offset) {
      if (offset < reading.start) {
        reading = new Reading(file);
      }
      return reading.read(into, offset);
    },
    stat: () => file.stat(),
    [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
  };
}

/** One pass over the file. */
class Reading {
  /** Nothing in front of this offset can be read any more. */
  start = 0;
  isWholeRead = false;
  failure: string | undefined;
  readonly #file: ReadableFile;
  #decompressor: Decompressor | undefined;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #readOffset = 0;
  #isOver = false;

  constructor(file: ReadableFile) {
    this.#file = file;
  }

  async read(into: Uint8Array, offset: number): Promise<number> {
    this.#skipTo(offset);
    while (this.start + this.#keptBytes < offset + into.length && !this.#isOver) {
      await this.#readOn();
      this.#skipTo(offset);
    }
    let copied = 0;
    for (const bytes of this.start < offset ? [] : this.#kept) {
      into.set(bytes.subarray(0, into.length - copied), copied);
      copied += Math.min(bytes.length, into.length - copied);
    }
    const isAllKnown = this.#isOver && this.failure === undefined;
    this.isWholeRead = isAllKnown && copied === this.#keptBytes;
    return copied;
  }

  async #readOn(): Promise<void> {
    try {
      this.#decompressor ??= await this.#open();
      const block = Buffer.alloc(blockBytes);
      const read = await this.#file.read(block, this.#readOffset);
      this.#readOffset += read;
      if (read > 0) {
        await this.#decompressor.write(block.subarray(0, read));
      } else {
        this.#isOver = true;
        await this.#decompressor.end();
      }
    } catch (error) {
      this.#isOver = true;
      this.failure = `is damaged or incomplete (${describeError(error)})`;
    }
  }

  async #open(): Promise<Decompressor> {
    const magic = Buffer.alloc(magicBytes);
    const compression = detectCompression(magic.subarray(0, await this.#file.read(magic, 0)));
    if (typeof compression !== "string") {
      throw new Error(compression.problem);
    }
    return createDecompressor(compression, (bytes) => {
      this.#kept.push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
      this.#keptBytes += bytes.length;
    });
  }

  /** Forgets what is in front of `offset`. */
  #skipTo(offset: number): void {
    for (let first = this.#kept[0]; first !== undefined && this.start < offset;) {
      const skipped = Math.min(first.length, offset - this.start);
      this.start += skipped;
      this.#keptBytes -= skipped;
      const rest = this.#kept.slice(1);
      this.#kept = skipped === first.length ? rest : [first.subarray(skipped), ...rest];
      first = this.#kept[0];
    }
  }
}
