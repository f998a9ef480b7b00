// The bytes of one read: whole lines to be counted. One buffer serves all files of a source, one
// after the other, so that memory does not grow with their number; what is not counted is read
// again, from the system's cache.
import { crc32 } from "node:zlib";
import type { ReadableFile } from "../../core/component.ts";
import { type ContentMark, noMark, tailBytesMax, toMark } from "./content-mark.ts";

/** Longer lines are counted, not parsed, unless the option says otherwise. */
export const lineBytesMax = 64 * 1024;
const capacityBytesMin = 512 * 1024;
/** A run of zero bytes that is longer is the hole which a writer left behind a truncation. */
const holeBytesMin = 64;

const newline = 0x0a;

/**
 * Whole lines in bytes[from, to). The last one lacks its line end when the file will not grow any
 * more.
 */
export interface Lines {
  readonly bytes: Buffer;
  readonly from: number;
  readonly to: number;
  /** The beginning of the first line did not fit and is gone. */
  readonly isFirstCut: boolean;
}

/** A place in a file, at the start of a line. */
export interface LinePlace {
  readonly offset: number;
  /** Of the bytes in front of the offset. */
  readonly tail: ContentMark;
  /** Bytes of a line that does not fit, behind the offset, which were looked through already. */
  readonly cutBytes: number;
}

/**
 * What a read found: `lines`, whole ones; `cut`, a part of a line that is too long or of a hole, and
 * there is more; `end`, at most a part of a line, in front of the end of the file; `other`, not the
 * bytes that were in front of the place when it was taken.
 */
export type ReadOutcome = "lines" | "cut" | "end" | "other";

export const fileStart: LinePlace = { offset: 0, tail: noMark, cutBytes: 0 };

export class LineBuffer {
  readonly #bytes: Buffer;
  #place = fileStart;
  /** Of the bytes that are in the buffer: where those of the file begin, and the lines. */
  #start = 0;
  #from = 0;
  #to = 0;
  #partialBytes = 0;
  #hasLines = false;

  constructor(lineMaxBytes = lineBytesMax) {
    this.#bytes = Buffer.allocUnsafe(Math.max(capacityBytesMin, 2 * lineMaxBytes));
  }

  /** Where the first line stands that is not consumed. */
  get place(): LinePlace {
    return this.#place;
  }

  /** Bytes of a last line without an end. */
  get partialBytes(): number {
    return this.#place.cutBytes + this.#partialBytes;
  }

  /**
   * Reads what is behind a place, after making sure that the same is in front of it as before.
   * `isLast`: the file will not grow any more, and a partial line is a whole one.
   */
  async read(file: ReadableFile, place: LinePlace, isLast: boolean): Promise<ReadOutcome> {
    this.clear();
    const { offset, tail, cutBytes } = place;
    const [tailBytes] = tail;
    // Behind a part that was cut, what is in front of the place is far away and read apart.
    const isApart = cutBytes > 0;
    if (isApart && !(await this.#isSame(file, place))) {
      return "other";
    }
    const readFrom = isApart ? offset + cutBytes : offset - tailBytes;
    const end = await file.read(this.#bytes, readFrom);
    this.#start = isApart ? 0 : tailBytes;
    if (end < this.#start || (!isApart && crc32(this.#bytes.subarray(0, tailBytes)) !== tail[1])) {
      return "other";
    }
    this.#place = place;
    this.#from = this.#start;
    return this.#skipHole(end) ? "cut" : this.#findLines(end, isLast);
  }

  /** Undefined when there are none left. */
  lines(): Lines | undefined {
    return this.#hasLines
      ? {
          bytes: this.#bytes,
          from: this.#from,
          to: this.#to,
          isFirstCut: this.#place.cutBytes > 0,
        }
      : undefined;
  }

  /** The lines up to index `to` of the bytes are counted. */
  consume(to: number): void {
    const { offset, cutBytes } = this.#place;
    const count = to - this.#from;
    const kept = cutBytes > 0 ? this.#start : 0;
    this.#place = {
      offset: offset + cutBytes + count,
      tail: toMark(this.#bytes.subarray(Math.max(kept, to - tailBytesMax), to)),
      cutBytes: 0,
    };
    this.#from = to;
    this.#hasLines = to < this.#to;
  }

  /** Forgets what was read and not consumed. */
  clear(): void {
    this.#hasLines = false;
    this.#partialBytes = 0;
  }

  async #isSame(file: ReadableFile, { offset, tail }: LinePlace): Promise<boolean> {
    const bytes = this.#bytes.subarray(0, tail[0]);
    return (
      (await file.read(bytes, offset - bytes.length)) === bytes.length && crc32(bytes) === tail[1]
    );
  }

  /** Steps over zero bytes from the start of the file, which nobody has written. */
  #skipHole(end: number): boolean {
    const { offset, cutBytes } = this.#place;
    if (offset > 0 || cutBytes > 0 || this.#bytes[this.#from] !== 0) {
      return false;
    }
    let to = this.#from;
    while (to < end && this.#bytes[to] === 0) {
      to++;
    }
    if (to - this.#from < holeBytesMin) {
      return false;
    }
    this.consume(to);
    return true;
  }

  #findLines(end: number, isLast: boolean): ReadOutcome {
    const data = this.#bytes.subarray(this.#from, end);
    const isFull = end === this.#bytes.length;
    const wholeBytes = isLast && !isFull ? data.length : data.lastIndexOf(newline) + 1;
    const { cutBytes } = this.#place;
    this.#partialBytes = data.length - wholeBytes;
    this.#to = this.#from + wholeBytes;
    this.#hasLines = wholeBytes > 0 || (isLast && !isFull && cutBytes > 0);
    if (this.#hasLines) {
      return "lines";
    }
    if (isFull) {
      this.#place = { ...this.#place, cutBytes: cutBytes + data.length };
      return "cut";
    }
    return "end";
  }
}
