// Lines that have come and are not counted yet: in blocks of a fixed size, so that what they take is
// known, and so that a scanner has many of them at once.

import { BoundedQueue } from "../../core/bounded-queue.ts";
import { messageBytesMax } from "./frame-decoder.ts";

export const blockBytes = 256 * 1024;

/** Whole lines with their line ends, in bytes[0, end). */
export interface LineBlock {
  readonly bytes: Buffer;
  readonly end: number;
}

const newline = 0x0a;
const space = 0x20;

/** First in, first out. */
export class LineBlocks {
  readonly #full: BoundedQueue<LineBlock>;
  readonly #blocksMax: number;
  #open = Buffer.allocUnsafe(blockBytes);
  #end = 0;

  /** As many full blocks may wait, beside the one that is being filled. */
  constructor(blocksMax: number) {
    this.#blocksMax = blocksMax;
    this.#full = new BoundedQueue(blocksMax);
  }

  get isEmpty(): boolean {
    return this.#end === 0 && this.#full.size === 0;
  }

  /** Full blocks that wait. */
  get waiting(): number {
    return this.#full.size;
  }

  /** Whether `add` would take a line of any length. */
  get hasRoom(): boolean {
    return this.#hasOpenRoom(messageBytesMax) || this.#full.size < this.#blocksMax;
  }

  /**
   * Adds a line of at most messageBytesMax; what would end it early becomes a space. False, and
   * counted in `takeRefused`, when there is no room.
   */
  add(line: Uint8Array): boolean {
    if (!this.#hasOpenRoom(line.length)) {
      if (!this.#full.offer({ bytes: this.#open, end: this.#end })) {
        return false;
      }
      this.#open = Buffer.allocUnsafe(blockBytes);
      this.#end = 0;
    }
    const open = this.#open;
    open.set(line, this.#end);
    const to = this.#end + line.length;
    if (line.includes(newline)) {
      const own = open.subarray(this.#end, to);
      own.set(own.map((byte) => (byte === newline ? space : byte)));
    }
    open[to] = newline;
    this.#end = to + 1;
    return true;
  }

  /** The oldest lines; undefined when there are none. */
  take(): LineBlock | undefined {
    const [full] = this.#full.take(1);
    if (full !== undefined || this.#end === 0) {
      return full;
    }
    const block = { bytes: this.#open, end: this.#end };
    this.#open = Buffer.allocUnsafe(blockBytes);
    this.#end = 0;
    return block;
  }

  /** Lines that were refused since the last call. */
  takeRefused(): number {
    return this.#full.takeRefused();
  }

  #hasOpenRoom(lineBytes: number): boolean {
    return this.#end + lineBytes < blockBytes;
  }
}
