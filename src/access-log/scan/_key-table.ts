// Hot path: several look-ups a line, 20 to 40 ns each while the table fits into the cache. That is
// why keys are bytes in one arena, slots hold hash and id side by side, and bytes are compared four
// at a time.

import { randomInt } from "node:crypto";
import { Hash64, hashSeed } from "../../core/distinct.ts";
import { keyCharsMax, Top } from "../../core/top.ts";
import { ByteWriter } from "../../core/bytes.ts";

/** Another one in each process, so that nobody can choose keys that collide. */
export const hashFactor = randomInt(2 ** 30) * 4 + 5;

/** The low bytes of a word that belong to a key which ends inside of it. */
export const tailMasks = Int32Array.of(0, 0xff, 0xffff, 0xff_ffff);

/** What has to be readable behind a line: words and the bytes of a whole time are read unasked. */
export const slackBytes = 64;

/** Longer keys are cut, and end in a hash of the whole. */
export const keyBytesMax = keyCharsMax;

/** Of `aux` for a key whose meaning nobody has asked for yet. */
export const unknownAux = -1;

/** Behind the last key in the arena, whose last word is read whole. */
const wordBytes = 4;
const keysMin = 64;
const arenaBytesMin = 4096;
/** Room for keys of usual length; longer ones leave less room for others. */
const bytesPerKey = 128;
/** Longer runs of occupied slots are an attack or bad luck: then the table is pruned. */
const probesMax = 256;
/** Uppers this far above the error bound are told apart when half of the keys have to go. */
const levels = 64;

/** The rotating hash of bytes[start, end): a word at a time, then mixed once. */
export function hashKey(view: DataView, start: number, end: number): number {
  let hash = 0;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    hash = Math.imul(((hash << 5) | (hash >>> 27)) ^ view.getInt32(at, true), hashFactor);
  }
  const rest = view.getInt32(at, true) & (tailMasks[end - at] ?? 0);
  return mixHash(Math.imul(((hash << 5) | (hash >>> 27)) ^ rest, hashFactor), end - start);
}

export function mixHash(hash: number, length: number): number {
  const mixed = Math.imul(hash ^ length ^ (hash >>> 15), 0x2c1b_3c6d);
  return mixed ^ (mixed >>> 13);
}

/**
 * Counts keys, at most `keysMax` of them at once. When one more comes, the lighter half goes, and
 * what those counted at most becomes the possible error of all that come later. What holds, as in a
 * Top: the true count of a key lies in [count, count + error], and a key that is not there has been
 * counted at most `errorMax` times. With no more keys than `keysMax` it is exact.
 */
export class KeyTable {
  /** By id: how often the key was counted since it came. The caller counts. */
  counts = new Float64Array(keysMin);
  /** By id: what the key means to the caller, a number from 0 on, or `unknownAux`. */
  aux = new Int32Array(keysMin);
  size = 0;
  /** How often keys were counted that are no longer here. */
  dropped = 0;
  errorMax = 0;
  readonly #keysMax: number;
  readonly #onNew: NewKey | undefined;
  #errors = new Float64Array(keysMin);
  #starts = new Int32Array(keysMin + 1);
  #slots = new Int32Array(keysMin * 4);
  #mask = keysMin * 2 - 1;
  #arena = new Uint8Array(arenaBytesMin);
  #view = new DataView(this.#arena.buffer);

  /** `onNew` hears of every key that comes, also again. */
  constructor(keysMax: number, onNew?: NewKey) {
    this.#keysMax = Math.max(keysMin, keysMax);
    this.#onNew = onNew;
  }

  /**
   * The id of the key bytes[start, end), which comes into the table if it is not there; valid until
   * the next call. `view` is over the same bytes, with slackBytes behind the key.
   */
  find(bytes: Uint8Array, view: DataView, start: number, end: number, hash: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = hash & mask;
    for (let probes = 0; probes < probesMax; probes++) {
      const id = (slots[slot * 2 + 1] ?? 0) - 1;
      if (id < 0) {
        return this.#insert(bytes, start, end, hash);
      }
      if (slots[slot * 2] === hash && this.#isAt(id, view, start, end)) {
        return id;
      }
      slot = (slot + 1) & mask;
    }
    this.#prune();
    return this.#insert(bytes, start, end, hash);
  }

