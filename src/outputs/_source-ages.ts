import type { Batch } from "../core/batch.ts";
import type { ByteReader, ByteWriter } from "../core/bytes.ts";

interface Heard {
  /** The end of the newest window, in milliseconds since the epoch. */
  readonly to: number;
  /** Between the ends of the newest windows, and of those before. */
  readonly gapMs: number;
  readonly gapBeforeMs: number;
}

/** Of sources that look more often, too: a short pause is no silence. */
const silenceMsMin = 60_000;

/** Remembers when each source delivered last, to tell which of them has fallen silent. */
export class SourceAges {
  readonly #heard = new Map<string, Heard>();

  note({ source, from, to }: Batch): void {
    const before = this.#heard.get(source);
    if (before === undefined) {
      this.#heard.set(source, { to, gapMs: to - from, gapBeforeMs: to - from });
    } else if (to > before.to) {
      this.#heard.set(source, { to, gapMs: to - before.to, gapBeforeMs: before.gapMs });
    }
  }

  /**
   * Whether nothing has come for so many intervals. A source's interval is what lies between its windows' ends; a
   * single pause in the past does not make it longer.
   */
  isSilent(source: string, now: number, intervals: number): boolean {
    const heard = this.#heard.get(source);
    if (heard === undefined) {
      return false;
    }
    const intervalMs = Math.min(heard.gapMs, heard.gapBeforeMs);
    return now - heard.to > Math.max(silenceMsMin, intervals * intervalMs);
  }

  write(out: ByteWriter): void {
    out.varint(this.#heard.size);
    for (const [source, { to, gapMs, gapBeforeMs }] of this.#heard) {
      out.text(source);
      out.float64(to);
      out.float64(gapMs);
      out.float64(gapBeforeMs);
    }
  }

  /** Throws Corrupt for anything that `write` did not write. */
  static read(input: ByteReader): SourceAges {
    const ages = new SourceAges();
    for (let rest = input.varint(); rest > 0; rest--) {
      const source = input.text();
      const [to, gapMs, gapBeforeMs] = [input.float64(), input.float64(), input.float64()];
      ages.#heard.set(source, { to, gapMs, gapBeforeMs });
    }
    return ages;
  }
}
