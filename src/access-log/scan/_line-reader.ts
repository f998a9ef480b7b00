// Reads single lines by the reference parser, of one format or of another one beside it.

import type { LogHeader } from "../format/line-format.ts";
import {
  createSlowParser,
  type LineOutcome,
  type SlowParser,
} from "../format/parse-line-slowly.ts";
import type { ZoneClock } from "../format/zone-clock.ts";
import type { ScanSpec } from "./log-scanner.ts";

const otherRunMax = 100;

export class LineReader {
  /** How long after its time the request of the last entry ended. */
  lastingMs = 0;
  readonly #slow: SlowParser;
  readonly #slowFallback: SlowParser | undefined;
  /** Lines in a row that were of the other format than the compiled one. */
  #otherRun = 0;
  #isFallback = false;

  constructor(
    { format, fallback }: ScanSpec,
    state: { readonly zone: ZoneClock; readonly header: LogHeader | undefined },
  ) {
    const { zone, header } = state;
    this.#slow = createSlowParser(format, { zone, ...(header !== undefined && { header }) });
    this.#slowFallback = fallback === undefined ? undefined : createSlowParser(fallback, { zone });
  }

  get header(): LogHeader | undefined {
    return this.#slow.header();
  }

  /** The code should be made for the other format of the two: many lines in a row were of it. */
  get isOther(): boolean {
    return this.#otherRun >= otherRunMax;
  }

  /** Which of the two the code is made for now. */
  prepare(isFallback: boolean): void {
    this.#isFallback = isFallback;
    this.#otherRun = 0;
  }

  read(line: Uint8Array): LineOutcome {
    const outcome = this.#slow.parse(line);
    this.lastingMs = this.#slow.lastingMs();
    if (this.#slowFallback === undefined) {
      return outcome;
    }
    const other = outcome.kind === "unparsed" ? this.#slowFallback.parse(line) : outcome;
    const isOther = other.kind === "entry" && (other === outcome) === this.#isFallback;
    this.#otherRun = isOther ? this.#otherRun + 1 : 0;
    if (other.kind !== "entry") {
      return outcome;
    }
    this.lastingMs = (other === outcome ? this.#slow : this.#slowFallback).lastingMs();
    return other;
  }
}
