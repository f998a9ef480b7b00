// Which named value a key stands for. The keys of a line mostly come in the order of the line before:
// then their bytes are compared with those and nothing else is done.

import { checkKey, hashKey, tailMasks } from "./_key-hash.ts";
import { slackBytes } from "./_key-table.ts";

/** What a number of JSON may be taken as: see JsonLocator. */
export const keyKinds = { text: 0, number: 1, time: 2 } as const;

/** A key whose value is wanted. */
export interface WantedKey {
  /** From the outside in. */
  readonly path: readonly string[];
  readonly kind: (typeof keyKinds)[keyof typeof keyKinds];
}

/** The line itself. */
export const rootNode = 0;
/** A key whose value nobody wants. */
export const unwanted = -1;

const ordinalsMax = 64;
/** With quotes and colon; longer keys are looked up each time. */
const literalWordsMax = 12;
const parentFactor = 0x2545_f491;

export class KeyFinder {
  /** By node: the number of the wanted key, or -1 for one that only has others in it. */
  readonly keyOf: Int32Array;
  /** By node: whether wanted keys are in it. */
  readonly isOuter: Uint8Array;
  /** By the place of a key in the line: what it was in the line before. */
  readonly nodes = new Int32Array(ordinalsMax);
  readonly #parents = new Int32Array(ordinalsMax);
  readonly #lengths = new Int32Array(ordinalsMax);
  readonly #words = new Int32Array(ordinalsMax * literalWordsMax);
  /** Four numbers each: hash, check, node or 0, nothing. */
  readonly #table: Int32Array;

  constructor(keys: readonly WantedKey[]) {
    const nodes = toNodes(keys);
    this.keyOf = Int32Array.from(nodes, ({ key }) => key);
    this.isOuter = new Uint8Array(nodes.length);
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(nodes.length * 4)) * 4);
    for (const [node, { parent, name }] of nodes.entries()) {
      if (node !== rootNode) {
        this.isOuter[parent] = 1;
        const view = toView(name);
        this.#table.set(
          [hashIn(parent, view, 0, name.length), checkKey(view, 0, name.length), node],
          this.#freePlace(hashIn(parent, view, 0, name.length)),
        );
      }
    }
  }

  /**
   * The length of the key at `at`, all that belongs to it included, when it is the one that stood in
   * this place of the line before; else 0.
   */
  lengthOf(view: DataView, at: number, ordinal: number, parent: number): number {
    if (ordinal >= ordinalsMax || this.#parents[ordinal] !== parent) {
      return 0;
    }
    const length = this.#lengths[ordinal] ?? 0;
    let word = ordinal * literalWordsMax;
    let from = at;
    for (const last = at + length - 4; from <= last; from += 4) {
      if (view.getInt32(from, true) !== this.#words[word]) {
        return 0;
      }
      word++;
    }
    const rest = at + length - from;
    return rest === 0 ||
      ((view.getInt32(from, true) ^ (this.#words[word] ?? 0)) & (tailMasks[rest] ?? 0)) === 0
      ? length
      : 0;
  }

  /** The node of the key in bytes [start, end), or `unwanted`. */
  find(view: DataView, start: number, end: number, parent: number): number {
    const hash = hashIn(parent, view, start, end);
    const check = checkKey(view, start, end);
    const table = this.#table;
    for (let place = (hash << 2) & (table.length - 1); ; place = (place + 4) & (table.length - 1)) {
      const node = table[place + 2] ?? 0;
      if (node === 0) {
        return unwanted;
      }
      if (table[place] === hash && table[place + 1] === check) {
        return node;
      }
    }
  }

  /** For the next line. */
  remember(view: DataView, { start, end, ordinal, parent, node }: FoundKey): void {
    if (ordinal >= ordinalsMax) {
      return;
    }
    const isKept = end - start <= literalWordsMax * 4;
    this.#lengths[ordinal] = isKept ? end - start : 0;
    this.#parents[ordinal] = parent;
    this.nodes[ordinal] = node;
    const words = isKept ? (end - start + 3) >> 2 : 0;
    for (let word = 0; word < words; word++) {
      this.#words[ordinal * literalWordsMax + word] = view.getInt32(start + word * 4, true);
    }
  }

  #freePlace(hash: number): number {
    let place = (hash << 2) & (this.#table.length - 1);
    while (this.#table[place + 2] !== 0) {
      place = (place + 4) & (this.#table.length - 1);
    }
    return place;
  }
}

/** A key at [start, end), all that belongs to it included, in its place of the line. */
export interface FoundKey {
  readonly start: number;
  readonly end: number;
  readonly ordinal: number;
  readonly parent: number;
  readonly node: number;
}

interface Node {
  readonly parent: number;
  readonly name: Buffer;
  key: number;
}

/** The root first. */
function toNodes(keys: readonly WantedKey[]): readonly Node[] {
  const nodes: Node[] = [{ parent: -1, name: Buffer.alloc(0), key: -1 }];
  for (const [index, { path }] of keys.entries()) {
    let node = rootNode;
    for (const text of path) {
      const parent = node;
      const name = Buffer.from(text, "utf8");
      node = nodes.findIndex((each) => each.parent === parent && each.name.equals(name));
      node = node < 0 ? nodes.push({ parent, name, key: -1 }) - 1 : node;
    }
    const found = nodes[node];
    if (found !== undefined) {
      found.key = index;
    }
  }
  return nodes;
}

function toView(name: Buffer): DataView {
  const bytes = new Uint8Array(name.length + slackBytes);
  bytes.set(name);
  return new DataView(bytes.buffer);
}

function hashIn(parent: number, view: DataView, start: number, end: number): number {
  return hashKey(view, start, end) ^ Math.imul(parent, parentFactor);
}
