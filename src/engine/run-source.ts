import { deserialize } from "node:v8";
import type { SourceContext } from "../core/component.ts";
import { StaleWriter, describeError, isAbort } from "../core/errors.ts";
import { backoffMs } from "../core/retry.ts";
import type { Claim } from "../journal/journal.ts";
import { createContext } from "./component-context.ts";
import { runScheduled } from "./run-scheduled.ts";
import { type SourceRun, setProblem } from "./source-run.ts";
import { createSourceWriter } from "./source-writer.ts";

const restartBackoff = { firstMs: 1_000, maxMs: 60_000 };

/**
 * Keeps one source running until the signal aborts, whatever it throws. Resolves when the source has stopped;
 * never rejects: nothing bad on one target stops another.
 */
export async function runSource(run: SourceRun, signal: AbortSignal): Promise<void> {
  const { environment, status } = run;
  for (let attempt = 1; !signal.aborted; attempt++) {
    const startedAt = environment.clock.monotonic();
    try {
      await runOnce(run, signal);
    } catch (error) {
      if (isAbort(error, signal)) {
        return;
      }
      setProblem(run, describeError(error));
      if (error instanceof StaleWriter) {
        return;
      }
    }
    if (environment.clock.monotonic() - startedAt > restartBackoff.maxMs) {
      attempt = 1;
    }
    status.check = status.check && "unknown";
    const pauseMs = backoffMs(restartBackoff, attempt, environment.random);
    await environment.clock.sleep(pauseMs, signal).catch(() => {});
  }
}

async function runOnce(run: SourceRun, signal: AbortSignal): Promise<void> {
  const { source, config, journal, environment, status } = run;
  const claim = await journal.claim(config.id);
  const writer = createSourceWriter({
    journal,
    claim,
    service: config.service,
    environment,
    onProblem: (problem) => {
      status.appendFailures += problem === undefined ? 0 : 1;
      setProblem(run, problem);
    },
  });
  const context: SourceContext = {
    ...createContext(environment, signal, (problem) => setProblem(run, problem)),
    position: readPosition(run, claim),
    everyMs: config.everyMs,
  };
  if ("observe" in source) {
    await runScheduled({ ...run, source, writer }, context);
    return;
  }
  for await (const observation of source.follow(config.options, context)) {
    await writer.append(observation, signal);
    status.lastBatchTo = observation.to;
    if (status.state === "starting") {
      setProblem(run, undefined);
    }
  }
  signal.throwIfAborted();
  throw new Error("the source ended by itself");
}

/** A position that cannot be read costs the place where the source stopped, not the source. */
function readPosition({ config, environment }: SourceRun, { position }: Claim): unknown {
  if (position === undefined) {
    return undefined;
  }
  try {
    return deserialize(position);
  } catch (error) {
    environment.log(
      "error",
      `source ${config.id}: its stored position is damaged; it starts afresh`,
      {
        reason: describeError(error),
      },
    );
    return undefined;
  }
}
