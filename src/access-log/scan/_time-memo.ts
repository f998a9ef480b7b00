// The last time that was read at one place of a line. Neighbouring lines mostly have the same; those
// with a fraction of a second mostly have the same but for that.

import type { TimePart } from "../format/line-format.ts";
import { readTime, type TimeComponents } from "../format/read-time.ts";
import { lengthOf } from "../format/time-layout.ts";
import { slackBytes } from "./_key-table.ts";

/** Longer times are not remembered, and not read. */
export const timeBytesMax = 54;

const digitsPattern = /^\d+$/;

export class TimeMemo {
  readonly bytes = new Uint8Array(timeBytesMax + slackBytes);
  readonly view = new DataView(this.bytes.buffer);
  length = 0;
  components: TimeComponents = {};
  /** Of the components; 0 without a fraction at the end. */
  fractionMs = 0;
  /** The components but for the fraction at the end have changed since they were last asked for. */
  isNew = true;
  readonly #part: TimePart;
  readonly #fractionDigits: number;
  #prefix = "";

  /** `isOnly`: no other part has to do with the time. */
  constructor(part: TimePart, isOnly: boolean) {
    this.#part = part;
    const last = part.layout.at(-1);
    const isFixed = lengthOf(part.layout) !== undefined;
    this.#fractionDigits =
      isFixed && isOnly && part.isUsed && last?.kind === "fraction" ? last.digits : 0;
  }

  /** Whether all of it but the fraction at its end can be told apart. */
  get hasFraction(): boolean {
    return this.#fractionDigits > 0;
  }

  /** Reads the time that `text` (latin1) starts with; its length, or 0 when it is none. */
  read(text: string): number {
    return this.#readFraction(text) ? this.length : this.#readWhole(text);
  }

  #readFraction(text: string): boolean {
    const { length } = this.#prefix;
    if (length === 0 || !text.startsWith(this.#prefix)) {
      return false;
    }
    const digits = text.slice(length, length + this.#fractionDigits);
    if (digits.length < this.#fractionDigits || !digitsPattern.test(digits)) {
      return false;
    }
    this.length = length + digits.length;
    this.fractionMs = toMs(digits);
    this.#remember(text);
    return true;
  }

  #readWhole(text: string): number {
    this.length = 0;
    this.#prefix = "";
    const found = readTime(text, 0, this.#part.layout);
    if (found === undefined || found.end > timeBytesMax) {
      return 0;
    }
    this.length = found.end;
    this.isNew = true;
    this.components = this.#part.isUsed ? found.components : {};
    this.fractionMs = 0;
    if (this.hasFraction) {
      this.#prefix = text.slice(0, found.end - this.#fractionDigits);
      this.fractionMs = toMs(text.slice(this.#prefix.length, found.end));
      this.components = { ...found.components, fractionMs: 0 };
    }
    this.#remember(text);
    return found.end;
  }

  #remember(text: string): void {
    for (let at = 0; at < this.length; at++) {
      this.bytes[at] = text.charCodeAt(at);
    }
  }
}

/** The digits behind the point of a second; what is below a millisecond is cut off. */
function toMs(digits: string): number {
  return Number(digits.slice(0, 3).padEnd(3, "0"));
}
