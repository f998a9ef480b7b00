import type { Batch } from "../core/batch.ts";
import { alignDown, alignUp, futureMaxMs } from "./_plan.ts";
import type { HistoryLevel, SeriesKind } from "./history.ts";

const topStepMs = 60_000;
const dayMs = 86_400_000;

/**
 * What is kept of each kind of series, finest first.
 *
 * Besides what was asked for, samples are kept by the day: a year of distributions is read in days within a second,
 * and took ten times as long in hours. It costs about a thirtieth of what the hours take on the disk.
 */
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
    this.#samples = withDays(levels, coarsest);
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

  /** How long the window of a batch is, in whole steps of the finest level. */
  windowOf({ from, to }: Batch): number {
    const stepMs = this.#samples[0]?.stepMs ?? 1;
    return Math.max(1, Math.round((to - from) / stepMs)) * stepMs;
  }

  /**
   * Steps that are as long as the windows of all series, at least: in shorter ones what was counted in half a minute
   * would stand in a single one of ten seconds, between gaps.
   */
  toStep(stepMs: number, series: Iterable<{ readonly windowMs: number }>): number {
    let longest = stepMs;
    for (const { windowMs } of series) {
      longest = Math.max(longest, windowMs);
    }
    return longest > stepMs && stepMs > 0 ? alignUp(longest, stepMs) : stepMs;
  }
}

function withDays(
  levels: readonly HistoryLevel[],
  { stepMs, ageMs }: HistoryLevel,
): readonly HistoryLevel[] {
  return stepMs < dayMs && dayMs % stepMs === 0 && ageMs >= 2 * dayMs
    ? [...levels, { stepMs: dayMs, ageMs }]
    : levels;
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
