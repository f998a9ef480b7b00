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
import { LineShape } from "./_line-shape.ts";
import type { KeySlots, Locator, LocatorParts } from "./_locator.ts";
import { type NamedValues, valueKinds } from "./_named-values.ts";
import { jsonStops, TextScan } from "./_text-scan.ts";

const quote = 34;
const digitsExact = 15;
/** More, and a power of ten times the divisor of a unit is no longer exact. */
const placesMax = 12;
const tenPowers = Float64Array.from({ length: 16 }, (_, places) => 10 ** places);

export class JsonLocator implements Locator {
  readonly #slots: KeySlots;
  readonly #finder: KeyFinder;
  readonly #slotByNode: Int32Array;
  readonly #kindByNode: Uint8Array;
  readonly #shape = new LineShape();
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
  #keyEnd = 0;
  #valueStart = 0;
  #objectEnd = -1;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  constructor(keys: readonly WantedKey[], { values, slots }: LocatorParts) {
    this.#finder = new KeyFinder(keys);
    this.#values = values;
    this.#slots = slots;
    this.#kindByNode = Uint8Array.from(
      this.#finder.keyOf,
      (key) => keys[key]?.kind ?? keyKinds.key,
    );
    this.#slotByNode = new Int32Array(this.#finder.keyOf.length).fill(-1);
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
  #readMembers(start: number, object: number): number {
    let at = start;
    let parent = object * 2;
    for (;;) {
      const ordinal = this.#ordinal;
      const length = this.#shape.keyLength(this.#view, at, ordinal, parent);
      let node = this.#shape.nodes[ordinal] ?? unwanted;
      if (length > 0) {
        at += length;
      } else {
        const key = this.#findKey(at, parent);
        if (key < 0) {
          return this.#objectEnd;
        }
        node = this.#finder.find(this.#view, key + 1, this.#keyEnd, object);
        const end = this.#valueStart;
        this.#shape.keepKey(this.#view, { start: at, end, ordinal, parent, node });
        at = end;
      }
      this.#ordinal++;
      // A comma has to be in front of all members but the first.
      parent = object * 2 + 1;
      at = node === unwanted ? this.#skipValue(at, ordinal) : this.#readNode(at, node);
      if (at < 0) {
        return -1;
      }
    }
  }

  #skipValue(at: number, ordinal: number): number {
    const end = at + this.#shape.valueLength(this.#view, at, ordinal);
    const byte = this.#bytes[end] ?? 0;
    if (end > at && (byte === 44 || byte === 125)) {
      return end;
    }
    const found = skipValue(this.#bytes, this.#view, at);
    if (found > 0) {
      this.#shape.keepValue(this.#view, at, found, ordinal);
    }
    return found;
  }

  /**
   * The quote of the key behind the blanks and the comma at `at`; the value's place is in
   * `#valueStart`. -1 when there is none: then `#objectEnd` says where the object ended, if it did.
   */
  #findKey(at: number, parent: number): number {
    const bytes = this.#bytes;
    let key = skipBlank(bytes, at);
    this.#objectEnd = bytes[key] === 125 ? key + 1 : -1;
    if ((parent & 1) === 1) {
      if (bytes[key] !== 44) {
        return -1;
      }
      key = skipBlank(bytes, key + 1);
    }
    const colon = bytes[key] === quote ? this.#findColon(key) : -1;
    this.#valueStart = skipBlank(bytes, colon + 1);
    return colon < 0 ? -1 : key;
  }

  /** Of the key whose quote is at `key`; -1 also when it has escapes in it. */
  #findColon(key: number): number {
    let end = key + 1;
    for (let byte = this.#bytes[end] ?? 0; byte !== quote; byte = this.#bytes[end] ?? 0) {
      if (byte < 32 || byte === 92) {
        return -1;
      }
      end++;
    }
    this.#keyEnd = end;
    const colon = skipBlank(this.#bytes, end + 1);
    return this.#bytes[colon] === 58 ? colon : -1;
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
    const slot = this.#slotOf(node);
    if (slot < 0) {
      return skipValue(this.#bytes, this.#view, at);
    }
    if (byte === quote) {
      return this.#readString(at + 1, slot, this.#kindByNode[node] ?? keyKinds.key);
    }
    return byte === 45 || (byte >= 48 && byte <= 57)
      ? this.#readNumber(at, slot, node)
      : this.#readWord(at, slot);
  }

  /** -1 for a node that only has others in it. */
  #slotOf(node: number): number {
    const known = this.#slotByNode[node] ?? -1;
    const key = this.#finder.keyOf[node] ?? -1;
    if (known >= 0 || key < 0) {
      return known;
    }
    const slot = this.#slots.give(key);
    this.#slotByNode[node] = slot;
    return slot;
  }

  #readString(start: number, slot: number, kind: number): number {
    const end =
      kind === keyKinds.key
        ? this.#scan.read(this.#view, start, jsonStops)
        : this.#scan.skip(this.#view, start, jsonStops);
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
    const kind = this.#kindByNode[node] ?? keyKinds.key;
    if (!this.#isPlain(kind, at, end)) {
      this.#values.putOdd(slot, at, end, valueKinds.jsonNumber);
      return end;
    }
    if (kind === keyKinds.key) {
      this.#scan.hashText(this.#view, at, end);
    }
    this.#values.put(slot, at, end, this.#scan);
    return end;
  }

  /**
   * The value of a number is that of JavaScript's text for it. That is how it stands in the line when
   * it has few digits, no exponent, is not tiny, and for texts when no zero ends its fraction. In a
   * time only milliseconds count: more digits may differ in what is behind them, unless they are such
   * that JavaScript rounds them up.
   */
  #isPlain(kind: number, start: number, end: number): boolean {
    const { whole, places, digits, isNegative, hasExponent } = this.#number;
    if (hasExponent || (isNegative && (places > 0 || digits === 0))) {
      return false;
    }
    if (whole + places > digitsExact) {
      const isTime = kind === keyKinds.time && whole === 10 && places >= 6 && !isNegative;
      return isTime && !this.#areNines(start + 14);
    }
    if (places === 0) {
      return true;
    }
    const isTiny = places > 6 && digits > 0 && digits < (tenPowers[places - 6] ?? 1);
    const isNumber = kind === keyKinds.number || kind === keyKinds.time;
    return !isTiny && (isNumber ? places <= placesMax : this.#bytes[end - 1] !== 48);
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
