// What the engine knows of each source and each reader, for the page, the API and the self-metrics.

export type SourceState = "starting" | "ok" | "failing";

/** Kept by the engine, read by everyone else. */
export interface SourceStatus {
  readonly id: string;
  readonly kind: string;
  readonly service: string;
  readonly everyMs: number;
  state: SourceState;
  /** One sentence for people; undefined while all is well. */
  problem: string | undefined;
  stateSince: number;
  /** The end of the last committed window. */
  lastBatchTo: number | undefined;
  /** How long the last look took; undefined for continuous sources. */
  durationMs: number | undefined;
  check: "up" | "down" | "unknown" | undefined;
  appendFailures: number;
  /** Looks that were left out because the one before was still running. */
  skipped: number;
}

export interface ReaderStatus {
  readonly name: string;
  lagBatches: number;
  lagMs: number;
  errors: number;
  lastError: string | undefined;
  lastSuccessAt: number | undefined;
  /** Batches that retention, a new journal or damage took away before they were read. */
  missedBatches: number;
  /** Batches that the destination will never take. */
  droppedBatches: number;
}

export function createReaderStatus(name: string): ReaderStatus {
  return {
    name,
    lagBatches: 0,
    lagMs: 0,
    errors: 0,
    lastError: undefined,
    lastSuccessAt: undefined,
    missedBatches: 0,
    droppedBatches: 0,
  };
}
