// Where the named values of a line are: what a locator finds, and what generated code reads.

import { TextScan } from "./_text-scan.ts";

/** Numbers of a slot: start, end, hash, check and kind of the value. A start of -1: it is absent. */
export const slotFields = 5;

/**
 * How a value is written. `plain`: its bytes are its text. The others are decoded first: texts with
 * escapes in them, and numbers of JSON that JavaScript would write in another way.
 */
export const valueKinds = { plain: 0, jsonText: 1, jsonNumber: 2, logfmtText: 3 } as const;
export type ValueKind = (typeof valueKinds)[keyof typeof valueKinds];

/** Undoes what a kind means, by kind, for the bytes of a value as latin1. */
export type Decoders = Readonly<Record<number, (raw: string) => string>>;

/** Behind the last byte of a scratch, which may be read as a part of a word. */
const slackBytes = 64;

export class NamedValues {
  /** Five numbers for each; see slotFields. */
  slots = new Int32Array(slotFields);
  /** What the slots point into: the line's bytes, or a copy with the values decoded. */
  bytes: Uint8Array = new Uint8Array(slackBytes);
  view = new DataView(this.bytes.buffer);
  buffer = Buffer.from(this.bytes.buffer);
  /** At least one value has been found. */
  hasAny = false;
  readonly #decoders: Decoders;
  readonly #scan = new TextScan();
  #used = 0;
  #isOdd = false;
  #isOwn = false;
  #line: Buffer = this.buffer;
  #lineView = this.view;
  #scratch: Buffer = Buffer.alloc(4096);
  #scratchView = viewOf(this.#scratch);

  constructor(decoders: Decoders) {
    this.#decoders = decoders;
  }

  get used(): number {
    return this.#used;
  }

  /** One more; its number. */
  addSlot(): number {
    const slot = this.#used++;
    if (this.#used * slotFields > this.slots.length) {
      const slots = new Int32Array(this.slots.length * 2).fill(-1);
      slots.set(this.slots);
      this.slots = slots;
    }
    return slot;
  }

  /** Lines come from these bytes from now on. */
  use(line: Buffer, view: DataView): void {
    this.#line = line;
    this.#lineView = view;
  }

  /** Before each line. */
  clear(): void {
    this.slots.fill(-1, 0, this.#used * slotFields);
    this.hasAny = false;
    this.#isOdd = false;
  }

  /** A value of the line that is as its text is; `scan` has its hashes. */
  put(slot: number, start: number, end: number, scan: TextScan): void {
    const at = slot * slotFields;
    this.slots[at] = start;
    this.slots[at + 1] = end;
    this.slots[at + 2] = scan.hash;
    this.slots[at + 3] = scan.check;
    this.slots[at + 4] = valueKinds.plain;
    this.hasAny = true;
  }

  putOdd(slot: number, start: number, end: number, kind: ValueKind): void {
    const at = slot * slotFields;
    this.slots[at] = start;
    this.slots[at + 1] = end;
    this.slots[at + 4] = kind;
    this.hasAny = true;
    this.#isOdd = true;
  }

  /** After each line: values that are odd are decoded. */
  settle(): void {
    if (this.#isOdd) {
      this.#decode();
    }
    if (this.#isOdd || this.#isOwn) {
      this.bytes = this.#scratch;
      this.view = this.#scratchView;
      this.buffer = this.#scratch;
    } else {
      this.bytes = this.#line;
      this.view = this.#lineView;
      this.buffer = this.#line;
    }
  }

  /**
   * Texts of their own in place of ranges of a line, by slot; hashed where `hashed` says so. `isAscii`:
   * all of them are.
   */
  putTexts(
    texts: readonly (string | undefined)[],
    hashed: readonly boolean[],
    isAscii: boolean,
  ): void {
    // One call to write them all: it costs as much as a text.
    const all = isAscii ? texts.join("") : "";
    this.#reserve(all.length);
    this.#scratch.write(all, "latin1");
    let end = 0;
    for (let slot = 0; slot < texts.length; slot++) {
      const text = texts[slot];
      if (text !== undefined) {
        const start = end;
        end = isAscii ? start + text.length : this.#write(text, start);
        if (hashed[slot] === true) {
          this.#scan.hashText(this.#scratchView, start, end);
        }
        this.put(slot, start, end, this.#scan);
      }
    }
    this.#isOwn = true;
  }

  #decode(): void {
    let end = 0;
    for (let slot = 0; slot < this.#used; slot++) {
      const at = slot * slotFields;
      const start = this.slots[at] ?? -1;
      if (start >= 0) {
        const last = this.slots[at + 1] ?? start;
        const decode = this.#decoders[this.slots[at + 4] ?? valueKinds.plain];
        const from = end;
        if (decode === undefined) {
          end = this.#copy(start, last, from);
        } else {
          end = this.#write(decode(this.#line.toString("latin1", start, last)), from);
        }
        this.#point(slot, from, end);
      }
    }
  }

  /** Where the copy ends. */
  #copy(start: number, end: number, to: number): number {
    this.#reserve(to + end - start);
    this.#line.copy(this.#scratch, to, start, end);
    return to + end - start;
  }

  #write(text: string, at: number): number {
    this.#reserve(at + text.length * 3);
    return at + this.#scratch.write(text, at, "utf8");
  }

  #point(slot: number, start: number, end: number): void {
    this.#scan.hashText(this.#scratchView, start, end);
    this.put(slot, start, end, this.#scan);
  }

  #reserve(length: number): void {
    if (length + slackBytes > this.#scratch.length) {
      const larger = Buffer.alloc((length + slackBytes) * 2);
      larger.set(this.#scratch);
      this.#scratch = larger;
      this.#scratchView = viewOf(larger);
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
