// Hot path: several look-ups a line. What costs is memory that is not in the cache, so that a look-up
// touches one slot and nothing else: a key is known by 64 bits of hash, as it is in a Distinct, and
// its bytes, in one arena, are read when a result is made. Comparing them as well took a sixth of
// the whole scan's time.

import { keyCharsMax, type Top } from "../../core/top.ts";
import { type Row, rowsToTop } from "./_rows-to-top.ts";

/** What has to be readable behind a line: words and the bytes of a whole time are read unasked. */
export const slackBytes = 64;

/** Longer keys are cut, and end in a hash of the whole. */
export const keyBytesMax = keyCharsMax;

/** Of `aux` for a key whose meaning nobody has asked for yet. */
export const unknownAux = -1;

const keysMin = 64;
const arenaBytesMin = 4096;
/** Room for keys of usual length; longer ones leave less room for others. */
const bytesPerKey = 128;
/** Longer runs of occupied slots are an attack or bad luck: then the table is pruned. */
const probesMax = 256;
/** Uppers this far above the error bound are told apart when half of the keys have to go. */
const levels = 64;
/** What a slot counts is settled before it leaves the small integers. */
const countMax = 2 ** 30;
/** Of the sketch: 64 KiB, which stay in the cache. */
const sketchBits = 16;
/** Times that a key is seen in the sketch, at most, before it comes into a table. */
const seenLargest = 32;

/**
 * Counts keys, at most `keysMax` of them at once. When one more comes, the lighter half goes, and
 * what those counted at most becomes the possible error of all that come later. From then on a key
 * has to be seen a few times before it comes into the table: in a log of keys that hardly ever come
 * again, most touch one byte of a small sketch and no slot.
 *
 * What holds, as in a Top: the true count of a key lies in [count, count + error], and a key that is
 * not there has been counted at most `errorMax` times. With no more keys than `keysMax` it is exact.
 */
export class KeyTable {
  /** By id: what the key means to the caller, a number from 0 on, or `unknownAux`. */
  aux = new Int32Array(keysMin + 1).fill(unknownAux);
  /** How often keys were counted that are no longer here. */
  dropped = 0;
  readonly #keysMax: number;
  readonly #onNew: KeyListeners["onNew"];
  readonly #toAux: KeyListeners["toAux"];
  /** One more than there are keys: ids begin with 1. */
  #end = 1;
  /** No key that has gone was counted more often, but for what the sketch says. */
  #goneMax = 0;
  /** By id: how often the key was counted since it came, but for what its slot says. */
  #counts = new Float64Array(keysMin + 1);
  #errors = new Float64Array(keysMin + 1);
  #starts = new Int32Array(keysMin + 2);
  /** By id, two each. */
  #hashes = new Int32Array(keysMin * 2 + 2);
  /** Four numbers each: hash, check, id or 0, how often it was counted since it was settled. */
  #slots = new Int32Array(keysMin * 8);
  #arena = new Uint8Array(arenaBytesMin);
  #hasHighBytes = false;
  /** By the first bits of a hash: how often keys that are not here were counted since the last prune. */
  #sketch: Uint8Array | undefined;

  constructor(keysMax: number, { onNew, toAux }: KeyListeners = {}) {
    this.#keysMax = Math.max(keysMin, keysMax);
    this.#onNew = onNew;
    this.#toAux = toAux;
  }

  get size(): number {
    return this.#end - 1;
  }

  get errorMax(): number {
    return this.#goneMax + (this.#sketch?.reduce((most, seen) => Math.max(most, seen), 0) ?? 0);
  }

  /**
   * Counts the key bytes[start, end) whose hashes these are, and returns its id: valid until the
   * next call. 0 is the id of all keys that have no place.
   */
  // oxlint-disable-next-line max-params -- numbers in registers: an object for each look-up is slower
  count(bytes: Uint8Array, start: number, end: number, hash: number, check: number): number {
    const slots = this.#slots;
    let slot = (hash << 2) & (slots.length - 1);
    for (let probes = 0; probes < probesMax; probes++) {
      if (slots[slot] === hash && slots[slot + 1] === check) {
        const count = (slots[slot + 3] ?? 0) + 1;
        slots[slot + 3] = count;
        if (count >= countMax) {
          this.#settle();
        }
        return slots[slot + 2] ?? 0;
      }
      if (slots[slot + 2] === 0) {
        return this.#admit(bytes, start, end, hash, check);
      }
      slot = (slot + 4) & (slots.length - 1);
    }
    this.#prune();
    return this.#admit(bytes, start, end, hash, check);
  }

  /** Takes back the last count of a key. */
  uncount(id: number): void {
    if (id === 0) {
      this.dropped--;
    } else {
      this.#counts[id] = (this.#counts[id] ?? 0) - 1;
    }
  }

