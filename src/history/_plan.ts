// Which level answers which part of a range.
import { QueryInvalid, QueryTooLarge, type HistoryLevel, type TimeRange } from "./history.ts";

/** Samples may be so far ahead of the clock. */
export const futureMaxMs = 3_600_000;
/** Steps of one answer. */
const stepsMax = 50_000;

/** Points of `level` within the range become steps; `offset` is the index of the first of them in the whole answer. */
export interface Segment extends TimeRange {
  readonly level: HistoryLevel;
  readonly stepMs: number;
  readonly offset: number;
}

/** In the order of time, without overlaps. */
export interface Plan {
  readonly segments: readonly Segment[];
  readonly steps: number;
}

/**
 * The coarsest level that divides the step, since merging its points gives what those of finer ones would. Where that
 * one is not kept any more, the next one: in steps that are multiples of its own.
 *
 * Steps as short as the finest level's end with the last one that is over: of the one that is not, nobody can tell how
 * much is known, and a line would end in a dip.
 */
export function planRange(
  levels: readonly HistoryLevel[],
  range: TimeRange & { readonly stepMs: number },
  now: number,
): Plan {
  const { from, to } = toKeptRange(levels, range, now);
  const chosen = levels.findLastIndex(({ stepMs }) => range.stepMs % stepMs === 0);
  if (chosen < 0 || !(range.stepMs > 0)) {
    throw new QueryInvalid(`the step has to be a multiple of ${levels[0]?.stepMs ?? 0} ms`);
  }
  const parts: Omit<Segment, "offset">[] = [];
  let until = to;
  for (const [index, level] of levels.entries()) {
    if (index >= chosen && from < until) {
      const stepMs = alignUp(range.stepMs, level.stepMs);
      const coarser = levels[index + 1];
      const unit = coarser === undefined ? stepMs : lcm(stepMs, alignUp(stepMs, coarser.stepMs));
      const kept = alignUp(now - level.ageMs, unit);
      const start = Math.max(kept, alignDown(from, stepMs));
      // What a finer level leaves ends with a whole step of this one.
      const whole = alignUp(until, stepMs);
      const isFinest = stepMs === levels[0]?.stepMs;
      const end = isFinest ? Math.min(whole, alignDown(now, stepMs)) : whole;
      if (start < end) {
        parts.unshift({ level, stepMs, from: start, to: end });
      }
      until = from < kept ? Math.min(until, kept) : from;
    }
  }
  return toPlan(parts);
}

/** The whole range as one step: its middle from the coarsest level, its ends from finer ones as far as they are kept. */
export function planInstant(levels: readonly HistoryLevel[], range: TimeRange, now: number): Plan {
  const kept = toKeptRange(levels, range, now);
  const parts = cover(levels, kept, now);
  const stepMs = (parts.at(-1)?.to ?? 0) - (parts[0]?.from ?? 0);
  const segments = parts.map((part) => ({ ...part, stepMs, offset: 0 }));
  return { segments, steps: segments.length === 0 ? 0 : 1 };
}

function cover(
  levels: readonly HistoryLevel[],
  { from, to }: TimeRange,
  now: number,
): readonly (TimeRange & { readonly level: HistoryLevel })[] {
  const level = levels.at(-1);
  if (level === undefined || from >= to) {
    return [];
  }
  const { stepMs } = level;
  const oldest = alignUp(now - level.ageMs, stepMs);
  const finer = levels.slice(0, -1);
  const finerFrom = finer.length === 0 ? Infinity : now - (finer.at(-1)?.ageMs ?? 0);
  const start = from < finerFrom ? alignDown(from, stepMs) : alignUp(from, stepMs);
  const end = alignDown(to, stepMs) < finerFrom ? alignUp(to, stepMs) : alignDown(to, stepMs);
  if (start >= end) {
    return cover(finer, { from, to }, now);
  }
  const body = { level, from: Math.max(start, oldest), to: end };
  return [
    ...cover(finer, { from, to: start }, now),
    ...(body.from < body.to ? [body] : []),
    ...cover(finer, { from: end, to }, now),
  ];
}

function toKeptRange(levels: readonly HistoryLevel[], range: TimeRange, now: number): TimeRange {
  if (!(Number.isFinite(range.from) && Number.isFinite(range.to) && range.from < range.to)) {
    throw new QueryInvalid("the range has to end after it begins");
  }
  return {
    from: Math.max(range.from, now - (levels.at(-1)?.ageMs ?? 0)),
    to: Math.min(range.to, now + futureMaxMs),
  };
}

function toPlan(parts: readonly Omit<Segment, "offset">[]): Plan {
  let steps = 0;
  const segments = parts.map((part) => {
    const offset = steps;
    steps += (part.to - part.from) / part.stepMs;
    return { ...part, offset };
  });
  if (steps > stepsMax) {
    throw new QueryTooLarge(
      `the answer would have ${steps} steps, and ${stepsMax} is the most; ask for longer steps or a shorter range`,
    );
  }
  return { segments, steps };
}

export function stepIndex(segment: Segment, time: number): number {
  return segment.offset + Math.floor((time - segment.from) / segment.stepMs);
}

export function alignDown(at: number, stepMs: number): number {
  return Math.floor(at / stepMs) * stepMs;
}

export function alignUp(at: number, stepMs: number): number {
  return Math.ceil(at / stepMs) * stepMs;
}

function lcm(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y > 0) {
    [x, y] = [y, x % y];
  }
  return (a / x) * b;
}
