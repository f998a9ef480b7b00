import type { SourceStatus } from "../api.ts";
import { isOverdue } from "../series.ts";
import type { Store } from "../store.ts";
import { countMisread } from "../traffic.ts";

/**
 * Lines of a log that came in the last minute, when not one of them could be read; else 0. What
 * reads it is drawn again as time goes on.
 */
export function readMisread(store: Store, { id, everyMs }: SourceStatus): number {
  const { now } = store.frame.value;
  const windows = store.windowsOf(id);
  const last = windows.at(-1);
  return last === undefined || isOverdue(last, now, everyMs) ? 0 : countMisread(windows);
}
