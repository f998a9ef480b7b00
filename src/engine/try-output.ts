import type { OutputConfig } from "../config/config.ts";
import type { Batch } from "../core/batch.ts";
import type { OpenOutput, Output, OutputContext } from "../core/component.ts";
import { count } from "../core/sample.ts";
import { createContext } from "./component-context.ts";
import type { Environment } from "./environment.ts";
import { createOneAtATime } from "./one-at-a-time.ts";

/** The source that the test seems to come from. */
const testSource = "watchpost-test";

/** A receiver that accepts a connection and never answers is a failure. */
const deadlineMs = 30_000;

export interface OutputTrial {
  readonly kind: Output;
  readonly config: OutputConfig;
  /** Of the node. */
  readonly node: string;
  readonly environment: Environment;
  readonly describe: OutputContext["describe"];
}

/**
 * Opens an output beside the one that may run and sends one clearly marked measurement. Resolves to what happened, as
 * a sentence without its end; rejects with what the output threw or reported, after half a minute without a result, and
 * with the signal's reason.
 */
export function tryOutput(trial: OutputTrial, signal: AbortSignal): Promise<string> {
  if (trial.kind.isAsked === true) {
    return Promise.resolve("it sends nothing but is asked; nothing was tried");
  }
  const { clock } = trial.environment;
  const trials = createOneAtATime({ clock, deadlineMs, name: "test" });
  return trials.run((until) => sendTest(trial, until), signal);
}

async function sendTest(trial: OutputTrial, signal: AbortSignal): Promise<string> {
  const { kind, config, environment, describe } = trial;
  let problem: string | undefined;
  const context = createContext({ ...environment, log: () => {} }, signal, (reported) => {
    problem = reported;
  });
  const fresh = { describe, state: undefined, countRefused: () => {} };
  await using opened = await kind.open(config.options, { ...context, ...fresh });
  await opened.write([toTestBatch(trial)], signal);
  if (problem !== undefined) {
    throw new Error(problem);
  }
  return describeSuccess(opened);
}

function toTestBatch({ config: { id, labels }, node, environment }: OutputTrial): Batch {
  const now = environment.clock.now();
  const text = `Test of the output ${id} of Watchpost on ${node}: please ignore.`;
  const marks = { more: false, partial: false, backfill: false };
  return {
    source: testSource,
    service: "",
    seq: 1,
    from: now - 1000,
    to: now,
    samples: [count("watchpost_test_total", 1, { ...labels, output: id })],
    tops: [],
    events: [{ at: now, name: "watchpost_test", labels: { output: id }, text }],
    ...marks,
  };
}

/** Without an error is all that can be said: some receivers never answer, and others take what they will not keep. */
function describeSuccess({ routes = [] }: OpenOutput): string {
  const paths = routes.map(({ path }) => path).join(", ");
  return paths === ""
    ? `no error; look there for the source ${testSource} with watchpost_test_total 1`
    : `no error; it sends nothing but is asked, at ${paths} of a running node`;
}
