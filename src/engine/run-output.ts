import type { OutputConfig, SourceConfig } from "../config/config.ts";
import type { OpenOutput, Output, OutputContext } from "../core/component.ts";
import { Corrupt, describeError } from "../core/errors.ts";
import { backoffMs } from "../core/retry.ts";
import type { Journal } from "../journal/journal.ts";
import { createContext } from "./component-context.ts";
import type { Environment } from "./environment.ts";
import { createOutputReader, toProgressName, toReaderName } from "./output-reader.ts";
import { runReader } from "./run-reader.ts";
import type { ReaderStatus } from "./target-status.ts";

export interface OutputRun {
  readonly output: Output;
  readonly config: OutputConfig;
  /** As they are now: a reload changes them. */
  readonly sources: () => ReadonlyMap<string, SourceConfig>;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly status: ReaderStatus;
  readonly describe: OutputContext["describe"];
  /** False once it has been stopped, or was left behind when it should have: another may run under its id. */
  readonly isCurrent: () => boolean;
  /** For its routes: called with the opened output, and again with the same one when it is about to be closed. */
  readonly onOpen: (output: OpenOutput) => void;
  readonly onClose: (output: OpenOutput) => void;
}

const openBackoff = { firstMs: 1_000, maxMs: 60_000 };
/** An output that takes longer to open has a problem; it is waited for all the same. */
const openWithinMs = 30_000;

/** Opens an output, feeds it and closes it when the signal aborts. One that cannot be opened is tried again. */
export async function runOutput(run: OutputRun, signal: AbortSignal): Promise<void> {
  const { environment, status } = run;
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await feed(run, signal);
    } catch (error) {
      if (error === signal.reason) {
        return;
      }
      status.errors++;
      noteProblem(run, describeError(error));
      const pauseMs = backoffMs(openBackoff, attempt, environment.random);
      // An abort ends the loop.
      await environment.clock.sleep(pauseMs, signal).catch(() => {});
    }
  }
}

/** Shown in the status; logged once a change. */
function noteProblem({ config, environment, status }: OutputRun, problem: string): void {
  if (problem !== status.lastError) {
    environment.log("warn", `output ${config.id}: ${problem}`);
  }
  status.lastError = problem;
}

/** What the output says of itself stands until it takes it back; it takes back nothing else. */
function noteReport(run: OutputRun, problem: string | undefined): void {
  const { status } = run;
  if (problem !== undefined) {
    noteProblem(run, problem);
  } else if (status.isReported) {
    status.lastError = undefined;
  }
  status.isReported = problem !== undefined;
}

async function feed(run: OutputRun, signal: AbortSignal): Promise<void> {
  const { config, journal, environment, status, describe } = run;
  const saved = await journal.loadReader(toReaderName(config.id));
  const sent = await journal.loadReader(toProgressName(config.id));
  status.cursor = saved?.cursor ?? journal.start();
  const context = createContext(environment, signal, (problem) => noteReport(run, problem));
  const countRefused = (samples: number): void => {
    status.refusedSamples += samples;
  };
  const remembered = { state: saved?.state, progress: sent?.state };
  await using opened = await open(run, { ...context, ...remembered, describe, countRefused });
  signal.throwIfAborted();
  const wantsTicks = run.output.ticks === true;
  const reader = createOutputReader({ ...run, output: opened, wantsTicks, cursor: saved?.cursor });
  run.onOpen(opened);
  try {
    await runReader({ reader, journal, environment, status }, signal);
  } finally {
    run.onClose(opened);
  }
  await reader.flush();
}

/** Damaged state costs what the output remembered, not the output. */
async function open(run: OutputRun, context: OutputContext): Promise<OpenOutput> {
  const { output, config, environment } = run;
  const opened = new AbortController();
  void noteSlowOpening(run, AbortSignal.any([context.signal, opened.signal]));
  try {
    return await output.open(config.options, context);
  } catch (error) {
    const isFresh = context.state === undefined && context.progress === undefined;
    if (!(error instanceof Corrupt) || isFresh) {
      throw error;
    }
    environment.log("error", `output ${config.id}: its stored state is damaged; it starts afresh`, {
      reason: describeError(error),
    });
    const afresh = { state: undefined, progress: undefined };
    return await output.open(config.options, { ...context, ...afresh });
  } finally {
    opened.abort();
  }
}

async function noteSlowOpening(run: OutputRun, over: AbortSignal): Promise<void> {
  try {
    await run.environment.clock.sleep(openWithinMs, over);
  } catch {
    return; // It has opened in time, or is not wanted any more.
  }
  noteProblem(run, `has not opened within ${openWithinMs / 1000} s`);
}
