import type { Distinct } from "../core/distinct.ts";
import type { Distribution } from "../core/distribution.ts";
import type { Averaged, Contribution } from "./contribution.ts";
import { type Placed, SlidingMerge } from "./sliding-merge.ts";

/** A contribution and the slot of the window that it lies in. */
export interface PlacedPart {
  readonly at: number;
  readonly part: Contribution;
}

/** The merged distributions or distincts of one instance in a window. */
export class Sketch {
  readonly #distributions = new SlidingMerge<Distribution>();
  readonly #distincts = new SlidingMerge<Distinct>();

  invalidate(at: number): void {
    this.#distributions.invalidate(at);
    this.#distincts.invalidate(at);
  }

  /** `list` is oldest first and not empty; NaN without the quantile that a distribution needs. */
  read(list: readonly PlacedPart[], quantile = Number.NaN): Averaged {
    const distributions: Placed<Distribution>[] = [];
    const distincts: Placed<Distinct>[] = [];
    for (const { at, part } of list) {
      if (part.kind === "distribution") {
        distributions.push({ at, value: part.value });
      } else if (part.kind === "distinct") {
        distincts.push({ at, value: part.value });
      }
    }
    const [first, ...rest] = distributions;
    if (first !== undefined) {
      const merged = this.#distributions.read([first, ...rest]);
      return { value: merged.quantile(quantile), observations: merged.count };
    }
    const [one, ...others] = distincts;
    const count = one === undefined ? 0 : this.#distincts.read([one, ...others]).count;
    return { value: count, observations: count };
  }
}
