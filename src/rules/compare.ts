// What a rule judges when it is not the measured value itself.
import type { Reading } from "./verdict.ts";

/** One count as a share of another; unknown while there is nothing to divide by. */
export function toShare(
  part: Reading | undefined,
  whole: Reading | undefined,
): Reading | undefined {
  if (part === undefined || whole === undefined || !(whole.value > 0)) {
    return undefined;
  }
  return { value: part.value / whole.value, observations: whole.observations, isFresh: true };
}

/**
 * How many times the usual something is; unknown where nothing is usual. `expectedShare`, of counts: the part of what
 * was counted before that would be usual for a window of this length.
 */
export function compareWithBaseline(
  measured: Reading | undefined,
  usual: Reading | undefined,
  expectedShare: number | undefined,
): Reading | undefined {
  if (measured === undefined || usual === undefined || !(usual.value > 0)) {
    return undefined;
  }
  if (expectedShare === undefined) {
    const observations = Math.min(measured.observations, usual.observations);
    return { ...measured, value: measured.value / usual.value, observations };
  }
  const expected = usual.value * expectedShare;
  const observations = Math.max(measured.observations, expected);
  return { ...measured, value: measured.value / expected, observations };
}
