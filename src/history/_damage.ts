/** Damaged chunks that were met, each counted once as long as few enough are known. */
export class DamageLog {
  readonly #seen = new Set<string>();
  readonly #texts: string[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get texts(): readonly string[] {
    return this.#texts;
  }

  add(place: string, text: string): void {
    if (this.#seen.has(place)) {
      return;
    }
    this.#count++;
    if (this.#seen.size < placesMax) {
      this.#seen.add(place);
    }
    if (this.#texts.length < textsMax) {
      this.#texts.push(text);
    }
  }
}

const placesMax = 10_000;
const textsMax = 100;
