import type { Batch } from "../core/batch.ts";
import { alignDown, futureMaxMs } from "./_plan.ts";
import type { HistoryLevel, SeriesKind } from "./history.ts";

const topStepMs = 60_000;

/** What is kept of each kind of series, finest first. */
export class Levels {
  readonly #samples: readonly HistoryLevel[];
  readonly #tops: readonly HistoryLevel[];
  readonly #ageMaxMs: number;

  /** Throws TypeError unless each level is a multiple of the one before and is kept at least as long. */
  constructor(levels: readonly HistoryLevel[]) {
    for (const [index, { stepMs, ageMs }] of levels.entries()) {
      const finer = levels[index - 1] ?? { stepMs: 1, ageMs: 1 };
      if (!(stepMs % finer.stepMs === 0 && stepMs > 0 && ageMs >= finer.ageMs)) {
        throw new TypeError(`a level of ${stepMs} ms, kept for ${ageMs} ms, does not follow`);
      }
    }
    const [finest] = levels;
    const coarsest = levels.at(-1);
    if (finest === undefined || coarsest === undefined) {
      throw new TypeError("a history needs a level");
    }
    this.#samples = levels;
    this.#tops = toTopLevels(levels, finest, coarsest);
    this.#ageMaxMs = coarsest.ageMs;
  }

  of(kind: SeriesKind): readonly HistoryLevel[] {
    return kind === "top" ? this.#tops : this.#samples;
  }

  /** The point that a batch belongs to: the one its window ends in. Undefined when it is too old, or in the future. */
  slotOf({ to }: Batch, kind: SeriesKind, now: number): number | undefined {
    const stepMs = this.of(kind)[0]?.stepMs ?? 1;
    const slot = alignDown(Math.ceil(to) - 1, stepMs);
    return slot >= now - this.#ageMaxMs && slot <= now + futureMaxMs ? slot : undefined;
  }
}

/** A top takes a few KiB a point: by the minute as long as the finest level is kept, and by the hour to the end. */
function toTopLevels(
  levels: readonly HistoryLevel[],
  finest: HistoryLevel,
  coarsest: HistoryLevel,
): readonly HistoryLevel[] {
  const minute = levels.find(({ stepMs }) => stepMs >= topStepMs) ?? coarsest;
  return minute === coarsest ? [coarsest] : [{ ...minute, ageMs: finest.ageMs }, coarsest];
}
