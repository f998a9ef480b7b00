import type { ByteStream, Files } from "../../core/component.ts";
import { describeError } from "../../core/errors.ts";
import type { LineState } from "../line-counter.ts";
import type { Lines } from "./line-buffer.ts";
import type { LineStream } from "./line-input.ts";

const capacityBytesMin = 512 * 1024;
const newline = 0x0a;

/** Lines of a named pipe or of standard input: what was taken from it is gone from there. */
export class PipeStream implements LineStream, AsyncDisposable {
  readonly key: string;
  readonly path: string;
  state: LineState | undefined;
  problem: string | undefined;
  /** Standard input was closed; nothing comes any more. */
  isOver = false;
  readonly #files: Files;
  readonly #bytes: Buffer;
  #stream: ByteStream | undefined;
  #from = 0;
  #end = 0;
  #isCut = false;
  /** The writer has gone: its last line may lack an end. */
  #isFinished = false;

  constructor(path: string, files: Files, lineMaxBytes: number) {
    this.key = `pipe ${path}`;
    this.path = path;
    this.#files = files;
    this.#bytes = Buffer.allocUnsafe(Math.max(capacityBytesMin, 2 * lineMaxBytes));
  }

  /** Takes what has come; true when there are whole lines. Never throws. */
  async fill(): Promise<boolean> {
    try {
      this.#stream ??= await this.#files.openStream(this.path);
      this.problem = undefined;
      if (this.lines() === undefined) {
        this.#take(this.#stream);
      }
      if (this.#stream.isEnded && !this.isOver) {
        await this.#reopen(this.#stream);
      }
    } catch (error) {
      this.problem = `${this.path}: ${describeError(error)}; trying again`;
      await this.#close();
    }
    return this.lines() !== undefined;
  }

  lines(): Lines | undefined {
    const pending = this.#bytes.subarray(this.#from, this.#end);
    const wholeBytes = this.#isFinished ? pending.length : pending.lastIndexOf(newline) + 1;
    return wholeBytes > 0 || (this.#isFinished && this.#isCut)
      ? {
          bytes: this.#bytes,
          from: this.#from,
          to: this.#from + wholeBytes,
          isFirstCut: this.#isCut,
        }
      : undefined;
  }

  consume(to: number): void {
    this.#isCut = false;
    this.#from = to;
    this.#isFinished &&= to < this.#end;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }

  #take(stream: ByteStream): void {
    this.#bytes.copyWithin(0, this.#from, this.#end);
    this.#end -= this.#from;
    this.#from = 0;
    if (this.#end === this.#bytes.length) {
      this.#isCut = true;
      this.#end = 0;
    }
    for (;;) {
      const taken = stream.read(this.#bytes.subarray(this.#end));
      this.#end += taken;
      if (taken === 0 || this.#end === this.#bytes.length) {
        return;
      }
    }
  }

  /** The new reader is there before the old one goes: a writer never finds the pipe without one. */
  async #reopen(ended: ByteStream): Promise<void> {
    this.#isFinished = this.#end > this.#from || this.#isCut;
    if (this.path === "-") {
      this.isOver = true;
      return;
    }
    this.#stream = await this.#files.openStream(this.path);
    await ended[Symbol.asyncDispose]();
  }

  async #close(): Promise<void> {
    const stream = this.#stream;
    this.#stream = undefined;
    await stream?.[Symbol.asyncDispose]();
  }
}
