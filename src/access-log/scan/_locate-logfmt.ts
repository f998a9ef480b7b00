// Hot path: finds the wanted values of a line of `key=value` and `key="va\"lue"` with spaces between.

import { decodeLogfmt, decodeUtf8 } from "../format/decode-text.ts";
import { KeyFinder, keyKinds, rootNode, unwanted, type WantedKey } from "./_key-finder.ts";
import { LineShape } from "./_line-shape.ts";
import type { KeySlots, Locator, LocatorParts } from "./_locator.ts";
import { type NamedValues, valueKinds } from "./_named-values.ts";
import { bareStops, quotedStops, TextScan } from "./_text-scan.ts";

const newline = 10;
const carriageReturn = 13;
const quote = 34;
const equals = 61;
const backslash = 92;

/** What may follow a key or a value. A carriage return only counts in front of the newline. */
function isEnd(bytes: Uint8Array, at: number): boolean {
  const byte = bytes[at];
  return (
    byte === 32 ||
    byte === 9 ||
    byte === newline ||
    (byte === carriageReturn && bytes[at + 1] === newline)
  );
}

/** Other blanks, and the first bytes of all those that UTF-8 writes in several. */
const isDoubtful = Uint8Array.from({ length: 256 }, (_, byte) =>
  [11, 12, 13, quote, 0xc2, 0xe1, 0xe2, 0xe3, 0xef].includes(byte) ? 1 : 0,
);

export class LogfmtLocator implements Locator {
  readonly #slots: KeySlots;
  readonly #finder: KeyFinder;
  readonly #kinds: Uint8Array;
  readonly #shape = new LineShape();
  readonly #values: NamedValues;
  readonly #scan = new TextScan();
  /** Hashes of the value that is read now are asked for. */
  #isKey = false;
  #bytes: Uint8Array = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);

  constructor(keys: readonly WantedKey[], { values, slots }: LocatorParts) {
    this.#finder = new KeyFinder(keys);
    this.#kinds = Uint8Array.from(keys, ({ kind }) => kind);
    this.#values = values;
    this.#slots = slots;
  }

  use(bytes: Buffer, view: DataView): void {
    this.#bytes = bytes;
    this.#view = view;
  }

  locate(start: number): number {
    const bytes = this.#bytes;
    let at = this.#skipSpaces(start);
    for (let ordinal = 0; bytes[at] !== newline; ordinal++) {
      const length = this.#shape.keyLength(this.#view, at, ordinal, rootNode);
      const node =
        length > 0 ? (this.#shape.nodes[ordinal] ?? unwanted) : this.#findKey(at, ordinal);
      at = length > 0 ? at + length : this.#keyEnd;
      if (at < 0) {
        return -1;
      }
      const isAlone = bytes[at - 1] !== equals;
      at = isAlone ? at : this.#readValue(at, node);
      if (at < 0 || (isAlone && node !== unwanted)) {
        return -1;
      }
      at = this.#skipSpaces(at);
    }
    return this.#values.hasAny ? at + 1 : -1;
  }

  /** And over the carriage return in front of the newline. */
  #skipSpaces(start: number): number {
    let at = start;
    while (this.#bytes[at] === 32 || this.#bytes[at] === 9) {
      at++;
    }
    return this.#bytes[at] === carriageReturn && this.#bytes[at + 1] === newline ? at + 1 : at;
  }

  /** Of the key that was found last: behind its `=`, or behind a key that stands alone; or -1. */
  #keyEnd = 0;

  #findKey(start: number, ordinal: number): number {
    let end = start;
    while (this.#bytes[end] !== equals && !isEnd(this.#bytes, end)) {
      if (isDoubtful[this.#bytes[end] ?? 0] === 1) {
        this.#keyEnd = -1;
        return unwanted;
      }
      end++;
    }
    const node = this.#finder.find(this.#view, start, end, rootNode);
    if (end === start) {
      this.#keyEnd = -1;
    } else if (this.#bytes[end] === equals) {
      this.#keyEnd = end + 1;
      this.#shape.keepKey(this.#view, {
        start,
        end: end + 1,
        ordinal,
        parent: rootNode,
        node,
      });
    } else {
      this.#keyEnd = end;
    }
    return node;
  }

  /** Behind the value at `at`; of equal keys the last counts. */
  #readValue(at: number, node: number): number {
    const key = node === unwanted ? -1 : (this.#finder.keyOf[node] ?? -1);
    const slot = key < 0 ? -1 : this.#slots.give(key);
    this.#isKey = key >= 0 && this.#kinds[key] === keyKinds.key;
    return this.#bytes[at] === quote ? this.#readQuoted(at + 1, slot) : this.#readBare(at, slot);
  }

  #readQuoted(start: number, slot: number): number {
    let end = this.#isKey
      ? this.#scan.read(this.#view, start, quotedStops)
      : this.#scan.skip(this.#view, start, quotedStops);
    let isEscaped = false;
    if (this.#bytes[end] === quote) {
      if (slot >= 0) {
        this.#values.put(slot, start, end, this.#scan);
      }
      return isEnd(this.#bytes, end + 1) ? end + 1 : -1;
    }
    for (let byte = this.#bytes[end]; byte !== quote; byte = this.#bytes[end]) {
      if (byte === newline) {
        return -1;
      }
      isEscaped ||= byte === backslash;
      end += byte === backslash && this.#bytes[end + 1] !== newline ? 2 : 1;
    }
    if (slot >= 0 && isEscaped) {
      this.#values.putOdd(slot, start, end, valueKinds.logfmtText);
    } else if (slot >= 0) {
      this.#scan.hashText(this.#view, start, end);
      this.#values.put(slot, start, end, this.#scan);
    }
    return isEnd(this.#bytes, end + 1) ? end + 1 : -1;
  }

  #readBare(start: number, slot: number): number {
    const found = this.#isKey
      ? this.#scan.read(this.#view, start, bareStops)
      : this.#scan.skip(this.#view, start, bareStops);
    let end = found;
    while (!isEnd(this.#bytes, end)) {
      if (isDoubtful[this.#bytes[end] ?? 0] === 1) {
        return -1;
      }
      end++;
    }
    if (slot >= 0) {
      if (end !== found) {
        this.#scan.hashText(this.#view, start, end);
      }
      this.#values.put(slot, start, end, this.#scan);
    }
    return end;
  }
}

/** The text of a quoted value with escapes, its bytes as latin1. */
export function decodeLogfmtText(raw: string): string {
  return decodeLogfmt(decodeUtf8(Buffer.from(raw, "latin1")));
}
