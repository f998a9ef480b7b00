// Which labels the user's own metrics have had: as KnownSeries, for their counts and distincts.
import { z } from "zod";

/** Rows that are remembered; those that were seen longest ago are forgotten first. */
const rowsMax = 500;

/** The name of the metric, and the key of its row in a MetricResult. */
export const knownRowsSchema = z.array(z.tuple([z.string(), z.string()]));
export type KnownRowsPosition = z.output<typeof knownRowsSchema>;

export class KnownRows {
  /** By their JSON, those seen last at the end. */
  readonly #rows = new Map<string, readonly [metric: string, row: string]>();

  constructor(saved: KnownRowsPosition = []) {
    for (const row of saved) {
      this.#rows.set(JSON.stringify(row), row);
    }
  }

  /** Remembers the rows that a window has, and returns those that it lacks. */
  missing(metric: string, present: ReadonlySet<string>): readonly string[] {
    const known = [...this.#rows.values()].filter(([name]) => name === metric);
    this.#remember(metric, present);
    return known.map(([, row]) => row).filter((row) => !present.has(row));
  }

  get position(): KnownRowsPosition {
    return Array.from(this.#rows.values(), ([metric, row]) => [metric, row]);
  }

  #remember(metric: string, present: ReadonlySet<string>): void {
    for (const row of present) {
      const key = JSON.stringify([metric, row]);
      this.#rows.delete(key);
      this.#rows.set(key, [metric, row]);
    }
    for (const key of this.#rows.keys()) {
      if (this.#rows.size <= rowsMax) {
        break;
      }
      this.#rows.delete(key);
    }
  }
}
