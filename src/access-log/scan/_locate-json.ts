// Hot path: finds the wanted values of a line that is a JSON object. What is skipped is checked, too:
// a line that this accepts is one that JSON.parse accepts.

import { decodeUtf8 } from "../format/decode-text.ts";
import {
  type JsonNumber,
  readNumber,
  skipBlank,
  skipElements,
  skipOddString,
  skipValue,
  skipWord,
} from "./_json-bytes.ts";
import { KeyFinder, keyKinds, rootNode, unwanted, type WantedKey } from "./_key-finder.ts";
import type { KeySlots, Locator, LocatorParts } from "./_locator.ts";
import { type NamedValues, type ValueKind, valueKinds } from "./_named-values.ts";
import { jsonStops, TextScan } from "./_text-scan.ts";

const quote = 34;
const digitsExact = 15;
/** More, and a power of ten times the divisor of a unit is no longer exact. */
const placesMax = 12;
const tenPowers = Float64Array.from({ length: 16 }, (_, places) => 10 ** places);

export class JsonLocator implements Locator {
  readonly #slots: KeySlots;
  readonly #keys: readonly WantedKey[];
  readonly #finder: KeyFinder;
  readonly #values: NamedValues;
  readonly #scan = new TextScan();
  readonly #number: JsonNumber = {
    whole: 0,
    places: 0,
    digits: 0,
    isNegative: false,
    hasExponent: false,
  };
  /** By node, the line that it was last found in: of equal keys the reference parser decides. */
  readonly #lines: Int32Array;
  #line = 0;
  #ordinal = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  constructor(keys: readonly WantedKey[], { values, slots }: LocatorParts) {
    this.#keys = keys;
    this.#finder = new KeyFinder(keys);
    this.#values = values;
    this.#slots = slots;
    this.#lines = new Int32Array(this.#finder.keyOf.length);
  }

  use(bytes: Buffer, view: DataView): void {
    this.#bytes = bytes;
    this.#view = view;
  }

  locate(at: number): number {
    this.#line = (this.#line + 1) | 0;
    this.#ordinal = 0;
    const start = skipBlank(this.#bytes, at);
    if (this.#bytes[start] !== 123) {
      return -1;
    }
    const end = this.#readMembers(start + 1, rootNode);
    if (end < 0) {
      return -1;
    }
    const last = skipBlank(this.#bytes, end);
    return this.#bytes[last] === 10 ? last + 1 : -1;
  }

  /** Behind the object whose first member is at `start`. */
  #readMembers(start: number, parent: number): number {
    const bytes = this.#bytes;
    let at = skipBlank(bytes, start);
    if (bytes[at] === 125) {
      return at + 1;
    }
    for (;;) {
      const ordinal = this.#ordinal++;
      const length = this.#finder.lengthOf(this.#view, at, ordinal, parent);
      let node = this.#finder.nodes[ordinal] ?? unwanted;
      if (length > 0) {
        at += length;
      } else {
        const end = this.#findColon(at);
        if (end < 0) {
          return -1;
        }
        node = this.#findNode(at, end, parent);
        this.#finder.remember(this.#view, { start: at, end, ordinal, parent, node });
        at = end;
      }
      at = skipBlank(bytes, at);
      at = node === unwanted ? skipValue(bytes, this.#view, at) : this.#readNode(at, node);
      if (at < 0) {
        return -1;
      }
      at = skipBlank(bytes, at);
      if (bytes[at] !== 44) {
        return bytes[at] === 125 ? at + 1 : -1;
      }
      at = skipBlank(bytes, at + 1);
    }
  }

  /** Behind the colon of the key whose quote is at `at`; -1 also for one with escapes in it. */
  #findColon(at: number): number {
    if (this.#bytes[at] !== quote) {
      return -1;
    }
    let end = at + 1;
    for (let byte = this.#bytes[end] ?? 0; byte !== quote; byte = this.#bytes[end] ?? 0) {
      if (byte < 32 || byte === 92) {
        return -1;
      }
      end++;
    }
    const colon = skipBlank(this.#bytes, end + 1);
    return this.#bytes[colon] === 58 ? colon + 1 : -1;
  }

  #findNode(at: number, behindColon: number, parent: number): number {
    const end = this.#bytes.lastIndexOf(quote, behindColon - 1);
    return this.#finder.find(this.#view, at + 1, end, parent);
  }

  #readNode(at: number, node: number): number {
    if (this.#lines[node] === this.#line) {
      return -1;
    }
    this.#lines[node] = this.#line;
    return this.#bytes[at] === 91 ? this.#readArray(at + 1, node) : this.#readValue(at, node);
  }

  /** An array stands for its first element. */
  #readArray(start: number, node: number): number {
    const bytes = this.#bytes;
    const first = skipBlank(bytes, start);
    if (bytes[first] === 93) {
      return first + 1;
    }
    const end =
      bytes[first] === 91 ? skipValue(bytes, this.#view, first, 1) : this.#readValue(first, node);
    const at = end < 0 ? -1 : skipBlank(bytes, end);
    if (at >= 0 && bytes[at] === 44) {
      return skipElements(bytes, this.#view, skipBlank(bytes, at + 1), 1);
    }
    return at >= 0 && bytes[at] === 93 ? at + 1 : -1;
  }

  #readValue(at: number, node: number): number {
    const byte = this.#bytes[at] ?? 0;
    if (byte === 123) {
      return this.#finder.isOuter[node] === 1
        ? this.#readMembers(at + 1, node)
        : skipValue(this.#bytes, this.#view, at);
    }
    const slot = this.#slots.of(this.#finder, node);
    if (slot < 0) {
      return skipValue(this.#bytes, this.#view, at);
    }
    if (byte === quote) {
      return this.#readString(at + 1, slot);
    }
    return byte === 45 || (byte >= 48 && byte <= 57)
      ? this.#readNumber(at, slot, node)
      : this.#readWord(at, slot);
  }

  #readString(start: number, slot: number): number {
    const end = this.#scan.read(this.#view, start, jsonStops);
    if (this.#bytes[end] === quote) {
      this.#values.put(slot, start, end, this.#scan);
      return end + 1;
    }
    const last = skipOddString(this.#bytes, end);
    if (last < 0) {
      return -1;
    }
    const backslash = this.#bytes.indexOf(92, end);
    if (backslash >= 0 && backslash < last) {
      this.#values.putOdd(slot, start, last, valueKinds.jsonText);
    } else {
      this.#scan.hashText(this.#view, start, last);
      this.#values.put(slot, start, last, this.#scan);
    }
    return last + 1;
  }

  #readWord(at: number, slot: number): number {
    const end = skipWord(this.#view, at);
    if (end > 0 && this.#bytes[at] !== 110) {
      this.#scan.hashText(this.#view, at, end);
      this.#values.put(slot, at, end, this.#scan);
    }
    return end;
  }

  #readNumber(at: number, slot: number, node: number): number {
    const end = readNumber(this.#bytes, at, this.#number);
    if (end < 0) {
      return -1;
    }
    const kind = this.#kindOf(this.#keys[this.#finder.keyOf[node] ?? 0]?.kind ?? 0, at, end);
    if (kind === valueKinds.plain) {
      this.#scan.hashText(this.#view, at, end);
      this.#values.put(slot, at, end, this.#scan);
    } else {
      this.#values.putOdd(slot, at, end, kind);
    }
    return end;
  }

  /**
   * The value of a number is that of JavaScript's text for it. That is how it stands in the line when
   * it has few digits, no exponent, is not tiny, and for texts when no zero ends its fraction. In a
   * time only milliseconds count: more digits may differ in what is behind them, unless they are such
   * that JavaScript rounds them up.
   */
  #kindOf(kind: WantedKey["kind"], start: number, end: number): ValueKind {
    const { whole, places, digits, isNegative, hasExponent } = this.#number;
    if (hasExponent || (isNegative && (places > 0 || digits === 0))) {
      return valueKinds.jsonNumber;
    }
    if (whole + places > digitsExact) {
      const isTime = kind === keyKinds.time && whole === 10 && places >= 6 && !isNegative;
      return isTime && !this.#areNines(start + 14) ? valueKinds.plain : valueKinds.jsonNumber;
    }
    const isTiny = places > 6 && digits > 0 && digits < (tenPowers[places - 6] ?? 1);
    const endsInZero = places > 0 && this.#bytes[end - 1] === 48;
    return isTiny || (kind === keyKinds.text ? endsInZero : places > placesMax)
      ? valueKinds.jsonNumber
      : valueKinds.plain;
  }

  #areNines(at: number): boolean {
    return (this.#view.getInt32(at, true) & 0xff_ffff) === 0x39_3939;
  }
}

/** The text of a string with escapes, its bytes as latin1. */
export function decodeJsonText(raw: string): string {
  const line = decodeUtf8(Buffer.from(raw, "latin1"));
  return String(JSON.parse(`"${line.replaceAll(escapes, toUnicode)}"`)).toWellFormed();
}

export function decodeJsonNumber(raw: string): string {
  return String(Number(raw));
}

/** nginx writes `\xHH` into strings unless it is told `escape=json`. */
const escapes = /\\(?:x([0-9A-Fa-f]{2})|.)/gs;

function toUnicode(escape: string, hex: string | undefined): string {
  return hex === undefined ? escape : `\\u00${hex}`;
}