  /** Remembers what a key means, unless it has no place. */
  mean(id: number, aux: number): void {
    if (id > 0) {
      this.aux[id] = aux;
    }
  }

  textOf(id: number): string {
    const start = this.#starts[id] ?? 0;
    const end = this.#starts[id + 1] ?? 0;
    return decoder.decode(this.#arena.subarray(start, end));
  }

  /**
   * The heaviest keys, at most `entriesMax`, of those with the given aux when there is one. Keys that
   * were dropped are in the total; for one aux alone they are not, since theirs is not known.
   */
  toTop(entriesMax: number, aux?: number): Top {
    this.#settle();
    const ids = this.#idsOf(aux);
    const dropped = aux === undefined ? this.dropped : 0;
    const total = ids.reduce((sum, id) => sum + (this.#counts[id] ?? 0), dropped);
    const rows = this.#toRows(this.#hasHighBytes ? ids : this.#heaviest(ids, entriesMax + 1));
    return rowsToTop(rows, { total, errorMax: this.errorMax, entriesMax });
  }

  /** Every key with its count; what was dropped is under `other`. For small tables. */
  toCounts(other: string): Map<string, number> {
    this.#settle();
    const rows = this.#toRows(this.#idsOf());
    const counts = new Map(rows.map(({ key, count }) => [key, count]));
    if (this.dropped > 0) {
      counts.set(other, (counts.get(other) ?? 0) + this.dropped);
    }
    return counts;
  }

  #idsOf(aux?: number): number[] {
    const ids: number[] = [];
    for (let id = 1; id < this.#end; id++) {
      if ((this.#counts[id] ?? 0) > 0 && (aux === undefined || this.aux[id] === aux)) {
        ids.push(id);
      }
    }
    return ids;
  }

  /** In their order; of equal ones those that came first. */
  #heaviest(ids: number[], max: number): number[] {
    if (ids.length <= max) {
      return ids;
    }
    const uppers = Float64Array.from(ids, (id) => this.#upper(id)).toSorted();
    const limit = uppers[ids.length - max] ?? 0;
    let ties = max - ids.filter((id) => this.#upper(id) > limit).length;
    return ids.filter((id) => {
      const upper = this.#upper(id);
      return upper > limit || (upper === limit && ties-- > 0);
    });
  }

  /** Bytes that are no UTF-8 may become the same text: their rows become one. */
  #toRows(ids: readonly number[]): Row[] {
    const rows = new Map<string, Row>();
    for (const id of ids) {
      const key = this.textOf(id);
      const count = this.#counts[id] ?? 0;
      const error = this.#errors[id] ?? 0;
      const known = rows.get(key);
      if (known === undefined) {
        rows.set(key, { key, count, error });
      } else {
        known.count += count;
        known.error += error;
      }
    }
    return [...rows.values()];
  }

  /** While there has been room for all, every key comes in; later, those the sketch has seen often. */
  // oxlint-disable-next-line max-params -- as above
  #admit(bytes: Uint8Array, start: number, end: number, hash: number, check: number): number {
    let error = this.#goneMax;
    const sketch = this.#sketch;
    if (sketch !== undefined) {
      const place = hash >>> (32 - sketchBits);
      const seen = sketch[place] ?? 0;
      if (seen < this.#seenMax) {
        sketch[place] = seen + 1;
        this.dropped++;
        this.#onNew?.(bytes, start, end);
        return 0;
      }
      error += seen;
    }
    const id = this.#insert(bytes, start, end, error);
    this.#place(id, hash, check);
    return id;
  }

  #insert(bytes: Uint8Array, start: number, end: number, error: number): number {
    this.#makeRoom(end - start);
    const id = this.#end++;
    const from = this.#starts[id] ?? 0;
    let bits = 0;
    for (let at = 0; at < end - start; at++) {
      const byte = bytes[start + at] ?? 0;
      this.#arena[from + at] = byte;
      bits |= byte;
    }
    this.#hasHighBytes ||= bits > 127;
    this.#starts[id + 1] = from + end - start;
    this.#counts[id] = 1;
    this.#errors[id] = error;
    this.aux[id] = this.#toAux?.(bytes, start, end) ?? unknownAux;
    this.#onNew?.(bytes, start, end);
    return id;
  }

  #place(id: number, hash: number, check: number): void {
    const slots = this.#slots;
    let slot = (hash << 2) & (slots.length - 1);
    while (slots[slot + 2] !== 0) {
      slot = (slot + 4) & (slots.length - 1);
    }
    this.#hashes[id * 2] = hash;
    this.#hashes[id * 2 + 1] = check;
    slots[slot] = hash;
    slots[slot + 1] = check;
    slots[slot + 2] = id;
    slots[slot + 3] = 0;
  }

