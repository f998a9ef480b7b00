import type { NamedValues } from "./_named-values.ts";

/** Finds the named values of lines, by the rules of line-format.ts, for the lines that are as usual. */
export interface Locator {
  /** Lines come from these bytes from now on; some can be read behind the last line. */
  use(bytes: Buffer, view: DataView): void;
  /**
   * Puts the values of the line at `at` into `values` and returns where the next line starts; -1 when
   * the reference parser has to read it.
   */
  locate(at: number): number;
}

export interface LocatorParts {
  readonly values: NamedValues;
  readonly slots: KeySlots;
}

/** Which slot the value of a key is in. Slots are given to keys that occur: a format knows a hundred. */
export class KeySlots {
  /** By the number of the key; -1 as long as it has not occurred. */
  readonly slotOf: Int32Array;
  /** A key has occurred that had not: the code has to be made for it as well. */
  hasNew = false;
  readonly #values: NamedValues;

  constructor(keys: number, values: NamedValues) {
    this.slotOf = new Int32Array(keys).fill(-1);
    this.#values = values;
  }

  /** Of a key; one that has none gets the next. */
  give(key: number): number {
    const known = this.slotOf[key] ?? -1;
    if (known >= 0) {
      return known;
    }
    this.hasNew = true;
    const slot = this.#values.addSlot();
    this.slotOf[key] = slot;
    return slot;
  }
}
