/**
 * First in, first out, with a fixed room. What does not fit is refused and counted, never silently dropped:
 * for sources that cannot wait (a datagram socket).
 */
export class BoundedQueue<Item> {
  readonly #items: Item[] = [];
  readonly #itemsMax: number;
  #head = 0;
  #refused = 0;

  constructor(itemsMax: number) {
    this.#itemsMax = itemsMax;
  }

  get size(): number {
    return this.#items.length - this.#head;
  }

  /** How many were refused since the last call of takeRefused. */
  get refused(): number {
    return this.#refused;
  }

  /** False, and counted, when the queue is full. */
  offer(item: Item): boolean {
    if (this.size >= this.#itemsMax) {
      this.#refused++;
      return false;
    }
    this.#items.push(item);
    return true;
  }

  /** Up to `max` items in the order they came. */
  take(max: number): Item[] {
    const taken = this.#items.slice(this.#head, this.#head + max);
    this.#head += taken.length;
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items.splice(0, this.#head);
      this.#head = 0;
    }
    return taken;
  }

  takeRefused(): number {
    const refused = this.#refused;
    this.#refused = 0;
    return refused;
  }
}
