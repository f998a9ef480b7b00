// Bytes of a file between two reads: whole lines to hand out, a partial last line that waits, and
// the few bytes before them that prove, after a restart, that the file is still the same one.

/** Longer lines are counted, not parsed. */
export const lineBytesMax = 64 * 1024;
/** How many bytes before the position are remembered. */
export const tailBytesMax = 256;
const roomBytesMin = 64 * 1024;
const capacityBytes = 512 * 1024;

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

/** Where a buffer stands in its file: at the start of a line. */
export interface LinePlace {
  readonly offset: number;
  /** The bytes of the file before the offset, at most 256. */
  readonly tail: Buffer;
}

/**
 * The bytes between those consumed and those not yet read. The reader fills it, the consumer
 * empties it.
 */
export class LineBuffer {
  readonly #bytes = Buffer.allocUnsafe(capacityBytes);
  #start = 0;
  #end = 0;
  #offset = 0;
  #tailBytes = 0;
  /** How many bytes of a line that does not fit were thrown away; they belong before #start. */
  #cutBytes = 0;
  #isFinished = false;

  /** Where the first unconsumed line starts. */
  get place(): LinePlace {
    const tail = Buffer.from(this.#bytes.subarray(this.#start - this.#tailBytes, this.#start));
    return { offset: this.#offset, tail };
  }

  /** The offset in the file of the next byte to read. */
  get readOffset(): number {
    return this.#offset + this.#cutBytes + this.#end - this.#start;
  }

  /** A partial line waits for its end. */
  get isPartial(): boolean {
    return this.#end > this.#start || this.#cutBytes > 0;
  }

  /** Forgets everything and stands at a place of a file. */
  reset({ offset, tail }: LinePlace): void {
    tail.copy(this.#bytes);
    this.#start = tail.length;
    this.#end = tail.length;
    this.#tailBytes = tail.length;
    this.#offset = offset;
    this.#cutBytes = 0;
    this.#isFinished = false;
  }

  /** Where to read into; never empty once the whole lines are consumed. */
  room(): Buffer {
    const keptFrom = this.#start - this.#tailBytes;
    if (this.#bytes.length - this.#end < roomBytesMin && keptFrom > 0) {
      this.#bytes.copyWithin(0, keptFrom, this.#end);
      this.#start -= keptFrom;
      this.#end -= keptFrom;
    }
    if (this.#bytes.length - this.#end < roomBytesMin) {
      this.#cutBytes += this.#end - this.#start;
      this.#end = this.#start;
    }
    return this.#bytes.subarray(this.#end);
  }

  /** `count` bytes were read into the room. */
  filled(count: number): void {
    this.#end += count;
  }

  /** The file will not grow any more: a partial line is a whole one. */
  finish(): void {
    this.#isFinished = true;
  }

  /** All whole lines that are there; undefined when there are none. */
  lines(): Lines | undefined {
    const pending = this.#bytes.subarray(this.#start, this.#end);
    const wholeBytes = this.#isFinished ? pending.length : pending.lastIndexOf(newline) + 1;
    const isCutFinished = this.#isFinished && this.#cutBytes > 0;
    if (wholeBytes === 0 && !isCutFinished) {
      return undefined;
    }
    const to = this.#start + wholeBytes;
    return { bytes: this.#bytes, from: this.#start, to, isFirstCut: this.#cutBytes > 0 };
  }

  /** The lines up to index `to` of the bytes last handed out are counted. */
  consume(to: number): void {
    const count = to - this.#start;
    const tailBytes = this.#cutBytes > 0 ? count : this.#tailBytes + count;
    this.#tailBytes = Math.min(tailBytesMax, tailBytes);
    this.#offset += this.#cutBytes + count;
    this.#cutBytes = 0;
    this.#start = to;
  }
}
