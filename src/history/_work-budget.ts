import { setImmediate as nextTurn } from "node:timers/promises";
import type { Block } from "./_block.ts";
import { turnMs } from "./_turn.ts";
import { QueryTooLarge } from "./history.ts";

/** A summary takes about 2.5 microseconds to read and merge, a number 0.075. */
const summaryWork = 35;

/** The work that one query may do, in points of numbers, and its manners. */
export class WorkBudget {
  readonly #workMax: number;
  #work = 0;
  #turnFrom = performance.now();

  constructor(workMax: number) {
    this.#workMax = workMax;
  }

  /** Throws QueryTooLarge when it is used up. */
  spend(block: Block): void {
    this.#work += block.times.length + block.summaries.length * summaryWork;
    if (this.#work > this.#workMax) {
      throw new QueryTooLarge(
        "the query reads more points than one may; ask for longer steps, a shorter range or fewer series",
      );
    }
  }

  /** Lets others run, now and then. */
  async pause(): Promise<void> {
    if (performance.now() - this.#turnFrom > turnMs) {
      await nextTurn();
      this.#turnFrom = performance.now();
    }
  }
}