  count(id: number): void {
    this.counts[id] = (this.counts[id] ?? 0) + 1;
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
    const rows = this.#rows(aux);
    const dropped = aux === undefined ? this.dropped : 0;
    const total = rows.reduce((sum, { count }) => sum + count, dropped);
    return createTop(rows, { total, errorMax: this.errorMax, entriesMax });
  }

  /** Every key with its count; what was dropped is under `other`. For small tables. */
  toCounts(other: string): Map<string, number> {
    const counts = new Map(this.#rows().map(({ key, count }) => [key, count]));
    if (this.dropped > 0) {
      counts.set(other, (counts.get(other) ?? 0) + this.dropped);
    }
    return counts;
  }

  /** Bytes that are no UTF-8 may become the same text: their rows become one. */
  #rows(aux?: number): Row[] {
    const rows = new Map<string, Row>();
    for (let id = 0; id < this.size; id++) {
      const count = this.counts[id] ?? 0;
      if (count > 0 && (aux === undefined || this.aux[id] === aux)) {
        const key = this.textOf(id);
        const error = this.#errors[id] ?? 0;
        const known = rows.get(key);
        if (known === undefined) {
          rows.set(key, { key, count, error });
        } else {
          known.count += count;
          known.error += error;
        }
      }
    }
    return [...rows.values()];
  }

  #isAt(id: number, view: DataView, start: number, end: number): boolean {
    const from = this.#starts[id] ?? 0;
    const length = end - start;
    if ((this.#starts[id + 1] ?? 0) - from !== length) {
      return false;
    }
    const own = this.#view;
    let at = 0;
    for (; at + 4 <= length; at += 4) {
      if (own.getInt32(from + at, true) !== view.getInt32(start + at, true)) {
        return false;
      }
    }
    const difference = own.getInt32(from + at, true) ^ view.getInt32(start + at, true);
    return (difference & (tailMasks[length - at] ?? 0)) === 0;
  }

