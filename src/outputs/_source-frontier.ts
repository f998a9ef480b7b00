import { type Batch, isTick } from "../core/batch.ts";
import type { ByteReader, ByteWriter } from "../core/bytes.ts";

/**
 * Up to when everything is known: every source has told of it, or has been silent for so long that it will not. Silent
 * is only one whose file is missing or that was removed; a log without requests tells of empty windows.
 */
export class SourceFrontier {
  readonly #graceMs: number;
  readonly #toBySource = new Map<string, number>();
  #tickAt = 0;

  constructor(graceMs: number) {
    this.#graceMs = graceMs;
  }

  /** Milliseconds since the epoch; 0 before anything is known. */
  get passedMs(): number {
    const givenUpAt = this.#tickAt - this.#graceMs;
    const told = Math.min(...this.#toBySource.values());
    return Math.max(0, givenUpAt, Number.isFinite(told) ? told : 0);
  }

  /** Whether the source has told anything yet. */
  knows(source: string): boolean {
    return this.#toBySource.has(source);
  }

  add(batch: Batch): void {
    if (isTick(batch)) {
      this.#tickAt = Math.max(this.#tickAt, batch.to);
    } else if (!batch.more) {
      const before = this.#toBySource.get(batch.source) ?? 0;
      this.#toBySource.set(batch.source, Math.max(before, batch.to));
    }
  }

  write(out: ByteWriter): void {
    out.varint(this.#tickAt);
    out.varint(this.#toBySource.size);
    for (const [source, to] of this.#toBySource) {
      out.text(source);
      out.varint(to);
    }
  }

  static read(input: ByteReader, graceMs: number): SourceFrontier {
    const frontier = new SourceFrontier(graceMs);
    frontier.#tickAt = input.varint();
    for (let rest = input.varint(); rest > 0; rest--) {
      frontier.#toBySource.set(input.text(), input.varint());
    }
    return frontier;
  }
}
