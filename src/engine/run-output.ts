import type { OutputConfig, SourceConfig } from "../config/config.ts";
import type { OpenOutput, Output } from "../core/component.ts";
import { describeError } from "../core/errors.ts";
import { backoffMs } from "../core/retry.ts";
import type { Journal } from "../journal/journal.ts";
import { createContext } from "./component-context.ts";
import type { Environment } from "./environment.ts";
import { createOutputReader, toReaderName } from "./output-reader.ts";
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
  /** Called with the opened output, and with undefined when it is closed: for its routes. */
  readonly onOpen: (output: OpenOutput | undefined) => void;
}

const openBackoff = { firstMs: 1_000, maxMs: 60_000 };

/** Opens an output, feeds it and closes it when the signal aborts. One that cannot be opened is tried again. */
export async function runOutput(run: OutputRun, signal: AbortSignal): Promise<void> {
  const { environment, status } = run;
  for (let attempt = 1; !signal.aborted; attempt++) {
    try {
      await feed(run, signal);
    } catch (error) {
      status.errors++;
      const text = describeError(error);
      if (status.lastError !== text && !signal.aborted) {
        environment.log("warn", `output ${run.config.id}: ${text}; it is tried again`);
      }
      status.lastError = text;
      const pauseMs = backoffMs(openBackoff, attempt, environment.random);
      await environment.clock.sleep(pauseMs, signal).catch(() => {});
    }
  }
}

async function feed(run: OutputRun, signal: AbortSignal): Promise<void> {
  const { output, config, journal, environment, status } = run;
  const saved = await journal.loadReader(toReaderName(config.id));
  const context = createContext(environment, signal, (problem) => (status.lastError = problem));
  await using opened = await output.open(config.options, { ...context, state: saved?.state });
  const reader = createOutputReader({ ...run, output: opened, cursor: saved?.cursor });
  run.onOpen(opened);
  try {
    await runReader({ reader, journal, environment, status }, signal);
  } finally {
    run.onOpen(undefined);
    await reader.flush();
  }
}
