// The time that a name has. Neighbouring lines mostly have the same, or the same but for the fraction
// of its second; those that count seconds since 1970 are numbers.

import type { TimeValue } from "../format/line-format.ts";
import { readTime, type TimeComponents, toInstant } from "../format/read-time.ts";
import type { TimeLayout } from "../format/time-layout.ts";
import type { ZoneClock } from "../format/zone-clock.ts";
import { slackBytes } from "./_key-table.ts";
import type { NamedValues } from "./_named-values.ts";

/** Longer times are read anew each time. */
const timeBytesMax = 48;
const fractionPattern = /[.,](\d{1,9})(?!\d)/;
const fractionDigitsMax = 9;

export class NamedTime {
  readonly #value: TimeValue;
  readonly #zone: ZoneClock;
  /** Whether all numbers are since 1970, and nothing else is. */
  readonly #hasEpoch: boolean;
  readonly #bytes = new Uint8Array(timeBytesMax + slackBytes);
  readonly #view = new DataView(this.#bytes.buffer);
  /** Of the time that is remembered; 0: none is. */
  #length = 0;
  #instant = Number.NaN;
  #secondMs = Number.NaN;
  /** Where the digits of its fraction are; both 0: it has none. */
  #fractionStart = 0;
  #fractionEnd = 0;
  #isFixed = false;

  constructor(value: TimeValue, zone: ZoneClock) {
    this.#value = value;
    this.#zone = zone;
    this.#hasEpoch = takesNumbers(value.layouts);
  }

  /** The instant that the text is; NaN when it is none. `lastingMs`: how long the request took. */
  read(values: NamedValues, start: number, end: number, lastingMs: number): number {
    const length = end - start;
    if (length === this.#length && this.#isSame(values.view, start, 0, length)) {
      return this.#instant;
    }
    const epochMs = this.#hasEpoch ? readEpoch(values.bytes, start, end) : Number.NaN;
    if (!Number.isNaN(epochMs)) {
      return epochMs;
    }
    const ms = this.#fractionEnd > 0 ? this.#readFraction(values, start, end) : Number.NaN;
    return ms >= 0
      ? this.#secondMs + ms
      : this.#readWhole(values.buffer.toString("latin1", start, end), lastingMs);
  }

  /** Whether `length` bytes at `start` are those of the remembered time at `from`. */
  #isSame(view: DataView, start: number, from: number, length: number): boolean {
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (view.getInt32(start + at, true) !== this.#view.getInt32(from + at, true)) {
        return false;
      }
    }
    for (; at < length; at++) {
      if (view.getUint8(start + at) !== this.#view.getUint8(from + at)) {
        return false;
      }
    }
    return true;
  }

  /** The milliseconds of a time that is the remembered one but for them; NaN when it is not. */
  #readFraction(values: NamedValues, start: number, end: number): number {
    const tail = this.#length - this.#fractionEnd;
    const from = start + this.#fractionStart;
    const digits = end - tail - from;
    if (
      digits < 1 ||
      digits > (this.#isFixed ? this.#fractionEnd - this.#fractionStart : fractionDigitsMax) ||
      (this.#isFixed && digits !== this.#fractionEnd - this.#fractionStart) ||
      !this.#isSame(values.view, start, 0, this.#fractionStart) ||
      !this.#isSame(values.view, end - tail, this.#fractionEnd, tail)
    ) {
      return Number.NaN;
    }
    return fractionMs(values.bytes, from, from + digits);
  }

  #readWhole(text: string, lastingMs: number): number {
    this.#length = 0;
    this.#fractionEnd = 0;
    const found = this.#find(text);
    const instant =
      found === undefined ? undefined : toInstant(found.components, this.#zone, lastingMs);
    if (found === undefined || instant === undefined) {
      return Number.NaN;
    }
    const { zoneMinutes, epochMs } = found.components;
    const isSure = zoneMinutes !== undefined || epochMs !== undefined || !this.#zone.isAmbiguous;
    if (isSure && text.length <= timeBytesMax) {
      this.#instant = instant;
      this.#remember(text);
      this.#rememberFraction(text, found);
    }
    return instant;
  }

  #find(text: string): FoundTime | undefined {
    for (const layout of this.#value.layouts) {
      const found = readTime(text, 0, layout);
      if (found?.end === text.length) {
        return { components: found.components, layout };
      }
    }
    return undefined;
  }

  #remember(text: string): void {
    this.#length = text.length;
    for (let at = 0; at < text.length; at++) {
      this.#bytes[at] = text.charCodeAt(at);
    }
  }

  #rememberFraction(text: string, { components, layout }: FoundTime): void {
    const fractions = layout.filter(
      ({ kind }) => kind === "fraction" || kind === "optional_fraction",
    );
    const match = fractionPattern.exec(text);
    if (match !== null && fractions.length === 1 && components.fractionMs !== undefined) {
      this.#fractionStart = match.index + 1;
      this.#fractionEnd = match.index + match[0].length;
      this.#isFixed = fractions[0]?.kind === "fraction";
      this.#secondMs = this.#instant - components.fractionMs;
    }
  }
}

interface FoundTime {
  readonly components: TimeComponents;
  readonly layout: TimeLayout;
}

function takesNumbers(layouts: readonly TimeLayout[]): boolean {
  return layouts.some(isEpoch) && layouts.every((layout) => isEpoch(layout) || hasSigns(layout));
}

function isEpoch(layout: TimeLayout): boolean {
  const [first] = layout;
  return layout.length === 1 && first?.kind === "epoch" && first.unit === "auto";
}

/** Whether it has something that is no number. */
function hasSigns(layout: TimeLayout): boolean {
  return layout.some((item) => item.kind === "literal" && /[^\d.]/.test(item.text));
}

/** As `epoch` of unit `auto` is read; NaN for anything else, and for what begins with a zero. */
function readEpoch(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isDigit(bytes[at] ?? 0)) {
    at++;
  }
  const size = at - start;
  if (size === 0 || size > 19 || bytes[start] === 48) {
    return Number.NaN;
  }
  const ms = at === end ? 0 : fractionMs(bytes, at + 1, end);
  if (Number.isNaN(ms) || (at < end && bytes[at] !== 46)) {
    return Number.NaN;
  }
  if (size <= 11) {
    return toNumber(bytes, start, at) * 1000 + ms;
  }
  const dropped = size <= 14 ? 0 : size <= 17 ? 3 : 6;
  return toNumber(bytes, start, at - dropped);
}

function toNumber(bytes: Uint8Array, start: number, end: number): number {
  let number = 0;
  for (let at = start; at < end; at++) {
    number = number * 10 + (bytes[at] ?? 0) - 48;
  }
  return number;
}

/** Of the digits behind the point; NaN when they are none. */
function fractionMs(bytes: Uint8Array, start: number, end: number): number {
  let ms = 0;
  let weight = 100;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] ?? 0;
    if (!isDigit(byte)) {
      return Number.NaN;
    }
    ms += at < start + 3 ? (byte - 48) * weight : 0;
    weight /= 10;
  }
  return start < end ? ms : Number.NaN;
}

function isDigit(byte: number): boolean {
  return byte >= 48 && byte <= 57;
}
