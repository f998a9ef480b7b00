import type { Observation, ScheduledSource, SourceContext } from "../core/component.ts";
import { describeError } from "../core/errors.ts";
import { count } from "../core/sample.ts";
import { toDurationText } from "../core/units.ts";
import { type SourceRun, setProblem } from "./source-run.ts";
import type { SourceWriter } from "./source-writer.ts";

export interface ScheduledRun extends SourceRun {
  readonly source: ScheduledSource;
  readonly writer: SourceWriter;
}

/** A look gets this share of its interval, so that it is over before the next one is due … */
const deadlineShare = 0.9;
/** … and never more than this. */
const deadlineMaxMs = 60_000;
/** The first look comes at a random moment within this, so that hundreds do not start at once. */
const firstSpreadMs = 2_000;

/** Looks once per interval, at instants spread by the source's id, until the context's signal aborts. */
export async function runScheduled(run: ScheduledRun, context: SourceContext): Promise<never> {
  const { config, environment, status, writer } = run;
  const { clock, random } = environment;
  const { everyMs } = config;
  const offsetMs = toOffset(config.id, everyMs);
  const looker = createLooker(run);
  let { position } = context;
  await context.sleep(random() * Math.min(firstSpreadMs, everyMs));
  for (;;) {
    const startedAt = clock.monotonic();
    const observation = await looker.look({ ...context, position });
    await writer.append(observation, context.signal);
    status.lastBatchTo = observation.to;
    position = observation.position ?? position;
    status.skipped += Math.floor((clock.monotonic() - startedAt) / everyMs);
    const now = clock.now();
    await context.sleep(everyMs - ((((now - offsetMs) % everyMs) + everyMs) % everyMs));
  }
}

/** Where in its interval a source looks: the same after every restart, different between sources (FNV-1a of the id). */
function toOffset(id: string, everyMs: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0) % everyMs;
}

interface Looker {
  look(context: SourceContext): Promise<Observation>;
}

/**
 * One look with a deadline. What it throws, and what does not come in time, becomes an observation that says
 * "unknown". A look that ignores its deadline is waited for: the next one does not start beside it.
 */
function createLooker({ source, config, environment, status }: ScheduledRun): Looker {
  const { clock } = environment;
  const deadlineMs = Math.min(config.everyMs * deadlineShare, deadlineMaxMs);
  let straggler: Promise<unknown> | undefined;

  async function observe(context: SourceContext): Promise<Observation> {
    if (straggler !== undefined) {
      throw new Error("the look before this one has still not ended");
    }
    const done = new AbortController();
    const late = new AbortController();
    const signal = AbortSignal.any([context.signal, late.signal]);
    const running = source.observe(config.options, { ...context, signal });
    try {
      return await Promise.race([
        running,
        clock.sleep(deadlineMs, AbortSignal.any([context.signal, done.signal])).then(() => {
          const error = new Error(`no result within ${toDurationText(Math.round(deadlineMs))}`);
          late.abort(error);
          straggler = running.catch(() => {}).finally(() => (straggler = undefined));
          throw error;
        }),
      ]);
    } finally {
      done.abort();
    }
  }

  return {
    async look(context) {
      const from = clock.now();
      const startedAt = clock.monotonic();
      try {
        const observation = await observe(context);
        status.check = source.check && toCheckState(observation);
        setProblem({ config, environment, status }, undefined);
        return source.check ? withUnknown(observation, 0) : observation;
      } catch (error) {
        context.signal.throwIfAborted();
        status.check = source.check && "unknown";
        setProblem({ config, environment, status }, describeError(error));
        const nothing = { from, to: clock.now(), samples: [] };
        return source.check ? withUnknown(nothing, 1) : { ...nothing, partial: true };
      } finally {
        status.durationMs = clock.monotonic() - startedAt;
      }
    },
  };
}

function toCheckState({ samples }: Observation): "up" | "down" | "unknown" {
  const up = samples.find(({ name }) => name === "check_up")?.value;
  return up === undefined ? "unknown" : up === 1 ? "up" : "down";
}

/** Every look at a check counts whether its outcome was unknown, so that the share of unknowns can be told. */
function withUnknown(observation: Observation, unknown: 0 | 1): Observation {
  return {
    ...observation,
    samples: [...observation.samples, count("check_unknown_total", unknown)],
  };
}
