import type { Clock } from "../core/clock.ts";
import { toDurationText } from "../core/units.ts";

export interface OneAtATimeOptions {
  readonly clock: Clock;
  readonly deadlineMs: number;
  /** What the work is, for messages: "look", "write". */
  readonly name: string;
}

/** Runs pieces of work that may hang, each with a deadline, and never two at once. */
export interface OneAtATime {
  /** Work that ignored its deadline is still going on. */
  readonly isBusy: boolean;
  /**
   * Settles as the work does, whose signal aborts at the deadline and when `signal` does. Rejects at the deadline also
   * when the work does not heed it; until that has ended, every further call is refused. Once `signal` has aborted,
   * the work is waited for without a limit: whoever stops it sets one.
   */
  run<Result>(work: (signal: AbortSignal) => Promise<Result>, signal: AbortSignal): Promise<Result>;
}

export function createOneAtATime({ clock, deadlineMs, name }: OneAtATimeOptions): OneAtATime {
  let isBusy = false;

  async function track<Result>(
    work: () => Promise<Result>,
    ended: AbortController,
  ): Promise<Result> {
    isBusy = true;
    try {
      return await work();
    } finally {
      isBusy = false;
      ended.abort();
    }
  }

  /** Rejects at the deadline; settles as the work does when that comes first. */
  async function expire<Result>(
    working: Promise<Result>,
    late: AbortController,
    signal: AbortSignal,
  ): Promise<Result> {
    try {
      await clock.sleep(deadlineMs, signal);
    } catch {
      return await working;
    }
    const error = new Error(`no result within ${toDurationText(Math.round(deadlineMs))}`);
    late.abort(error);
    throw error;
  }

  return {
    get isBusy() {
      return isBusy;
    },
    async run(work, signal) {
      signal.throwIfAborted();
      if (isBusy) {
        throw new Error(`the ${name} before this one has still not ended`);
      }
      const ended = new AbortController();
      const late = new AbortController();
      const working = track(() => work(AbortSignal.any([signal, late.signal])), ended);
      const over = AbortSignal.any([signal, ended.signal]);
      return Promise.race([working, expire(working, late, over)]);
    },
  };
}
