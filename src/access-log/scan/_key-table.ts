// Hot path: several look-ups a line. What costs is memory that is not in the cache, so that a look-up
// touches one slot and nothing else: a key is known by 64 bits of hash, as it is in a Distinct, and
// its bytes, in one arena, are read when a result is made. Comparing them as well took a sixth of
// the whole scan's time.

import { randomInt } from "node:crypto";
import { Hash64, hashSeed } from "../../core/distinct.ts";
import { keyCharsMax, Top } from "../../core/top.ts";
import { ByteWriter } from "../../core/bytes.ts";

/**
 * The factors of the hashes: others in each process, so that nobody can choose keys that collide. Odd,
 * so that every step is a bijection: two keys of one length that differ in one word never collide.
 */
export const hashFactors: readonly number[] = Array.from(
  { length: 3 },
  () => (randomInt(2 ** 31) * 2 + 1) | 0,
);
const [factor1 = 1, factor2 = 1, factor3 = 1] = hashFactors;

/** The low bytes of a word that belong to a key which ends inside of it. */
export const tailMasks = Int32Array.of(0, 0xff, 0xffff, 0xff_ffff);

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

/**
 * The hash of bytes[start, end), a word at a time: where the key is in a table. Each word is mixed
 * as MurmurHash3 does. Mixing it less (rotate, xor, multiply, as FxHash does) made addresses collide
 * in both halves that differ in the neighbouring bytes of two words.
 */
export function hashKey(view: DataView, start: number, end: number): number {
  let hash = 0;
  for (let at = start; at <= end; at += 4) {
    const mixed = hash ^ mixWord(wordAt(view, at, end));
    hash = (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0x64e6_546b) | 0;
    if (at + 4 > end) {
      break;
    }
  }
  return mixHash(hash, end - start);
}

/** Its other half: whether it is that key. */
export function checkKey(view: DataView, start: number, end: number): number {
  let check = 0;
  for (let at = start; at <= end; at += 4) {
    check = Math.imul(check + mixWord(wordAt(view, at, end)), factor3);
    if (at + 4 > end) {
      break;
    }
  }
  return check ^ (end - start);
}

/** The last one, which may be empty, is filled up with zeroes. */
function wordAt(view: DataView, at: number, end: number): number {
  const word = view.getInt32(at, true);
  return at + 4 > end ? word & (tailMasks[end - at] ?? 0) : word;
}

function mixWord(word: number): number {
  const product = Math.imul(word, factor1);
  return Math.imul((product << 15) | (product >>> 17), factor2);
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
  /** By id, two each. */
  #hashes = new Int32Array(keysMin * 2);
  /** Four numbers each: hash, check, id + 1 or 0, nothing. */
  #slots = new Int32Array(keysMin * 8);
  #mask = keysMin * 8 - 1;
  #arena = new Uint8Array(arenaBytesMin);

  /** `onNew` hears of every key that comes, also again. */
  constructor(keysMax: number, onNew?: NewKey) {
    this.#keysMax = Math.max(keysMin, keysMax);
    this.#onNew = onNew;
  }

  /**
   * The id of the key whose hashes these are; it comes into the table with bytes[start, end) if it
   * is not there. Valid until the next call.
   */
  // oxlint-disable-next-line max-params -- numbers in registers: an object for each look-up is slower
  find(bytes: Uint8Array, start: number, end: number, hash: number, check: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    let slot = (hash << 2) & mask;
    for (let probes = 0; probes < probesMax; probes++) {
      const id = (slots[slot + 2] ?? 0) - 1;
      if (id < 0) {
        return this.#insert(bytes, start, end, [hash, check]);
      }
      if (slots[slot] === hash && slots[slot + 1] === check) {
        return id;
      }
      slot = (slot + 4) & mask;
    }
    this.#prune();
    return this.#insert(bytes, start, end, [hash, check]);
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

  #insert(bytes: Uint8Array, start: number, end: number, hashes: Hashes): number {
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
    this.#place(id, hashes);
    this.#onNew?.(bytes, start, end);
    return id;
  }

  #place(id: number, [hash, check]: Hashes): void {
    let slot = (hash << 2) & this.#mask;
    while (this.#slots[slot + 2] !== 0) {
      slot = (slot + 4) & this.#mask;
    }
    this.#hashes[id * 2] = hash;
    this.#hashes[id * 2 + 1] = check;
    this.#slots[slot] = hash;
    this.#slots[slot + 1] = check;
    this.#slots[slot + 2] = id + 1;
  }

  #makeRoom(length: number): void {
    const bytesMax = Math.max(arenaBytesMin, this.#keysMax * bytesPerKey);
    const used = this.#starts[this.size] ?? 0;
    if (this.size >= this.#keysMax || used + length > bytesMax) {
      this.#prune();
    }
    if (this.size >= this.counts.length) {
      this.#grow();
    }
    const needed = (this.#starts[this.size] ?? 0) + length;
    if (needed > this.#arena.length) {
      const arena = new Uint8Array(Math.max(this.#arena.length * 2, needed));
      arena.set(this.#arena);
      this.#arena = arena;
    }
  }

  #grow(): void {
    const room = Math.min(this.counts.length * 2, this.#keysMax);
    this.counts = resize(this.counts, new Float64Array(room));
    this.#errors = resize(this.#errors, new Float64Array(room));
    this.aux = resize(this.aux, new Int32Array(room));
    this.#starts = resize(this.#starts, new Int32Array(room + 1));
    this.#hashes = resize(this.#hashes, new Int32Array(room * 2));
    const slots = 2 ** Math.ceil(Math.log2(room * 2));
    this.#slots = new Int32Array(slots * 4);
    this.#mask = slots * 4 - 1;
    for (let id = 0; id < this.size; id++) {
      this.#place(id, [this.#hashes[id * 2] ?? 0, this.#hashes[id * 2 + 1] ?? 0]);
    }
  }

  /** Drops the lighter half, and those that count as little as its heaviest. */
  #prune(): void {
    const limit = this.#lightLimit();
    this.errorMax = Math.max(this.errorMax, limit);
    this.#slots.fill(0);
    let end = 0;
    let to = 0;
    for (let id = 0; id < this.size; id++) {
      if (this.#upper(id) > limit) {
        end = this.#move(id, to++, end);
      } else {
        this.dropped += this.counts[id] ?? 0;
      }
    }
    this.size = to;
  }

  /** To a lower id and place in the arena, both of which are free; the end of its bytes there. */
  #move(id: number, to: number, start: number): number {
    const from = this.#starts[id] ?? 0;
    const end = start + (this.#starts[id + 1] ?? 0) - from;
    this.#arena.copyWithin(start, from, from + end - start);
    this.#starts[to + 1] = end;
    this.counts[to] = this.counts[id] ?? 0;
    this.#errors[to] = this.#errors[id] ?? 0;
    this.aux[to] = this.aux[id] ?? unknownAux;
    this.#place(to, [this.#hashes[id * 2] ?? 0, this.#hashes[id * 2 + 1] ?? 0]);
    return end;
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
}

type Hashes = readonly [hash: number, check: number];

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
