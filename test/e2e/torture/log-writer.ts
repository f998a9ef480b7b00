// A server that writes its log in pieces, and knows of each line where it went.
import { closeSync, ftruncateSync, openSync, writeSync } from "node:fs";

/** A line that is given to a writer. One without a number is noise, of which only the amount is checked. */
export interface WrittenLine {
  readonly number?: number;
  /** Without its line end. */
  readonly text: string;
}

/** A line of which a truncation destroyed something, so that it may count or not. */
export interface DoomedLine {
  readonly number?: number;
  readonly sizeBytes: number;
}

/** Where a line stands in the open file; `from` is negative when it began before a truncation. */
interface PlacedLine extends DoomedLine {
  readonly from: number;
  readonly to: number;
  /** A truncation has destroyed its beginning. */
  readonly isTorn?: true;
}

/** Everything is synchronous: what a call has done is in the file when it returns. */
export class LogWriter {
  readonly path: string;
  #descriptor: number;
  #writtenBytes = 0;
  #pending = Buffer.alloc(0);
  /** Those that stand in the open file, or will when the pending bytes are written. */
  #lines: PlacedLine[] = [];

  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, "a");
  }

  /** Bytes in the open file since it was opened or truncated. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** Lines to be written. */
  add(lines: readonly WrittenLine[]): void {
    let from = this.#writtenBytes + this.#pending.length;
    const chunks = lines.map(({ text, ...known }) => {
      const chunk = Buffer.from(`${text}\n`);
      this.#lines.push({ ...known, sizeBytes: chunk.length, from, to: from + chunk.length });
      from += chunk.length;
      return chunk;
    });
    this.#pending = Buffer.concat([this.#pending, ...chunks]);
  }

  /** Writes so many of the pending bytes, or all; it may end within a line. */
  write(bytes = Number.POSITIVE_INFINITY): void {
    const piece = this.#pending.subarray(0, bytes);
    for (let at = 0; at < piece.length;) {
      at += writeSync(this.#descriptor, piece, at);
    }
    this.#pending = this.#pending.subarray(piece.length);
    this.#writtenBytes += piece.length;
  }

  /** Writes the rest of a line that was begun. */
  finishLine(): void {
    const begun = this.#lines.find(
      ({ from, to }) => from < this.#writtenBytes && to > this.#writtenBytes,
    );
    this.write(begun === undefined ? 0 : begun.to - this.#writtenBytes);
  }

  /** Finishes its line and goes on in whatever the path names now, as after USR1. */
  reopen(path = this.path): void {
    this.finishLine();
    closeSync(this.#descriptor);
    this.#descriptor = openSync(path, "a");
    this.#startAnew();
  }

  /**
   * The second half of a copytruncate that copied so many bytes. Returns the lines that are not whole in the copy, nor
   * will be in the file.
   */
  truncate(copiedBytes: number): readonly DoomedLine[] {
    ftruncateSync(this.#descriptor, 0);
    const doomed = this.#lines.filter(
      ({ from, to, isTorn }) => from < this.#writtenBytes && to > copiedBytes && isTorn !== true,
    );
    this.#startAnew();
    return doomed;
  }

  close(): void {
    this.finishLine();
    closeSync(this.#descriptor);
  }

  #startAnew(): void {
    const writtenBytes = this.#writtenBytes;
    this.#lines = this.#lines
      .filter(({ to }) => to > writtenBytes)
      .map((line) => ({
        ...line,
        from: line.from - writtenBytes,
        to: line.to - writtenBytes,
        ...(line.from < writtenBytes && { isTorn: true }),
      }));
    this.#writtenBytes = 0;
  }
}
