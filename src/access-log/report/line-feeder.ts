// From blocks of bytes to whole lines, in bounded memory whatever the length of a line.

import type { LogScanner } from "../scan/log-scanner.ts";

/** What takes the lines: a scanner, or something in front of one. */
export type LineSink = Pick<LogScanner, "scan" | "scanRest" | "addTooLong">;

/**
 * Room for one reading, besides the unfinished line before it. More would push the tables of the
 * scanner out of the cache: with 1 MiB a scan took about a tenth longer.
 */
export const feederBytes = 128 * 1024;
/** The scanner reads a little past the lines it is given, and copies those that end the buffer. */
const tailBytes = 256;

/**
 * Cuts blocks into lines for one sink. A line that is longer than `lineBytesMax` is counted when
 * that is known, and thrown away up to its end.
 */
export class LineFeeder {
  readonly #sink: LineSink;
  readonly #lineBytesMax: number;
  readonly #buffer: Uint8Array<ArrayBuffer>;
  /** Of the unfinished line, at the start of the buffer. */
  #length = 0;
  #isSkipping = false;

  constructor(sink: LineSink, lineBytesMax: number, blockBytes: number = feederBytes) {
    this.#sink = sink;
    this.#lineBytesMax = lineBytesMax;
    this.#buffer = new Uint8Array(lineBytesMax + blockBytes + tailBytes);
  }

  /** Whether the last byte so far was the end of a line. */
  get isBetweenLines(): boolean {
    return this.#length === 0 && !this.#isSkipping;
  }

  /** Where the next bytes are to be put; never empty, valid until `commit`. */
  room(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(this.#length, this.#buffer.length - tailBytes);
  }

  /** The first `count` bytes of the room have been filled. */
  commit(count: number): void {
    const end = this.#length + count;
    const start = this.#isSkipping ? this.#behindLongLine(end) : 0;
    const rest = this.#sink.scan(this.#buffer, start, end);
    this.#isSkipping &&= start === end && this.#buffer[end - 1] !== newline;
    if (end - rest > this.#lineBytesMax) {
      this.#sink.addTooLong();
      this.#isSkipping = true;
      this.#length = 0;
    } else {
      this.#buffer.copyWithin(0, rest, end);
      this.#length = end - rest;
    }
  }

  /** Takes a copy of bytes that are somewhere else. */
  add(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      const room = this.room();
      const piece = bytes.subarray(at, at + room.length);
      room.set(piece);
      this.commit(piece.length);
      at += piece.length;
    }
  }

  /** The file ends, perhaps inside a line. Another file may follow. */
  end(): void {
    if (this.#length > 0) {
      this.#sink.scanRest(this.#buffer, 0, this.#length);
    }
    this.#length = 0;
    this.#isSkipping = false;
  }

  /** `end` when the long line goes on. */
  #behindLongLine(end: number): number {
    const found = this.#buffer.subarray(0, end).indexOf(newline);
    return found < 0 ? end : found + 1;
  }
}

const newline = 10;
