/** How long to wait before the next attempt. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The pause before attempt `attempt` + 1 (the first failure is attempt 1): doubling from `firstMs` up to
 * `maxMs`, with "equal jitter" (half fixed, half random), so that many readers that failed together do not
 * come back together.
 */
export function backoffMs(backoff: Backoff, attempt: number, random: () => number): number {
  const full = Math.min(backoff.maxMs, backoff.firstMs * 2 ** Math.min(attempt - 1, 30));
  return full / 2 + (full / 2) * random();
}
