// Cuts a TCP connection into syslog messages: https://www.rfc-editor.org/rfc/rfc6587

/** Longer messages are left out. The longest datagram, and the longest line of a file. */
export const messageBytesMax = 64 * 1024;

/** Longest `MSG-LEN`: more than a gigabyte is nonsense. */
const lengthDigitsMax = 9;
const newline = 0x0a;
const space = 0x20;
const digitZero = 0x30;

/** `counted`: `MSG-LEN SP MSG`. `ended`: each message ends with a line feed. */
type Framing = "counted" | "ended";

/**
 * One connection. Its first byte tells the framing of all of it: a digit begins a length, everything
 * else a message.
 */
export class FrameDecoder {
  /** What is there is no frame: nothing behind it can be understood. */
  isBroken = false;
  #tooLong = 0;
  #framing: Framing | undefined;
  /** The beginning of a frame. */
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of a message that is left out; Infinity: up to its line feed. */
  #skipBytes = 0;

  /** The messages that are complete with this chunk. They may be parts of its memory. */
  *read(chunk: Uint8Array): Generator<Buffer> {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    bytes = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    this.#rest = Buffer.alloc(0);
    for (let at = 0; at < bytes.length && !this.isBroken;) {
      at = this.#skip(bytes, at);
      const frame = at < bytes.length ? this.#next(bytes, at) : undefined;
      if (frame === undefined) {
        this.#keep(bytes, at);
        return;
      }
      if (frame.to > frame.from) {
        yield bytes.subarray(frame.from, frame.to);
      }
      at = frame.next;
    }
  }

  /** The connection has ended: a last message without its line feed, if there is one. */
  finish(): Buffer | undefined {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (this.#framing === "counted") {
      this.isBroken ||= rest.length > 0 || this.#skipBytes > 0;
      return undefined;
    }
    return rest.length === 0 ? undefined : rest;
  }

  /** The connection broke: what had come of a message is no message. */
  breakOff(): void {
    this.isBroken ||= this.#rest.length > 0;
    this.#rest = Buffer.alloc(0);
  }

  /** Messages that were too long, since the last call. */
  takeTooLong(): number {
    const tooLong = this.#tooLong;
    this.#tooLong = 0;
    return tooLong;
  }

  #next(bytes: Buffer, at: number): Frame | undefined {
    this.#framing ??= isDigit(bytes[at]) ? "counted" : "ended";
    return this.#framing === "counted" ? this.#nextCounted(bytes, at) : this.#nextEnded(bytes, at);
  }

  #nextEnded(bytes: Buffer, at: number): Frame | undefined {
    const end = bytes.indexOf(newline, at);
    if (end < 0) {
      return undefined;
    }
    if (end - at > messageBytesMax) {
      this.#tooLong++;
      return { from: at, to: at, next: end + 1 };
    }
    return { from: at, to: end, next: end + 1 };
  }

  #nextCounted(bytes: Buffer, start: number): Frame | undefined {
    let at = start;
    let length = 0;
    while (isDigit(bytes[at]) && at - start <= lengthDigitsMax) {
      length = length * 10 + (bytes[at] ?? 0) - digitZero;
      at++;
    }
    if (at === bytes.length) {
      return undefined;
    }
    if (bytes[at] !== space || at === start || length === 0) {
      this.isBroken = true;
      return undefined;
    }
    const from = at + 1;
    if (length > messageBytesMax) {
      this.#tooLong++;
      this.#skipBytes = length;
      return { from, to: from, next: from };
    }
    const to = from + length;
    return to > bytes.length ? undefined : { from, to, next: to };
  }

  #skip(bytes: Buffer, at: number): number {
    if (this.#skipBytes === Infinity) {
      const end = bytes.indexOf(newline, at);
      this.#skipBytes = end < 0 ? Infinity : 0;
      return end < 0 ? bytes.length : end + 1;
    }
    const skipped = Math.min(this.#skipBytes, bytes.length - at);
    this.#skipBytes -= skipped;
    return at + skipped;
  }

  #keep(bytes: Buffer, at: number): void {
    if (this.isBroken) {
      return;
    }
    if (this.#framing === "ended" && bytes.length - at > messageBytesMax) {
      this.#tooLong++;
      this.#skipBytes = Infinity;
      return;
    }
    // A copy: the chunk's memory may be much larger.
    this.#rest = Buffer.from(bytes.subarray(at));
  }
}

/** A message, empty when it is left out, and where the next frame starts. */
interface Frame {
  readonly from: number;
  readonly to: number;
  readonly next: number;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= digitZero && byte < digitZero + 10;
}
