// The last time that was read at one place of a line. Neighbouring lines mostly have the same; those
// with a fraction of a second mostly have the same but for that.

import type { TimePart } from "../format/line-format.ts";
import { readTime, type TimeComponents } from "../format/read-time.ts";
import { lengthOf } from "../format/time-layout.ts";
import { slackBytes } from "./_key-table.ts";

/** Longer times are not remembered, and not read. */
export const timeBytesMax = 54;

const digitsPattern = /^\d+$/;
/** An offset that no digit behind it could make longer. */
const wholeZonePattern = /^ ?(?:Z|[+-]\d\d:?\d\d)$/;

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
  /** Where the seconds stand, -1 when they cannot be read alone, and what is around them. */
  #secondAt = -1;
  #beforeSecond = "";
  #behindSecond = "";

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
    return this.#readFraction(text) || this.#readSecond(text) ? this.length : this.#readWhole(text);
  }

  /** Most new times differ in their seconds alone. One request a second: four times as fast. */
  #readSecond(text: string): boolean {
    const at = this.#secondAt;
    if (at < 0 || !text.startsWith(this.#beforeSecond)) {
      return false;
    }
    const [tens, ones] = [text.charCodeAt(at) - zero, text.charCodeAt(at + 1) - zero];
    if (!(tens >= 0 && tens < 6 && ones >= 0 && ones < 10)) {
      return false;
    }
    if (!text.startsWith(this.#behindSecond, at + 2)) {
      return false;
    }
    this.isNew = true;
    this.components = { ...this.components, second: tens * 10 + ones };
    this.bytes[at] = tens + zero;
    this.bytes[at + 1] = ones + zero;
    return true;
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
    this.#secondAt = -1;
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
    this.#findSecond(text.slice(0, found.end));
    return found.end;
  }

  #findSecond(text: string): void {
    const { layout, isUsed } = this.#part;
    const index = layout.findIndex(({ kind }) => kind === "second");
    const before = layout.slice(0, index);
    const at = index < 0 || !isUsed || this.hasFraction ? undefined : lengthOf(before);
    if (at !== undefined) {
      const behind = text.slice(at + 2);
      const isWhole = lengthOf(layout.slice(index)) !== undefined || wholeZonePattern.test(behind);
      this.#secondAt = isWhole ? at : -1;
      this.#beforeSecond = text.slice(0, at);
      this.#behindSecond = behind;
    }
  }

  #remember(text: string): void {
    for (let at = 0; at < this.length; at++) {
      this.bytes[at] = text.charCodeAt(at);
    }
  }
}

const zero = 48;

/** The digits behind the point of a second; what is below a millisecond is cut off. */
function toMs(digits: string): number {
  return Number(digits.slice(0, 3).padEnd(3, "0"));
}
