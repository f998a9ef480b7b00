// What the engine knows of each source and each reader, for the page, the API and the self-metrics.
import type { SourceConfig } from "../config/config.ts";
import type { Cursor } from "../journal/journal.ts";

export type SourceState = "starting" | "ok" | "failing";

/** Kept by the engine, read by everyone else. */
export interface SourceStatus {
  readonly id: string;
  readonly kind: string;
  readonly service: string;
  readonly everyMs: number;
  /** What it looks at: a URL, a file, a socket; undefined when its kind does not say. */
  readonly target: string | undefined;
  state: SourceState;
  /** One sentence for people; undefined while all is well. */
  problem: string | undefined;
  stateSince: number;
  /** The end of the last committed window. */
  lastBatchTo: number | undefined;
  /** How long the last look took; undefined for continuous sources. */
  durationMs: number | undefined;
  /** What the last look said of its outcome, in one sentence: why a check is down. */
  remark: string | undefined;
  check: "up" | "down" | "unknown" | undefined;
  appendFailures: number;
  /** Looks that were left out because the one before was still running. */
  skipped: number;
}

export function createSourceStatus(
  { id, kind, service, everyMs }: SourceConfig,
  now: number,
  target?: string,
): SourceStatus {
  return {
    id,
    kind,
    service,
    everyMs,
    target,
    state: "starting",
    problem: undefined,
    stateSince: now,
    lastBatchTo: undefined,
    durationMs: undefined,
    remark: undefined,
    check: undefined,
    appendFailures: 0,
    skipped: 0,
  };
}

export interface ReaderStatus {
  readonly name: string;
  /** Up to where it is done; undefined until that is known. How far it lags behind, the journal can tell. */
  cursor: Cursor | undefined;
  /** Batches that it is done with since the start. */
  doneBatches: number;
  errors: number;
  lastError: string | undefined;
  /** `lastError` is what an output reported: it stands until the output takes it back, also over successes. */
  isReported: boolean;
  lastSuccessAt: number | undefined;
  /** Batches that retention, a new journal or damage took away before they were read. */
  missedBatches: number;
  /** Batches that the destination will never take. */
  droppedBatches: number;
  /** Samples that the destination refused for good, while it took what was sent with them. */
  refusedSamples: number;
}

export function createReaderStatus(name: string): ReaderStatus {
  return {
    name,
    cursor: undefined,
    doneBatches: 0,
    errors: 0,
    lastError: undefined,
    isReported: false,
    lastSuccessAt: undefined,
    missedBatches: 0,
    droppedBatches: 0,
    refusedSamples: 0,
  };
}
