import { findFirst } from "./_find-first.ts";
import type { Mark, Store } from "./_store.ts";
import type { Retention } from "./journal.ts";

/** At most so much is deleted in one transaction: a few milliseconds of work. */
const stepBatchesMax = 500;
const stepBytesMax = 4 * 1024 * 1024;

export interface TrimStep {
  /** How many the step deletes; 0 when retention covers everything that is there. */
  readonly batches: number;
  /** The last one of them. */
  readonly through: Mark;
}

export function planTrimStep(
  store: Pick<Store, "extent" | "mark">,
  { ageMs, sizeBytes }: Retention,
  now: number,
): TrimStep {
  const { trimmed, head } = store.extent();
  const lastTooOld = findFirst(store, ({ at }) => at >= now - ageMs) - 1;
  const isTooLarge = head.bytesThrough - trimmed.bytesThrough > sizeBytes;
  const lastTooMuch = isTooLarge
    ? findFirst(store, ({ bytesThrough }) => head.bytesThrough - bytesThrough <= sizeBytes)
    : 0;
  const stepBytesThrough = trimmed.bytesThrough + stepBytesMax;
  const lastOfStep = findFirst(store, ({ bytesThrough }) => bytesThrough > stepBytesThrough) - 1;
  const last = Math.min(
    Math.max(lastTooOld, lastTooMuch),
    Math.max(lastOfStep, trimmed.number + 1),
    trimmed.number + stepBatchesMax,
  );
  return last <= trimmed.number
    ? { batches: 0, through: trimmed }
    : { batches: last - trimmed.number, through: store.mark(last) };
}
