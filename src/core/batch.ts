import type { Event, Sample, TopSample } from "./sample.ts";

/** What one source saw over one window. The unit that is appended, read, retried and acknowledged. */
export interface Batch {
  /** The source's id in the configuration. */
  readonly source: string;
  /** The service that the user filed the source under; empty when none. */
  readonly service: string;
  /** 1, 2, 3 … per source, without holes for the life of a journal. */
  readonly seq: number;
  /** The window [from, to), in milliseconds since the epoch. */
  readonly from: number;
  readonly to: number;
  readonly samples: readonly Sample[];
  readonly tops: readonly TopSample[];
  readonly events: readonly Event[];
  /** The window was too large for one batch; the rest follows in the source's next batch. */
  readonly more: boolean;
  /** Something that belongs into this window is known to be missing. */
  readonly partial: boolean;
  /** Older than live: recorded, but no notice is sent for it. */
  readonly backfill: boolean;
}

/** The source under which the engine reports on itself, and whose batch each second is the tick. */
export const ownSource = "watchpost";

/** A tick tells readers what time it is by the journal, so that a replay sees the same instants. */
export function isTick(batch: Batch): boolean {
  return batch.source === ownSource;
}

/** Larger encoded batches are split before they are appended. */
export const batchBytesMax = 512 * 1024;
