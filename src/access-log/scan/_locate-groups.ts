// The named groups of a user's expression, which is matched once a line.

import { decodeUtf8 } from "../format/decode-text.ts";
import { isOnePass } from "./_one-pass-pattern.ts";
import { keyKinds, type WantedKey } from "./_key-finder.ts";
import type { Locator, LocatorParts } from "./_locator.ts";
import type { NamedValues } from "./_named-values.ts";

/** Longer lines are matched by the linear engine alone. */
const backtrackBytesMax = 4096;
const beyondAscii = /[^\0-\x7f]/;

export class GroupLocator implements Locator {
  readonly #pattern: RegExp;
  readonly #names: readonly string[];
  readonly #values: NamedValues;
  /** By slot: whether hashes are asked for. */
  readonly #hashed: readonly boolean[];
  /** Those of the line, by slot. */
  readonly #texts: (string | undefined)[];
  /**
   * The same expression for V8's ordinary engine, which is twenty times as fast as the linear one: for
   * expressions that it can match without trying a byte twice, from the line's beginning. A match
   * there is the leftmost one, so that both find the same.
   */
  readonly #quick: RegExp | undefined;
  #bytes: Buffer = Buffer.alloc(0);

  constructor(pattern: RegExp, keys: readonly WantedKey[], { values, slots }: LocatorParts) {
    this.#pattern = pattern;
    this.#names = keys.map(({ path: [name = ""] }) => name);
    this.#values = values;
    this.#texts = keys.map(() => undefined);
    this.#hashed = keys.map(({ kind }) => kind === keyKinds.key);
    this.#quick = isOnePass(pattern.source)
      ? // oxlint-disable-next-line no-invalid-regexp -- it has been compiled before
        new RegExp(pattern.source, "y")
      : undefined;
    for (const key of keys.keys()) {
      slots.give(key);
    }
  }

  use(bytes: Buffer): void {
    this.#bytes = bytes;
  }

  locate(at: number): number {
    const newline = this.#bytes.indexOf(10, at);
    const end = this.#bytes[newline - 1] === 13 && newline > at ? newline - 1 : newline;
    const text = this.#bytes.toString("latin1", at, end);
    const isAscii = !beyondAscii.test(text);
    const line = isAscii ? text : decodeUtf8(this.#bytes.subarray(at, end));
    const groups = this.#match(line)?.groups;
    if (groups === undefined) {
      return -1;
    }
    for (let slot = 0; slot < this.#names.length; slot++) {
      this.#texts[slot] = groups[this.#names[slot] ?? ""];
    }
    this.#values.putTexts(this.#texts, this.#hashed, isAscii);
    return newline + 1;
  }

  #match(line: string): RegExpExecArray | null {
    if (line.trimStart() === "") {
      return null;
    }
    if (this.#quick !== undefined && line.length <= backtrackBytesMax) {
      this.#quick.lastIndex = 0;
      const found = this.#quick.exec(line);
      if (found !== null) {
        return found;
      }
    }
    this.#pattern.lastIndex = 0;
    return this.#pattern.exec(line);
  }
}
