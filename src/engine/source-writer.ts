import type { Batch } from "../core/batch.ts";
import type { Observation } from "../core/component.ts";
import { Permanent, StaleWriter, describeError } from "../core/errors.ts";
import { backoffMs } from "../core/retry.ts";
import { splitBatch } from "../core/split-batch.ts";
import type { Claim, Journal } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";
import { toStoredPosition } from "./stored-position.ts";

/** A source's pen: numbers its observations and puts them into the journal, one after the other. */
export interface SourceWriter {
  /**
   * Resolves when the observation is committed. While the journal cannot be written it waits, says why through
   * `onProblem`, and tries again for as long as it takes. Throws StaleWriter when another writer took over, Permanent
   * and what the encoding throws for a mistake of the program, and the signal's reason when stopped.
   */
  append(observation: Observation, signal: AbortSignal): Promise<void>;
}

export interface SourceWriterOptions {
  readonly journal: Journal;
  readonly claim: Claim;
  /** Of the source: its positions mean something to sources of this kind alone. */
  readonly kind: string;
  readonly service: string;
  readonly environment: Environment;
  /** Called with undefined once all is well again. */
  readonly onProblem: (problem: string | undefined) => void;
}

const appendBackoff = { firstMs: 200, maxMs: 10_000 };

export function createSourceWriter(options: SourceWriterOptions): SourceWriter {
  const { journal, claim, environment, onProblem } = options;
  let seq = claim.seq;

  return {
    async append(observation, signal) {
      const batches = toBatches(observation, claim.source, options.service, seq + 1);
      const position =
        observation.position === undefined
          ? undefined
          : toStoredPosition(options.kind, observation.position);
      for (let attempt = 1; ; attempt++) {
        try {
          await journal.append({ claim, batches, position });
          seq += batches.length;
          if (attempt > 1) {
            onProblem(undefined);
          }
          return;
        } catch (error) {
          if (error instanceof StaleWriter || error instanceof Permanent) {
            throw error;
          }
          onProblem(`cannot write to the journal, so nothing is read on: ${describeError(error)}`);
        }
        const pauseMs = backoffMs(appendBackoff, attempt, environment.random);
        await environment.clock.sleep(pauseMs, signal);
      }
    },
  };
}

/** Splits until every part fits into a batch; all but the last say that more follows. */
function toBatches(
  observation: Observation,
  source: string,
  service: string,
  firstSeq: number,
): readonly Batch[] {
  return splitBatch({
    source,
    service,
    seq: firstSeq,
    from: observation.from,
    to: observation.to,
    samples: observation.samples,
    tops: observation.tops ?? [],
    events: observation.events ?? [],
    more: false,
    partial: observation.partial ?? false,
    backfill: observation.backfill ?? false,
  });
}
