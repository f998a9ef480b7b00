// Hot path (one call per key and line): bytes are mixed eight at a time, in two lanes of 32 bits, because BigInt is
// some fifty times slower than Math.imul.

const encoder = new TextEncoder();

/** Constants of MurmurHash3 x86_128, whose first two lanes the mixing follows. */
const keyFactor1 = 0x239b961b;
const keyFactor2 = 0xab0e9789 | 0;
const keyFactor3 = 0x38b34ae5;

/**
 * Hashes keys to 64 bits. The last result is in `high` and `low`, signed 32-bit integers, so that nothing is allocated.
 * A text and its UTF-8 bytes have the same hash. Not for secrets: who knows the seed can make keys collide.
 */
export class Hash64 {
  readonly seed: number;
  high = 0;
  low = 0;

  /** A seed of 32 bits. */
  constructor(seed: number) {
    this.seed = seed | 0;
  }

  ofText(text: string): void {
    this.high = this.seed;
    this.low = ~this.seed;
    const length = text.length;
    const whole = length & ~7;
    let seen = 0;
    let at = 0;
    for (; at < whole; at += 8) {
      const a = text.charCodeAt(at);
      const b = text.charCodeAt(at + 1);
      const c = text.charCodeAt(at + 2);
      const d = text.charCodeAt(at + 3);
      const e = text.charCodeAt(at + 4);
      const f = text.charCodeAt(at + 5);
      const g = text.charCodeAt(at + 6);
      const h = text.charCodeAt(at + 7);
      seen |= a | b | c | d | e | f | g | h;
      this.#mix(a | (b << 8) | (c << 16) | (d << 24), e | (f << 8) | (g << 16) | (h << 24));
    }
    let first = 0;
    let second = 0;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      seen |= code;
      if (at - whole < 4) {
        first |= code << ((at & 3) * 8);
      } else {
        second |= code << ((at & 3) * 8);
      }
    }
    if (seen > 0x7f) {
      const bytes = encoder.encode(text);
      this.ofBytes(bytes, 0, bytes.length);
      return;
    }
    this.#mix(first, second);
    this.#finish(length);
  }

  /** Of the bytes from `start` up to, but not including, `end`. */
  ofBytes(bytes: Uint8Array, start: number, end: number): void {
    this.high = this.seed;
    this.low = ~this.seed;
    let at = start;
    for (; at + 8 <= end; at += 8) {
      this.#mix(toWord(bytes, at, at + 4), toWord(bytes, at + 4, at + 8));
    }
    this.#mix(toWord(bytes, at, Math.min(at + 4, end)), toWord(bytes, at + 4, end));
    this.#finish(end - start);
  }

  /** A bijection of both words for every state: no two keys of the same eight or fewer bytes collide. */
  #mix(first: number, second: number): void {
    let high = this.high;
    let low = this.low;
    const key1 = Math.imul(first, keyFactor1);
    high ^= Math.imul((key1 << 15) | (key1 >>> 17), keyFactor2);
    high = ((high << 19) | (high >>> 13)) + low;
    high = (Math.imul(high, 5) + 0x561ccd1b) | 0;
    const key2 = Math.imul(second, keyFactor2);
    low ^= Math.imul((key2 << 16) | (key2 >>> 16), keyFactor3);
    low = ((low << 17) | (low >>> 15)) + high;
    low = (Math.imul(low, 5) + 0x0bcaa747) | 0;
    this.high = high;
    this.low = low;
  }

  #finish(length: number): void {
    let high = this.high ^ length;
    let low = this.low ^ length;
    high = (high + low) | 0;
    low = (low + high) | 0;
    high = avalanche(high);
    low = avalanche(low);
    high = (high + low) | 0;
    low = (low + high) | 0;
    this.high = high;
    this.low = low;
  }
}

/** Up to four bytes, little-endian. */
function toWord(bytes: Uint8Array, start: number, end: number): number {
  if (end - start === 4) {
    const low = (bytes[start] ?? 0) | ((bytes[start + 1] ?? 0) << 8);
    return low | ((bytes[start + 2] ?? 0) << 16) | ((bytes[start + 3] ?? 0) << 24);
  }
  let word = 0;
  for (let at = start; at < end; at++) {
    word |= (bytes[at] ?? 0) << ((at - start) * 8);
  }
  return word;
}

/** MurmurHash3's fmix32: every bit of the input changes every bit of the result with a chance of one half. */
function avalanche(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
