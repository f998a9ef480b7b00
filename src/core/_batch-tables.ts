// Hot path: a poll of a large HAProxy has 100 000 samples with 30 000 label sets. Sets are told apart by walking a trie of
// (key, value) pairs that is kept in one Int32Array: 2.4 times faster than a Map from a text of each set.
import { ByteWriter } from "./bytes.ts";
import type { Labels } from "./sample.ts";

/** Numbers of an entry: parent node, key, value, child node. */
const entryLength = 4;
const root = 0;

/** Strings and label sets, each written once a batch. */
export class BatchTables {
  readonly #strings = new Map<string, number>();
  readonly #texts = new ByteWriter();
  /** What was asked for last: the samples of one thing follow each other, and share one object. */
  #lastLabels: Labels | undefined;
  #lastSet = 0;
  readonly #byObject = new Map<Labels, number>();
  /** Strings of the set that is looked up. */
  readonly #pairs: number[] = [];
  readonly #sets = new ByteWriter();
  #setCount = 0;

  /** Open addressing; an entry whose child is 0 is free. */
  #entries = new Int32Array(entryLength * 256);
  #nodes = 1;
  /** By node: its set's index + 1. */
  #setOfNode = new Int32Array(256);

  get sizeBytes(): number {
    return this.#texts.length + this.#sets.length;
  }

  string(text: string): number {
    let index = this.#strings.get(text);
    if (index === undefined) {
      index = this.#strings.size;
      this.#strings.set(text, index);
      this.#texts.text(text);
    }
    return index;
  }

  labels(labels: Labels): number {
    if (labels === this.#lastLabels) {
      return this.#lastSet;
    }
    let index = this.#byObject.get(labels);
    if (index === undefined) {
      index = this.#internSet(labels);
      this.#byObject.set(labels, index);
    }
    this.#lastLabels = labels;
    this.#lastSet = index;
    return index;
  }

  write(out: ByteWriter): void {
    out.varint(this.#strings.size);
    out.raw(this.#texts.finish());
    out.varint(this.#setCount);
    out.raw(this.#sets.finish());
  }

  #internSet(labels: Labels): number {
    let node = root;
    const pairs = this.#pairs;
    pairs.length = 0;
    for (const name of Object.keys(labels)) {
      const key = this.string(name);
      const value = this.string(labels[name] ?? "");
      pairs.push(key, value);
      node = this.#child(node, key, value);
    }
    const known = this.#setOfNode[node] ?? 0;
    if (known > 0) {
      return known - 1;
    }
    this.#sets.varint(pairs.length / 2);
    for (const index of pairs) {
      this.#sets.varint(index);
    }
    this.#setCount++;
    this.#setOfNode[node] = this.#setCount;
    return this.#setCount - 1;
  }

  /** The node that a pair leads to from another one; made when there is none. */
  #child(parent: number, key: number, value: number): number {
    if (this.#nodes * 2 * entryLength > this.#entries.length) {
      this.#grow();
    }
    const at = findEntry(this.#entries, parent, key, value);
    const found = this.#entries[at + 3] ?? 0;
    if (found !== 0) {
      return found;
    }
    this.#entries[at] = parent;
    this.#entries[at + 1] = key;
    this.#entries[at + 2] = value;
    this.#entries[at + 3] = this.#nodes;
    return this.#nodes++;
  }

  #grow(): void {
    const before = this.#entries;
    const entries = new Int32Array(before.length * 4);
    for (let from = 0; from < before.length; from += entryLength) {
      if (before[from + 3] !== 0) {
        const [parent = 0, key = 0, value = 0] = before.subarray(from, from + 3);
        entries.set(
          before.subarray(from, from + entryLength),
          findEntry(entries, parent, key, value),
        );
      }
    }
    this.#entries = entries;
    const setOfNode = new Int32Array(entries.length / entryLength);
    setOfNode.set(this.#setOfNode);
    this.#setOfNode = setOfNode;
  }
}

/** Where the pair's entry is, or would be. */
function findEntry(entries: Int32Array, parent: number, key: number, value: number): number {
  const mask = entries.length / entryLength - 1;
  let hash = Math.imul(parent, 0x9e3779b1) ^ Math.imul(key, 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ value, 0xc2b2ae35);
  for (let slot = (hash ^ (hash >>> 13)) & mask; ; slot = (slot + 1) & mask) {
    const at = slot * entryLength;
    const isFree = entries[at + 3] === 0;
    const isSame = entries[at] === parent && entries[at + 1] === key && entries[at + 2] === value;
    if (isFree || isSame) {
      return at;
    }
  }
}
