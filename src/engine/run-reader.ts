import { Permanent, RetryLater, describeError } from "../core/errors.ts";
import { backoffMs } from "../core/retry.ts";
import type { Cursor, Journal, Slice } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";
import type { ReaderStatus } from "./target-status.ts";

/** Something that reads the journal at its own pace. */
export interface Reader {
  /** Where it left off; undefined when it has never read. */
  readonly cursor: Cursor | undefined;
  /** How many batches it wants at once, at most; 500 when left out. */
  readonly batchesMax?: number | undefined;
  /**
   * Does its work on the slice and commits the cursor, in this order or in one step. Throws Permanent when the same
   * slice can never be taken; anything else means "again, later". What it throws must have changed nothing.
   */
  consume(slice: Slice, signal: AbortSignal): Promise<void>;
}

export interface ReaderRun {
  readonly reader: Reader;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly status: ReaderStatus;
}

const retryBackoff = { firstMs: 500, maxMs: 60_000 };
/** A destination may ask for a longer pause, up to this. */
const retryLaterMaxMs = 3_600_000;
const sliceLimits = { batchesMax: 500, bytesMax: 4 * 1024 * 1024 };
const singleLimits = { batchesMax: 1, bytesMax: 1 };

/**
 * Feeds one reader until the signal aborts. A reader that fails is tried again with growing, jittered pauses and
 * delays nobody else. What it can never take is narrowed down to the single batch and dropped, counted and logged.
 * Never rejects.
 */
export async function runReader(run: ReaderRun, signal: AbortSignal): Promise<void> {
  const { reader, journal, status } = run;
  const { batchesMax = sliceLimits.batchesMax } = reader;
  const limits = { ...sliceLimits, batchesMax };
  let cursor = reader.cursor ?? journal.start();
  let attempt = 0;
  /** How many batches are still to be offered one by one, to find the one that is refused. */
  let singly = 0;
  while (!signal.aborted) {
    status.cursor = cursor;
    let slice: Slice | undefined;
    try {
      slice = await journal.read(cursor, singly > 0 ? singleLimits : limits);
      if (slice.next === cursor) {
        await journal.changed(cursor, signal);
        continue;
      }
      await reader.consume(slice, signal);
      noteSuccess(run);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      status.errors++;
      if (slice === undefined || !(error instanceof Permanent)) {
        noteError(run, error);
        attempt++;
        await pause(run, attempt, error, signal);
        continue;
      }
      if (slice.entries.length > 1) {
        singly = slice.entries.length;
        continue;
      }
      noteDropped(run, slice, error);
    }
    noteGaps(run, slice);
    status.doneBatches += slice.entries.length;
    cursor = slice.next;
    singly = Math.max(0, singly - 1);
    attempt = 0;
  }
}

async function pause(
  { environment }: ReaderRun,
  attempt: number,
  error: unknown,
  signal: AbortSignal,
): Promise<void> {
  const askedMs = error instanceof RetryLater ? Math.min(error.afterMs, retryLaterMaxMs) : 0;
  const pauseMs = Math.max(askedMs, backoffMs(retryBackoff, attempt, environment.random));
  // An abort is seen by the caller's loop.
  await environment.clock.sleep(pauseMs, signal).catch(() => {});
}

function noteSuccess({ environment, status }: ReaderRun): void {
  status.lastSuccessAt = environment.clock.now();
  if (status.isReported) {
    return; // It does its work but for what it says itself.
  }
  if (status.lastError !== undefined) {
    environment.log("info", `reader ${status.name}: works again`);
  }
  status.lastError = undefined;
}

/** One line per change of the error's text: an outage of an hour is one line, not thousands. */
function noteError({ environment, status }: ReaderRun, error: unknown): void {
  const text = describeError(error);
  if (status.lastError !== text) {
    environment.log("warn", `reader ${status.name}: ${text}; it is tried again`);
  }
  status.lastError = text;
  status.isReported = false;
}

/** The reader refused this one batch for good: it is passed over, so that the ones behind it are delivered. */
function noteDropped({ environment, status }: ReaderRun, slice: Slice, error: Permanent): void {
  for (const { batch } of slice.entries) {
    status.droppedBatches++;
    environment.log("error", `reader ${status.name}: dropped a batch it can never take`, {
      source: batch.source,
      seq: batch.seq,
      reason: describeError(error),
    });
  }
}

/** Called once a gap is behind the reader: while it is tried again, it meets the same gap each time. */
function noteGaps({ environment, status }: ReaderRun, slice: Slice): void {
  for (const { reason, batches, detail } of slice.gaps) {
    status.missedBatches += batches ?? 0;
    environment.log("warn", `reader ${status.name}: missed ${batches ?? "some"} batches`, {
      reason,
      ...(detail !== undefined && { detail }),
    });
  }
}
