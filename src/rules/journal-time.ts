/** How long the journal shows that somebody was watching. Moves with ticks alone, so that a replay sees the same. */
export interface JournalTime {
  /** The end of the newest tick, in milliseconds since the epoch; undefined before the first. */
  readonly tickAt: number | undefined;
  /** The sum of the time between ticks, in milliseconds. */
  readonly watchedMs: number;
}

/** Between two ticks further apart nobody was watching, or the clock was set: no more than this counts. */
export const tickStepMaxMs = 10_000;

export const noTime: JournalTime = Object.freeze({ tickAt: undefined, watchedMs: 0 });

export function advanceTime(time: JournalTime, tickAt: number): JournalTime {
  const stepMs = tickAt - (time.tickAt ?? tickAt);
  return { tickAt, watchedMs: time.watchedMs + Math.max(0, Math.min(stepMs, tickStepMaxMs)) };
}