  #insert(bytes: Uint8Array, start: number, end: number, hash: number): number {
    this.#makeRoom(end - start);
    const id = this.size++;
    const from = this.#starts[id] ?? 0;
    for (let at = 0; at < end - start; at++) {
      this.#arena[from + at] = bytes[start + at] ?? 0;
    }
    this.#starts[id + 1] = from + end - start;
    this.counts[id] = 0;
    this.#errors[id] = this.errorMax;
    this.aux[id] = unknownAux;
    this.#place(id, hash);
    this.#onNew?.(bytes, start, end);
    return id;
  }

  #place(id: number, hash: number): void {
    let slot = hash & this.#mask;
    while (this.#slots[slot * 2 + 1] !== 0) {
      slot = (slot + 1) & this.#mask;
    }
    this.#slots[slot * 2] = hash;
    this.#slots[slot * 2 + 1] = id + 1;
  }

  #makeRoom(length: number): void {
    const bytesMax = Math.max(arenaBytesMin, this.#keysMax * bytesPerKey);
    const used = this.#starts[this.size] ?? 0;
    if (this.size >= this.#keysMax || used + length + wordBytes > bytesMax) {
      this.#prune();
    }
    if (this.size >= this.counts.length) {
      this.#grow();
    }
    const needed = (this.#starts[this.size] ?? 0) + length + wordBytes;
    if (needed > this.#arena.length) {
      const arena = new Uint8Array(Math.max(this.#arena.length * 2, needed));
      arena.set(this.#arena);
      this.#arena = arena;
      this.#view = new DataView(arena.buffer);
    }
  }

  #grow(): void {
    const room = Math.min(this.counts.length * 2, this.#keysMax);
    this.counts = resize(this.counts, new Float64Array(room));
    this.#errors = resize(this.#errors, new Float64Array(room));
    this.aux = resize(this.aux, new Int32Array(room));
    this.#starts = resize(this.#starts, new Int32Array(room + 1));
    const before = this.#slots;
    const slots = 2 ** Math.ceil(Math.log2(room * 2));
    this.#slots = new Int32Array(slots * 2);
    this.#mask = slots - 1;
    for (let at = 0; at < before.length; at += 2) {
      const id = (before[at + 1] ?? 0) - 1;
      if (id >= 0) {
        this.#place(id, before[at] ?? 0);
      }
    }
  }

  /** Drops the lighter half, and those that count as little as its heaviest. */
  #prune(): void {
    const limit = this.#lightLimit();
    const hashes = this.#hashes();
    const kept = Int32Array.from({ length: this.size }, (_, id) => id).filter(
      (id) => this.#upper(id) > limit,
    );
    for (let id = 0; id < this.size; id++) {
      this.dropped += this.#upper(id) > limit ? 0 : (this.counts[id] ?? 0);
    }
    this.errorMax = Math.max(this.errorMax, limit);
    this.#slots.fill(0);
    let end = 0;
    for (const [to, id] of kept.entries()) {
      const from = this.#starts[id] ?? 0;
      const length = (this.#starts[id + 1] ?? 0) - from;
      this.#arena.copyWithin(end, from, from + length);
      this.#starts[to] = end;
      end += length;
      this.counts[to] = this.counts[id] ?? 0;
      this.#errors[to] = this.#errors[id] ?? 0;
      this.aux[to] = this.aux[id] ?? unknownAux;
      this.#place(to, hashes[id] ?? 0);
    }
    this.#starts[kept.length] = end;
    this.size = kept.length;
  }

  #upper(id: number): number {
    return (this.counts[id] ?? 0) + (this.#errors[id] ?? 0);
  }

  /** The least upper bound of a count that at least half of the keys do not exceed. */
  #lightLimit(): number {
    const atLevel = new Int32Array(levels);
    for (let id = 0; id < this.size; id++) {
      const level = this.#upper(id) - this.errorMax;
      if (level < levels) {
        const at = Math.max(0, level);
        atLevel[at] = (atLevel[at] ?? 0) + 1;
      }
    }
    let below = 0;
    for (const [level, keys] of atLevel.entries()) {
      below += keys;
      if (below * 2 >= this.size) {
        return this.errorMax + level;
      }
    }
    const uppers = Float64Array.from({ length: this.size }, (_, id) => this.#upper(id)).toSorted();
    return uppers[this.size >> 1] ?? 0;
  }

  #hashes(): Int32Array {
    const hashes = new Int32Array(this.size);
    for (let at = 0; at < this.#slots.length; at += 2) {
      const id = (this.#slots[at + 1] ?? 0) - 1;
      if (id >= 0) {
        hashes[id] = this.#slots[at] ?? 0;
      }
    }
    return hashes;
  }
}

/** A key that has come into a table: its bytes[start, end). */
export type NewKey = (bytes: Uint8Array, start: number, end: number) => void;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function resize<Numbers extends Float64Array | Int32Array>(from: Numbers, to: Numbers): Numbers {
  to.set(from);
  return to;
}

interface Row {
  readonly key: string;
  /** At least; the true count is at most `error` more. */
  count: number;
  error: number;
}

interface TopTotals {
  readonly total: number;
  readonly errorMax: number;
  readonly entriesMax: number;
}

/**
 * A Top of rows: what its invariants demand of counts, which there are upper bounds, decides how
 * many rows it can hold when keys were dropped.
 */
function createTop(rows: Row[], { total, errorMax, entriesMax }: TopTotals): Top {
  const heaviest = rows.toSorted((a, b) => b.count + b.error - (a.count + a.error));
  const kept: Row[] = [];
  let rest = total;
  for (const row of heaviest.slice(0, entriesMax)) {
    rest -= row.count + row.error;
    if (rest < 0) {
      break;
    }
    kept.push(row);
  }
  const next = heaviest[kept.length];
  const unlisted = Math.max(errorMax, next === undefined ? 0 : next.count + next.error);
  if (unlisted === 0 || kept.length === 0) {
    const top = new Top(entriesMax);
    for (const { key, count } of kept) {
      top.add(key, count);
    }
    return top;
  }
  return Top.fromBytes(topBytes(kept, total, unlisted));
}

/** The binary form of a Top that is full: the only way to give one its errors. */
function topBytes(rows: readonly Row[], total: number, errorMax: number): Uint8Array {
  const out = new ByteWriter(rows.length * 40);
  out.varint(rows.length);
  out.varint(total);
  out.varint(errorMax);
  out.varint(rows.length);
  for (const { key, count, error } of rows) {
    out.text(key);
    out.varint(count + error);
    out.varint(error);
  }
  return out.finish();
}

const longHash = new Hash64(hashSeed);

/** A key that is too long for a table: its beginning and a hash of the whole. */
export function cutKey(key: string): string {
  if (key.length <= keyCharsMax) {
    return key;
  }
  longHash.ofText(key);
  const digits = [longHash.high, longHash.low].map((word) =>
    (word >>> 0).toString(16).padStart(8, "0"),
  );
  return `${key.slice(0, keyCharsMax - 17)}…${digits.join("")}`.toWellFormed();
}
