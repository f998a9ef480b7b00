// Hot path: finds where texts end, four bytes at a time, and hashes them on the way. A byte of a word
// that is sought becomes zero by XOR, and taking one from each byte borrows from it; bytes below a
// limit borrow when the limit is taken from them. Bytes above 127 are taken for such too: the caller
// looks at the byte that is found, and goes on by itself when it is none that it sought.

import { checkKey, hashFactors, hashKey, mixHash, tailMasks } from "./_key-hash.ts";

/** Bytes that end a text. */
export interface TextStops {
  /** Two bytes, each four times. */
  readonly first: number;
  readonly second: number;
  /** And all bytes below this one, four times. */
  readonly below: number;
}

/** `"`, `\` and control characters. */
export const jsonStops: TextStops = {
  first: 0x2222_2222,
  second: 0x5c5c_5c5c,
  below: 0x2020_2020,
};
/** Tab and newline. */
export const ltsvStops: TextStops = {
  first: 0x0909_0909,
  second: 0x0a0a_0a0a,
  below: 0x0b0b_0b0b,
};
/** `"`, `\` and newline. */
export const quotedStops: TextStops = {
  first: 0x2222_2222,
  second: 0x5c5c_5c5c,
  below: 0x0b0b_0b0b,
};
/** Blanks and `"`. */
export const bareStops: TextStops = {
  first: 0x2020_2020,
  second: 0x2222_2222,
  below: 0x2323_2323,
};

const [factor1 = 1, factor2 = 1, factor3 = 1] = hashFactors;

/** Of a text up to the byte that may end it: its hashes are those of hashKey and checkKey. */
export class TextScan {
  hash = 0;
  check = 0;

  /** Where the first byte is that may end the text at `at`. */
  skip(view: DataView, at: number, { first, second, below }: TextStops): number {
    for (let from = at; ; from += 8) {
      const found = stopsIn(view.getInt32(from, true), first, second, below);
      const next = stopsIn(view.getInt32(from + 4, true), first, second, below);
      if ((found | next) !== 0) {
        return found === 0 ? from + 4 + firstByte(next) : from + firstByte(found);
      }
    }
  }

  /** The same, with the hashes of what is in front of it. */
  read(view: DataView, at: number, { first, second, below }: TextStops): number {
    let hash = 0;
    let check = 0;
    for (let from = at; ; from += 4) {
      const word = view.getInt32(from, true);
      const found = stopsIn(word, first, second, below);
      if (found === 0) {
        const mixed = mixWord(word);
        hash = stepHash(hash, mixed);
        check = Math.imul(check + mixed, factor3);
      } else {
        const rest = firstByte(found);
        const mixed = mixWord(word & (tailMasks[rest] ?? 0));
        const end = from + rest;
        this.hash = mixHash(stepHash(hash, mixed), end - at);
        this.check = Math.imul(check + mixed, factor3) ^ (end - at);
        return end;
      }
    }
  }

  /** Of a text whose end is known. */
  hashText(view: DataView, start: number, end: number): void {
    this.hash = hashKey(view, start, end);
    this.check = checkKey(view, start, end);
  }
}

/** The highest bit of each byte that may be a stop. */
function stopsIn(word: number, first: number, second: number, below: number): number {
  return (
    (((word ^ first) - 0x0101_0101) | ((word ^ second) - 0x0101_0101) | (word - below)) &
    0x8080_8080
  );
}

function firstByte(found: number): number {
  return (31 - Math.clz32(found & -found)) >> 3;
}

function mixWord(word: number): number {
  const product = Math.imul(word, factor1);
  return Math.imul((product << 15) | (product >>> 17), factor2);
}

function stepHash(hash: number, mixed: number): number {
  const both = hash ^ mixed;
  return (Math.imul((both << 13) | (both >>> 19), 5) + 0x64e6_546b) | 0;
}
