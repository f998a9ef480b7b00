// What was written to the logs of one source, and what of it is counted.
import { Fingerprint, type Remains } from "./fingerprint.ts";
import type { DoomedLine } from "./log-writer.ts";

/** Sums over all batches of a source. */
export interface Counted {
  parsed: number;
  unparsed: number;
  tooLong: number;
  lostBytes: number;
  rotations: number;
  truncations: number;
  late: number;
}

/** The writer's side and the journal's side of one source, which must become equal. */
export class Tally {
  /** Written minus counted. */
  readonly difference = new Fingerprint();
  readonly counted: Counted = {
    parsed: 0,
    unparsed: 0,
    tooLong: 0,
    lostBytes: 0,
    rotations: 0,
    truncations: 0,
    late: 0,
  };
  readonly #onNumber: (number: number) => void;
  readonly #doomed = new Map<number, number>();
  /** Of earlier rounds, and of noise, of which nobody can say whether it was counted. */
  #destroyedBytes = 0;
  #destroyedLines = 0;
  #doomedNoise = 0;
  #lastNumber = 0;
  #noise = 0;
  #tooLong = 0;
  #truncations = 0;

  /** `onNumber` is told each number that is given out. */
  constructor(onNumber: (number: number) => void) {
    this.#onNumber = onNumber;
  }

  /** How many numbered lines were written. */
  get written(): number {
    return this.#lastNumber;
  }

  /** The next number, which is now expected to be counted. */
  takeNumber(): number {
    this.#lastNumber++;
    this.difference.add(this.#lastNumber);
    this.#onNumber(this.#lastNumber);
    return this.#lastNumber;
  }

  addNoise(): void {
    this.#noise++;
  }

  addTooLong(): void {
    this.#tooLong++;
  }

  /** What truncations destroyed may be counted, if it was read in time, or not. */
  addDoomed(lines: readonly DoomedLine[], truncations = 1): void {
    this.#truncations += truncations;
    for (const { number, sizeBytes } of lines) {
      if (number === undefined) {
        this.#doomedNoise++;
        this.#destroyedBytes += sizeBytes;
      } else {
        this.#doomed.set(number, sizeBytes);
      }
    }
  }

  /** Nothing is missing or doubled but what was destroyed. Cheap, as it is asked often. */
  get isSettled(): boolean {
    return this.problems().length === 0;
  }

  /** Lines that were destroyed and are not counted. */
  destroyed(): { readonly lines: number; readonly bytes: number } {
    const missing = [...(this.difference.remains() ?? [])];
    const bytes = missing.reduce((sum, [number]) => sum + (this.#doomed.get(number) ?? 0), 0);
    return {
      lines: this.#destroyedLines + missing.length,
      bytes: this.#destroyedBytes + bytes,
    };
  }

  /** All is settled: from now on, what was destroyed stays uncounted, and what was counted stays so. */
  closeRound(): void {
    const { lines, bytes } = this.destroyed();
    this.#destroyedLines = lines;
    this.#destroyedBytes = bytes;
    for (const [number, times] of this.difference.remains() ?? []) {
      this.difference.add(number, -times);
    }
    this.#doomed.clear();
  }

  /** What is wrong with what is counted until now, in sentences; none once all is counted once. */
  problems(): readonly string[] {
    const remains = this.difference.remains();
    if (remains === undefined) {
      return [this.#describeMany(), ...this.#amountProblems()];
    }
    return [...this.#numberProblems(remains), ...this.#amountProblems()];
  }

  #describeMany(): string {
    const missing = this.difference.lines();
    const range = this.difference.range();
    if (range !== undefined) {
      const what = missing > 0 ? "not counted" : "counted twice";
      return `number ${range[0]} to ${range[1]}, ${Math.abs(missing)} in all, are ${what}`;
    }
    return (
      `of ${this.written} numbers, more than can be named are not counted once: ` +
      (missing < 0 ? `${-missing} too many on balance` : `${missing} are missing on balance`)
    );
  }

  #numberProblems(remains: Remains): readonly string[] {
    const wrong = [...remains]
      .filter(([number, times]) => times !== 1 || !this.#doomed.has(number))
      .toSorted(([one], [other]) => one - other);
    const runs: { readonly first: number; readonly times: number; last: number }[] = [];
    for (const [number, times] of wrong) {
      const run = runs.at(-1);
      if (run?.last === number - 1 && run.times === times) {
        run.last = number;
      } else {
        runs.push({ first: number, last: number, times });
      }
    }
    return runs.map(({ first, last, times }) => {
      const what = times > 0 ? "not counted" : `counted ${1 - times} times`;
      return first === last
        ? `number ${first} is ${what}`
        : `number ${first} to ${last}, ${last - first + 1} in all, are ${what}`;
    });
  }

  #amountProblems(): readonly string[] {
    const { unparsed, tooLong, lostBytes } = this.counted;
    // A torn line leaves at most two pieces: one at the end of the copy, one at the start of the truncated file.
    const unparsedMin = this.#noise - this.#doomedNoise;
    const unparsedMax = this.#noise + 2 * this.#truncations;
    const { bytes } = this.destroyed();
    return [
      unparsed < unparsedMin && `${unparsed} lines are unparsed, not at least ${unparsedMin}`,
      unparsed > unparsedMax && `${unparsed} lines are unparsed, not at most ${unparsedMax}`,
      tooLong !== this.#tooLong && `${tooLong} lines are too long, not ${this.#tooLong}`,
      lostBytes > bytes && `${lostBytes} bytes are called lost, of ${bytes} that are not counted`,
    ].filter((problem) => problem !== false);
  }
}
