import { Permanent, describeError, isAbort } from "../core/errors.ts";
import { backoffMs } from "../core/retry.ts";
import type { Cursor, Journal, Slice } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";
import type { ReaderStatus } from "./target-status.ts";

/** Something that reads the journal at its own pace. */
export interface Reader {
  /** Where it left off; undefined when it has never read. */
  readonly cursor: Cursor | undefined;
  /**
   * Does its work on the slice and commits the cursor, in this order or in one step. Throws Permanent when the same
   * slice can never be taken; anything else means "again, later".
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
const sliceLimits = { batchesMax: 500, bytesMax: 4 * 1024 * 1024 };
const singleLimits = { batchesMax: 1, bytesMax: 1 };

/**
 * Feeds one reader until the signal aborts. A reader that fails is tried again with growing, jittered pauses and
 * delays nobody else. What it can never take is narrowed down to the single batch and dropped, counted and logged.
 */
export async function runReader(run: ReaderRun, signal: AbortSignal): Promise<void> {
  const { reader, journal, environment, status } = run;
  let cursor = reader.cursor ?? journal.start();
  let attempt = 0;
  /** How many batches are still to be offered one by one, to find the one that is refused. */
  let singly = 0;
  while (!signal.aborted) {
    try {
      const slice = await journal.read(cursor, singly > 0 ? singleLimits : sliceLimits);
      noteLag(run, cursor);
      if (slice.next === cursor) {
        await journal.changed(cursor, signal);
        continue;
      }
      noteGaps(run, slice);
      await reader.consume(slice, signal);
      cursor = slice.next;
      singly = Math.max(0, singly - 1);
      attempt = 0;
      status.lastError = undefined;
      status.lastSuccessAt = environment.clock.now();
    } catch (error) {
      if (isAbort(error, signal)) {
        return;
      }
      status.errors++;
      if (error instanceof Permanent && singly === 0) {
        singly = sliceLimits.batchesMax;
        continue;
      }
      noteError(run, error);
      if (error instanceof Permanent) {
        cursor = await dropOne(run, cursor);
        singly = 0;
        continue;
      }
      attempt++;
      const pauseMs = backoffMs(retryBackoff, attempt, environment.random);
      await environment.clock.sleep(pauseMs, signal).catch(() => {});
    }
  }
}

/** The reader refused this one batch for good: it is passed over, so that the ones behind it are delivered. */
async function dropOne(
  { journal, environment, status }: ReaderRun,
  cursor: Cursor,
): Promise<Cursor> {
  const { entries, next } = await journal.read(cursor, singleLimits);
  for (const { batch } of entries) {
    status.droppedBatches++;
    environment.log("error", `reader ${status.name}: dropped a batch it can never take`, {
      source: batch.source,
      seq: batch.seq,
      reason: status.lastError,
    });
  }
  return next;
}

function noteLag({ journal, status }: ReaderRun, cursor: Cursor): void {
  const lag = journal.lag(cursor);
  status.lagBatches = lag.batches;
  status.lagMs = lag.ms;
}

function noteGaps({ environment, status }: ReaderRun, slice: Slice): void {
  for (const { reason, batches } of slice.gaps) {
    status.missedBatches += batches ?? 0;
    environment.log("warn", `reader ${status.name}: missed ${batches ?? "some"} batches`, {
      reason,
    });
  }
}

/** One line per change of the error's text: an outage of an hour is one line, not thousands. */
function noteError({ environment, status }: ReaderRun, error: unknown): void {
  const text = describeError(error);
  if (status.lastError !== text) {
    environment.log("warn", `reader ${status.name}: ${text}; it is tried again`);
  }
  status.lastError = text;
}
