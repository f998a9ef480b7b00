import type { SourceContext } from "../core/component.ts";
import { StaleWriter, describeError } from "../core/errors.ts";
import { backoffMs } from "../core/retry.ts";
import type { Claim } from "../journal/journal.ts";
import { createContext } from "./component-context.ts";
import { runScheduled } from "./run-scheduled.ts";
import type { SourceRun } from "./source-run.ts";
import { createSourceWriter } from "./source-writer.ts";
import { parseStoredPosition, toStoredPosition } from "./stored-position.ts";

const restartBackoff = { firstMs: 1_000, maxMs: 60_000 };

/**
 * Keeps one source running until the signal aborts, whatever it throws. Resolves when the source has stopped;
 * never rejects: nothing bad on one target stops another.
 */
export async function runSource(run: SourceRun, signal: AbortSignal): Promise<void> {
  const { environment, status, problems } = run;
  for (let attempt = 1; ; attempt++) {
    const startedAt = environment.clock.monotonic();
    try {
      await runOnce(run, signal);
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      problems.set("thrown", describeError(error));
      problems.set("reported", undefined);
      problems.set("journal", undefined);
      if (error instanceof StaleWriter) {
        return;
      }
    }
    if (environment.clock.monotonic() - startedAt > restartBackoff.maxMs) {
      attempt = 1;
    }
    status.check = status.check && "unknown";
    status.remark = undefined;
    const pauseMs = backoffMs(restartBackoff, attempt, environment.random);
    try {
      await environment.clock.sleep(pauseMs, signal);
    } catch {
      return;
    }
  }
}

/** Never resolves: a source that ends by itself has failed. */
async function runOnce(run: SourceRun, signal: AbortSignal): Promise<never> {
  const { source, config, journal, environment, status, problems } = run;
  const claim = await journal.claim(config.id);
  const writer = createSourceWriter({
    journal,
    claim,
    kind: config.kind,
    service: config.service,
    environment,
    onProblem: (problem) => {
      status.appendFailures += problem === undefined ? 0 : 1;
      problems.set("journal", problem);
    },
  });
  const context: SourceContext = {
    ...createContext(environment, signal, (problem) => problems.set("reported", problem)),
    position: await takePosition(run, claim),
    everyMs: config.everyMs,
  };
  if ("observe" in source) {
    return runScheduled({ ...run, source, writer }, context);
  }
  for await (const observation of source.follow(config.options, context)) {
    await writer.append(observation, signal);
    status.lastBatchTo = observation.to;
    problems.set("thrown", undefined);
  }
  throw new Error("the source ended by itself");
}

/**
 * A position that is damaged, or of another kind of source under the same id, costs the place where the source stopped,
 * not the source. It is put aside for good, so that the log says so once.
 */
async function takePosition(
  { config, journal, environment }: SourceRun,
  claim: Claim,
): Promise<unknown> {
  if (claim.position === undefined) {
    return undefined;
  }
  const { position, problem } = parseStoredPosition(config.kind, claim.position);
  if (problem !== undefined) {
    const none = toStoredPosition(config.kind, undefined);
    await journal.append({ claim, batches: [], position: none });
    environment.log("warn", `source ${config.id}: ${problem}; it starts afresh`);
  }
  return position;
}
