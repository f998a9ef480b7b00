// Which groups and statuses a log has had. Their counts are zero in a window without them: a chart
// has to fall to zero, which is not the same as breaking off.
import { z } from "zod";
import type { GroupResult } from "../scan/log-scanner.ts";

/** Series that are remembered; those that were seen longest ago are forgotten first. */
const seriesMax = 500;

export const knownSeriesSchema = z.array(z.tuple([z.string(), z.number()]));
export type KnownSeriesPosition = z.output<typeof knownSeriesSchema>;

export class KnownSeries {
  /** By their JSON, those seen last at the end. */
  readonly #series = new Map<string, readonly [group: string, status: number]>();

  constructor(saved: KnownSeriesPosition = []) {
    for (const [group, status] of saved) {
      this.#series.set(JSON.stringify([group, status]), [group, status]);
    }
  }

  /** Statuses by group: all that a window has, and zeroes for those that it lacks. */
  withZeroes(groups: ReadonlyMap<string, GroupResult>): Map<string, Map<number, number>> {
    const all = new Map([...groups].map(([name, { statuses }]) => [name, new Map(statuses)]));
    for (const [group, status] of this.#series.values()) {
      const statuses = all.get(group) ?? new Map<number, number>();
      statuses.set(status, statuses.get(status) ?? 0);
      all.set(group, statuses);
    }
    this.#remember(groups);
    return all;
  }

  get position(): KnownSeriesPosition {
    return Array.from(this.#series.values(), ([group, status]) => [group, status]);
  }

  #remember(groups: ReadonlyMap<string, GroupResult>): void {
    for (const [group, { statuses }] of groups) {
      for (const status of statuses.keys()) {
        const key = JSON.stringify([group, status]);
        this.#series.delete(key);
        this.#series.set(key, [group, status]);
      }
    }
    for (const key of this.#series.keys()) {
      if (this.#series.size <= seriesMax) {
        break;
      }
      this.#series.delete(key);
    }
  }
}
