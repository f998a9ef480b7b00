import { Distribution } from "../../core/distribution.ts";

/** From here on durations go into the distribution one by one: most are shorter, and fit the cache. */
const millisMax = 1024;

/** `bytes` of a tally, before the first: no integer, so that the sum does not become another kind of number later. */
export const noBytes = -0;

/**
 * Durations while they are counted. Whole milliseconds, which is what most servers log, are counted
 * by their number: adding each to a Distribution took a seventh of the whole scan, and the result
 * is the same.
 */
export class DurationTally {
  /** Requests by milliseconds. Generated code counts what is inside of it. */
  millis = new Float64Array(0);
  readonly #others: Distribution;

  /** `valuesMax` is that of a Distribution. */
  constructor(valuesMax?: number) {
    this.#others = new Distribution(valuesMax === undefined ? {} : { valuesMax });
  }

  /** `millis`: the same in milliseconds, when that is a whole number, else -1. */
  add(seconds: number, millis = -1): void {
    if (millis < 0 || millis >= millisMax) {
      this.#others.add(seconds);
      return;
    }
    this.#cover(millis);
    this.millis[millis] = (this.millis[millis] ?? 0) + 1;
  }

  merge(other: DurationTally): void {
    this.#cover(other.millis.length - 1);
    for (let millis = 0; millis < other.millis.length; millis++) {
      this.millis[millis] = (this.millis[millis] ?? 0) + (other.millis[millis] ?? 0);
    }
    this.#others.merge(other.#others);
  }

  /** A copy. */
  toDistribution(): Distribution {
    const all = this.#others.clone();
    for (let millis = 0; millis < this.millis.length; millis++) {
      const times = this.millis[millis] ?? 0;
      if (times > 0) {
        all.add(millis / 1000, times);
      }
    }
    return all;
  }

  #cover(millis: number): void {
    if (millis >= this.millis.length) {
      const wider = new Float64Array(Math.min(millisMax, 2 ** Math.ceil(Math.log2(millis + 64))));
      wider.set(this.millis);
      this.millis = wider;
    }
  }
}
