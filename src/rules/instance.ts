// The life of one rule instance, without memory of its own: idle → pending → firing → idle.

import type { Verdict } from "./verdict.ts";

/** A condition that holds, but not yet for as long as the rule's `for`. */
export interface Pending {
  /** Since which instant of the source, in milliseconds since the epoch. */
  readonly since: number;
  /** What the journal's time stood at when it was first heard of (see journal-time.ts), in milliseconds. */
  readonly heardAtMs: number;
  /** The value at the last evaluation. */
  readonly value: number;
  /** The last evaluation told nothing: time alone must not make it fire. */
  readonly isUnknown: boolean;
  readonly backfill: boolean;
}

export interface Phase {
  readonly pending: Pending | undefined;
  readonly isFiring: boolean;
}

/** What an evaluation found, and when. */
export interface Finding {
  readonly verdict: Verdict;
  /** Meaningless when the verdict is unknown. */
  readonly value: number;
  /** The instant evaluated: the end of the source's window. */
  readonly at: number;
  /** The journal's time, in milliseconds. */
  readonly watchedMs: number;
  readonly backfill: boolean;
}

export const idle: Phase = Object.freeze({ pending: undefined, isFiring: false });
export const firing: Phase = Object.freeze({ pending: undefined, isFiring: true });

/** The phase after an evaluation. Going to and from `firing` is what opens and clears an incident. */
export function afterFinding(phase: Phase, finding: Finding, forMs: number): Phase {
  const { verdict, value, at, watchedMs, backfill } = finding;
  if (phase.isFiring) {
    return verdict === "clears" ? idle : phase;
  }
  const { pending } = phase;
  if (verdict === "unknown") {
    return pending === undefined || pending.isUnknown
      ? phase
      : { isFiring: false, pending: { ...pending, isUnknown: true } };
  }
  if (verdict !== "fires") {
    return idle;
  }
  const since = pending?.since ?? at;
  if (at - since >= forMs) {
    return firing;
  }
  const heardAtMs = pending?.heardAtMs ?? watchedMs;
  return { isFiring: false, pending: { since, heardAtMs, value, isUnknown: false, backfill } };
}

/**
 * The phase after a tick: a pending condition fires when `for` has passed both by the clock and by the time that was
 * watched, so that a source whose batches come late, or a program that was stopped, does not make it fire early.
 */
export function afterTick(
  phase: Phase,
  tick: { readonly at: number; readonly watchedMs: number },
  forMs: number,
): Phase {
  const { pending } = phase;
  if (pending === undefined || pending.isUnknown) {
    return phase;
  }
  const hasHeld = tick.at - pending.since >= forMs && tick.watchedMs - pending.heardAtMs >= forMs;
  return hasHeld ? firing : phase;
}
