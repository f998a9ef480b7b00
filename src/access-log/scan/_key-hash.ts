// The two hashes by which keys are known. Generated code has both of its own, inlined.

/**
 * The factors of the hashes: others in each process, so that nobody can choose keys that collide.
 * No result ever shows them: node:crypto is not worth its 8 ms at start. Odd,
 * so that every step is a bijection: two keys of one length that differ in one word never collide.
 */
export const hashFactors: readonly number[] = Array.from(
  { length: 3 },
  () => (Math.floor(Math.random() * 2 ** 31) * 2 + 1) | 0,
);
const [factor1 = 1, factor2 = 1, factor3 = 1] = hashFactors;

/** The low bytes of a word that belong to a key which ends inside of it. */
export const tailMasks = Int32Array.of(0, 0xff, 0xffff, 0xff_ffff);

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
