import { cutKey } from "./_cut-key.ts";
import { checkKey, hashKey } from "./_key-hash.ts";
import { type KeyTable, slackBytes } from "./_key-table.ts";

const encoder = new TextEncoder();

/** Counts texts in tables of bytes. */
export class TextKeys {
  #scratch = new Uint8Array(1024);
  #view = new DataView(this.#scratch.buffer);

  /** As KeyTable.count. */
  count(table: KeyTable, text: string): number {
    const key = cutKey(text);
    const needed = key.length * 3 + slackBytes;
    if (needed > this.#scratch.length) {
      this.#scratch = new Uint8Array(needed * 2);
      this.#view = new DataView(this.#scratch.buffer);
    }
    const { written } = encoder.encodeInto(key, this.#scratch);
    const hash = hashKey(this.#view, 0, written);
    return table.count(this.#scratch, 0, written, hash, checkKey(this.#view, 0, written));
  }
}
