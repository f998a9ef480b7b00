// Hot path: finds the wanted values of a line of `label:value` with tabs between.

import { KeyFinder, keyKinds, rootNode, unwanted, type WantedKey } from "./_key-finder.ts";
import { LineShape } from "./_line-shape.ts";
import type { KeySlots, Locator, LocatorParts } from "./_locator.ts";
import type { NamedValues } from "./_named-values.ts";
import { ltsvStops, TextScan } from "./_text-scan.ts";

const tab = 9;
const newline = 10;
const carriageReturn = 13;
const colon = 58;

export class LtsvLocator implements Locator {
  readonly #slots: KeySlots;
  readonly #finder: KeyFinder;
  readonly #kinds: Uint8Array;
  readonly #shape = new LineShape();
  readonly #values: NamedValues;
  readonly #scan = new TextScan();
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
    let at = start;
    for (let ordinal = 0; ; ordinal++) {
      const length = this.#shape.keyLength(this.#view, at, ordinal, rootNode);
      let node = this.#shape.nodes[ordinal] ?? unwanted;
      if (length === 0) {
        const end = this.#findColon(at);
        if (end < 0) {
          return -1;
        }
        node = this.#finder.find(this.#view, at, end - 1, rootNode);
        this.#shape.keepKey(this.#view, { start: at, end, ordinal, parent: rootNode, node });
        at = end;
      }
      at = this.#readValue(at + length, node);
      if (this.#bytes[at] === newline) {
        return this.#values.hasAny ? at + 1 : -1;
      }
      at++;
    }
  }

  /** Behind the colon of a label; -1 when there is none, or no label. */
  #findColon(start: number): number {
    let at = start;
    for (let byte = this.#bytes[at]; byte !== colon; byte = this.#bytes[at]) {
      if (byte === tab || byte === newline) {
        return -1;
      }
      at++;
    }
    return at === start ? -1 : at + 1;
  }

  /** The tab or newline behind it; of equal labels the last counts. */
  #readValue(start: number, node: number): number {
    const key = node === unwanted ? -1 : (this.#finder.keyOf[node] ?? -1);
    const slot = key < 0 ? -1 : this.#slots.give(key);
    const found =
      key >= 0 && this.#kinds[key] === keyKinds.key
        ? this.#scan.read(this.#view, start, ltsvStops)
        : this.#scan.skip(this.#view, start, ltsvStops);
    const end = this.#findEnd(found);
    if (slot >= 0) {
      const isReturn = this.#bytes[end] === newline && this.#bytes[end - 1] === carriageReturn;
      const last = isReturn && end > start ? end - 1 : end;
      if (last !== found) {
        this.#scan.hashText(this.#view, start, last);
      }
      this.#values.put(slot, start, last, this.#scan);
    }
    return end;
  }

  #findEnd(found: number): number {
    let end = found;
    for (let byte = this.#bytes[end]; byte !== tab && byte !== newline; byte = this.#bytes[end]) {
      end++;
    }
    return end;
  }
}
