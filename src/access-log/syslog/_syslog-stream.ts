import type { Lines } from "../follow/line-buffer.ts";
import type { LineStream } from "../follow/line-input.ts";
import type { LineState } from "../line-counter.ts";
import type { LineBlock, LineBlocks } from "./line-blocks.ts";

export interface StreamParts {
  /** Of an earlier life. */
  readonly state: LineState | undefined;
  /** Called when there is room for another block. */
  readonly taken: () => void;
}

/**
 * The lines of all senders in the order in which they came. Their clocks are one as far as windows
 * are concerned: a sender who is behind is late.
 */
export class SyslogStream implements LineStream {
  readonly key = "syslog";
  state: LineState | undefined;
  readonly #blocks: LineBlocks;
  readonly #taken: () => void;
  #block: LineBlock | undefined;
  #from = 0;

  constructor(blocks: LineBlocks, { state, taken }: StreamParts) {
    this.#blocks = blocks;
    this.state = state;
    this.#taken = taken;
  }

  /** Takes the next block when the last one is consumed; false when there are no lines. */
  advance(): boolean {
    if (this.#block === undefined) {
      this.#block = this.#blocks.take();
      this.#from = 0;
      this.#taken();
    }
    return this.#block !== undefined;
  }

  lines(): Lines | undefined {
    return (
      this.#block && {
        bytes: this.#block.bytes,
        from: this.#from,
        to: this.#block.end,
        isFirstCut: false,
      }
    );
  }

  consume(to: number): void {
    this.#from = to;
    if (to >= (this.#block?.end ?? 0)) {
      this.#block = undefined;
    }
  }
}
