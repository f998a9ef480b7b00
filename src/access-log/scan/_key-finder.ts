// Which named value a key stands for.

import { checkKey, hashKey } from "./_key-hash.ts";
import { slackBytes } from "./_key-table.ts";

/** What a value is taken as. Of `key`s alone the hash of the whole value is asked for. */
export const keyKinds = { key: 0, text: 1, number: 2, time: 3 } as const;
export type KeyKind = (typeof keyKinds)[keyof typeof keyKinds];

/** A key whose value is wanted. */
export interface WantedKey {
  /** From the outside in. */
  readonly path: readonly string[];
  readonly kind: KeyKind;
}

/** The line itself. */
export const rootNode = 0;
/** A key whose value nobody wants. */
export const unwanted = -1;

const parentFactor = 0x2545_f491;

export class KeyFinder {
  /** By node: the number of the wanted key, or -1 for one that only has others in it. */
  readonly keyOf: Int32Array;
  /** By node: whether wanted keys are in it. */
  readonly isOuter: Uint8Array;
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

  #freePlace(hash: number): number {
    let place = (hash << 2) & (this.#table.length - 1);
    while (this.#table[place + 2] !== 0) {
      place = (place + 4) & (this.#table.length - 1);
    }
    return place;
  }
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
