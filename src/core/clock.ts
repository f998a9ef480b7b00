import { setTimeout as wait } from "node:timers/promises";

/** Time as a component may know it. A test passes one that it moves by hand. */
export interface Clock {
  /** Milliseconds since the epoch; may step when the system's clock is set. */
  readonly now: () => number;
  /** Milliseconds that only ever grow, for measuring how long something took. */
  readonly monotonic: () => number;
  /** Resolves after `ms`; rejects with the signal's reason when it is aborted first. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await wait(Math.max(0, ms), undefined, { signal });
  },
};
