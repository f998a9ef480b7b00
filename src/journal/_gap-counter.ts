import { describeError, type Corrupt } from "../core/errors.ts";
import type { Gap } from "./journal.ts";

/** How many corrupt batches of a slice are named; the rest is counted. */
const namedMax = 5;

/** Collects what a slice has to say about what it does not hold. */
export class GapCounter {
  readonly #before: Gap | undefined;
  readonly #named: string[] = [];
  #corrupt = 0;

  /** `before`: what was missed before the first batch that was looked at. */
  constructor(before: Gap | undefined) {
    this.#before = before;
  }

  addCorrupt(error: Corrupt): void {
    this.#corrupt++;
    if (this.#named.length < namedMax) {
      this.#named.push(describeError(error));
    }
  }

  toGaps(): Gap[] {
    const gaps = this.#before === undefined ? [] : [this.#before];
    if (this.#corrupt > 0) {
      const more = this.#corrupt - this.#named.length;
      const named = this.#named.join("; ");
      const detail = more === 0 ? named : `${named}; and ${more} more`;
      gaps.push({ reason: "corrupt", batches: this.#corrupt, detail });
    }
    return gaps;
  }
}