  /** What the slots have counted goes to where there is room for more. */
  #settle(): void {
    const slots = this.#slots;
    for (let slot = 0; slot < slots.length; slot += 4) {
      const id = slots[slot + 2] ?? 0;
      this.#counts[id] = (this.#counts[id] ?? 0) + (slots[slot + 3] ?? 0);
      slots[slot + 3] = 0;
    }
  }

  #makeRoom(length: number): void {
    const bytesMax = Math.max(arenaBytesMin, this.#keysMax * bytesPerKey);
    const used = this.#starts[this.#end] ?? 0;
    if (this.size >= this.#keysMax || used + length > bytesMax) {
      this.#prune();
    }
    if (this.#end >= this.#counts.length) {
      this.#grow();
    }
    const needed = (this.#starts[this.#end] ?? 0) + length;
    if (needed > this.#arena.length) {
      const arena = new Uint8Array(Math.max(this.#arena.length * 2, needed));
      arena.set(this.#arena);
      this.#arena = arena;
    }
  }

  #grow(): void {
    this.#settle();
    const room = Math.min(this.size * 4, this.#keysMax);
    this.#counts = resize(this.#counts, new Float64Array(room + 1));
    this.#errors = resize(this.#errors, new Float64Array(room + 1));
    this.aux = resize(this.aux, new Int32Array(room + 1));
    this.#starts = resize(this.#starts, new Int32Array(room + 2));
    this.#hashes = resize(this.#hashes, new Int32Array(room * 2 + 2));
    this.#slots = new Int32Array(2 ** Math.ceil(Math.log2(room * 2)) * 4);
    for (let id = 1; id < this.#end; id++) {
      this.#place(id, this.#hashes[id * 2] ?? 0, this.#hashes[id * 2 + 1] ?? 0);
    }
  }

  /** Drops the lighter half, and those that count as little as its heaviest. */
  #prune(): void {
    this.#settle();
    const limit = this.#lightLimit();
    this.#goneMax = Math.max(this.errorMax, limit);
    this.#forget();
    this.#slots.fill(0);
    let end = 0;
    let to = 1;
    for (let id = 1; id < this.#end; id++) {
      if (this.#upper(id) > limit) {
        end = this.#move(id, to++, end);
      } else {
        this.dropped += this.#counts[id] ?? 0;
      }
    }
    this.#end = to;
  }

  /** The more is uncertain already, the less it matters to wait before a key comes in. */
  get #seenMax(): number {
    return Math.min(seenLargest, 1 + (this.#goneMax >> 3));
  }

  #forget(): void {
    if (this.#sketch === undefined) {
      this.#sketch = new Uint8Array(2 ** sketchBits);
    } else {
      this.#sketch.fill(0);
    }
  }

  /** To a lower id and place in the arena, both of which are free; the end of its bytes there. */
  #move(id: number, to: number, start: number): number {
    const from = this.#starts[id] ?? 0;
    const end = start + (this.#starts[id + 1] ?? 0) - from;
    this.#arena.copyWithin(start, from, from + end - start);
    this.#starts[to + 1] = end;
    this.#counts[to] = this.#counts[id] ?? 0;
    this.#errors[to] = this.#errors[id] ?? 0;
    this.aux[to] = this.aux[id] ?? unknownAux;
    this.#place(to, this.#hashes[id * 2] ?? 0, this.#hashes[id * 2 + 1] ?? 0);
    return end;
  }

  #upper(id: number): number {
    return (this.#counts[id] ?? 0) + (this.#errors[id] ?? 0);
  }

  /** The least upper bound of a count that at least half of the keys do not exceed. */
  #lightLimit(): number {
    const atLevel = new Int32Array(levels);
    for (let id = 1; id < this.#end; id++) {
      const level = this.#upper(id) - this.#goneMax;
      if (level < levels) {
        const at = Math.max(0, level);
        atLevel[at] = (atLevel[at] ?? 0) + 1;
      }
    }
    let below = 0;
    for (const [level, keys] of atLevel.entries()) {
      below += keys;
      if (below * 2 >= this.size) {
        return this.#goneMax + level;
      }
    }
    const uppers = Float64Array.from({ length: this.size }, (_, at) =>
      this.#upper(at + 1),
    ).toSorted();
    return uppers[this.size >> 1] ?? 0;
  }
}

/** They are told a key by its bytes[start, end). */
export interface KeyListeners {
  /** Hears of every key that comes and is not there, also again. */
  readonly onNew?: (bytes: Uint8Array, start: number, end: number) => void;
  /** What a key means that gets a place. */
  readonly toAux?: (bytes: Uint8Array, start: number, end: number) => number;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function resize<Numbers extends Float64Array | Int32Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}
