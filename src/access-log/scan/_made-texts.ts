// Texts that are not counted as they stand in the line: escapes are undone, addresses hidden. They
// come again, and making one takes ten times as long as counting it.

import { decodeText } from "../format/decode-text.ts";
import { anonymise } from "./anonymise.ts";
import { cutKey } from "./_cut-key.ts";
import { doubledCode, escapeCodes, hiddenCode } from "./_generate-end.ts";
import { checkKey, hashKey } from "./_key-hash.ts";
import { type KeyTable, slackBytes } from "./_key-table.ts";
import { remember } from "./_remember.ts";

/** Texts that are remembered: the last one of each hash. */
const madeMax = 4096;

interface MadeText {
  /** Of the bytes in the line, and what was done with them. */
  readonly rawHash: number;
  readonly rawCheck: number;
  readonly code: number;
  readonly bytes: Uint8Array;
  readonly length: number;
  readonly hash: number;
  readonly check: number;
}

/** Where a text stands in a line, and by `code` how: an escape code, and what is added to it. */
export interface TextPlace {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly code: number;
}

const encoder = new TextEncoder();

export class MadeTexts {
  readonly #decoders = escapeCodes.map((escape) =>
    remember((raw: string) => decodeText(raw, escape)),
  );
  readonly #made: (MadeText | undefined)[] = Array.from({ length: madeMax }, () => undefined);

  textOf({ buffer, start, end, code }: TextPlace): string {
    const raw = buffer.toString("latin1", start, end);
    const text = (code & doubledCode) === 0 ? raw : raw.replaceAll('""', '"');
    return this.#decoders[code & (doubledCode - 1)]?.(text) ?? text;
  }

  /** Counts the text at a place, of whose bytes these are the hashes. */
  count(table: KeyTable, place: TextPlace, rawHash: number, rawCheck: number): void {
    const at = (rawHash ^ place.code) & (madeMax - 1);
    let made = this.#made[at];
    if (
      made === undefined ||
      made.rawHash !== rawHash ||
      made.rawCheck !== rawCheck ||
      made.code !== place.code
    ) {
      const text = this.textOf(place);
      const key = (place.code & hiddenCode) === 0 ? text : anonymise(text);
      made = { rawHash, rawCheck, code: place.code, ...toKey(key) };
      this.#made[at] = made;
    }
    table.count(made.bytes, 0, made.length, made.hash, made.check);
  }
}

function toKey(text: string): Pick<MadeText, "bytes" | "length" | "hash" | "check"> {
  const key = encoder.encode(cutKey(text));
  const bytes = new Uint8Array(key.length + slackBytes);
  bytes.set(key);
  const view = new DataView(bytes.buffer);
  const hash = hashKey(view, 0, key.length);
  return { bytes, length: key.length, hash, check: checkKey(view, 0, key.length) };
}
