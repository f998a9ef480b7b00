import type { Distinct } from "../core/distinct.ts";
import type { Distribution } from "../core/distribution.ts";
import type { Top } from "../core/top.ts";
import type { Averaged, Contribution } from "./contribution.ts";
import { type Placed, SlidingMerge } from "./sliding-merge.ts";

/** A contribution and the slot of the window that it lies in. */
export interface PlacedPart {
  readonly at: number;
  readonly part: Contribution;
}

/** The merged distributions, distincts or tops of one instance in a window. */
export class Sketch {
  readonly #distributions = new SlidingMerge<Distribution>();
  readonly #distincts = new SlidingMerge<Distinct>();
  readonly #tops = new SlidingMerge<Top>();

  invalidate(at: number): void {
    this.#distributions.invalidate(at);
    this.#distincts.invalidate(at);
    this.#tops.invalidate(at);
  }

  /** `list` is oldest first and not empty; NaN without the quantile that a distribution needs. */
  read(list: readonly PlacedPart[], quantile = Number.NaN): Averaged {
    const distributions: Placed<Distribution>[] = [];
    const distincts: Placed<Distinct>[] = [];
    const tops: Placed<Top>[] = [];
    for (const { at, part } of list) {
      if (part.kind === "distribution") {
        distributions.push({ at, value: part.value });
      } else if (part.kind === "distinct") {
        distincts.push({ at, value: part.value });
      } else if (part.kind === "top") {
        tops.push({ at, value: part.value });
      }
    }
    const [first, ...rest] = distributions;
    if (first !== undefined) {
      const merged = this.#distributions.read([first, ...rest]);
      return { value: merged.quantile(quantile), observations: merged.count };
    }
    const [top, ...furtherTops] = tops;
    if (top !== undefined) {
      return toShare(this.#tops.read([top, ...furtherTops]));
    }
    const [one, ...others] = distincts;
    const count = one === undefined ? 0 : this.#distincts.read([one, ...others]).count;
    return { value: count, observations: count };
  }
}

/** The share of the heaviest key that is certain: a rule must not fire for what only may be. */
function toShare(top: Top): Averaged {
  const [heaviest] = top.entries(1);
  return heaviest === undefined
    ? { value: 0, observations: top.total }
    : {
        value: (heaviest.count - heaviest.error) / top.total,
        observations: top.total,
        heaviest: heaviest.key,
      };
}
