/** Slots at first; they double whenever more than half are in use. */
const slotsMin = 16;

/** A set of 64-bit hashes, each as two signed 32-bit integers: open addressing, since the hashes are random already. */
export class HashSet {
  /** Pairs of high and low; a slot of zeroes is free, the hash of zeroes is kept aside. */
  #slots = new Int32Array(2 * slotsMin);
  #hasZero = false;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(high: number, low: number): void {
    if (high === 0 && low === 0) {
      this.#size += this.#hasZero ? 0 : 1;
      this.#hasZero = true;
      return;
    }
    const slot = this.#find(high, low);
    if (this.#slots[slot] === 0 && this.#slots[slot + 1] === 0) {
      this.#slots[slot] = high;
      this.#slots[slot + 1] = low;
      this.#size++;
      if (this.#size * 4 > this.#slots.length) {
        this.#grow();
      }
    }
  }

  forEach(visit: (high: number, low: number) => void): void {
    if (this.#hasZero) {
      visit(0, 0);
    }
    for (let slot = 0; slot < this.#slots.length; slot += 2) {
      const high = this.#slots[slot] ?? 0;
      const low = this.#slots[slot + 1] ?? 0;
      if (high !== 0 || low !== 0) {
        visit(high, low);
      }
    }
  }

  clone(): HashSet {
    const copy = new HashSet();
    copy.#slots = this.#slots.slice();
    copy.#hasZero = this.#hasZero;
    copy.#size = this.#size;
    return copy;
  }

  /** Where the hash is, or would be. */
  #find(high: number, low: number): number {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = (low << 1) & mask;
    for (;;) {
      const isFree = slots[slot] === 0 && slots[slot + 1] === 0;
      if (isFree || (slots[slot] === high && slots[slot + 1] === low)) {
        return slot;
      }
      slot = (slot + 2) & mask;
    }
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Int32Array(before.length * 2);
    for (let from = 0; from < before.length; from += 2) {
      const high = before[from] ?? 0;
      const low = before[from + 1] ?? 0;
      if (high !== 0 || low !== 0) {
        const to = this.#find(high, low);
        this.#slots[to] = high;
        this.#slots[to + 1] = low;
      }
    }
  }
}
