import type { Observation, ScheduledSource, SourceContext } from "../core/component.ts";
import { describeError } from "../core/errors.ts";
import { count } from "../core/sample.ts";
import { createOneAtATime } from "./one-at-a-time.ts";
import type { SourceRun } from "./source-run.ts";
import type { SourceWriter } from "./source-writer.ts";

export interface ScheduledRun extends SourceRun {
  readonly source: Pick<ScheduledSource, "observe" | "check">;
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
  const schedule = createSchedule(config.id, everyMs);
  const look = createLook(run);
  let { position } = context;
  await context.sleep(random() * Math.min(firstSpreadMs, everyMs));
  for (;;) {
    const startedAt = clock.monotonic();
    const observation = await look({ ...context, position });
    await writer.append(observation, context.signal);
    status.lastBatchTo = observation.to;
    position = observation.position ?? position;
    status.skipped += Math.floor((clock.monotonic() - startedAt) / everyMs);
    await context.sleep(schedule.untilNextMs(clock.now()));
  }
}

interface Schedule {
  /** From `now` to the next instant, at most one interval and a little: a clock that is set moves no look far away. */
  untilNextMs(now: number): number;
}

/** Where in its interval a source looks: the same after every restart, different between sources (FNV-1a of the id). */
function createSchedule(id: string, everyMs: number): Schedule {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) {
    hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  }
  const offsetMs = (hash >>> 0) % everyMs;
  let last: number | undefined;
  return {
    untilNextMs(now) {
      const next = (Math.floor((now - offsetMs) / everyMs) + 1) * everyMs + offsetMs;
      // A timer may fire a moment early, by the wall clock: then the next instant is the one just looked at.
      const waitMs = next - now + (next === last ? everyMs : 0);
      last = now + waitMs;
      return waitMs;
    },
  };
}

/**
 * One look with a deadline. What it throws, and what does not come in time, becomes an observation that says
 * "unknown". A look that ignores its deadline is waited for: the next one does not start beside it.
 */
function createLook(run: ScheduledRun): (context: SourceContext) => Promise<Observation> {
  const { source, config, status, problems } = run;
  const { clock } = run.environment;
  const deadlineMs = Math.min(config.everyMs * deadlineShare, deadlineMaxMs);
  const looks = createOneAtATime({ clock, deadlineMs, name: "look" });

  return async (context) => {
    const from = clock.now();
    const startedAt = clock.monotonic();
    status.skipped += looks.isBusy ? 1 : 0;
    try {
      const observation = await looks.run(
        (signal) => source.observe(config.options, { ...context, signal }),
        context.signal,
      );
      status.check = source.check && toCheckState(observation);
      status.remark = observation.remark;
      problems.set("thrown", undefined);
      return source.check ? withUnknown(observation, 0) : observation;
    } catch (error) {
      context.signal.throwIfAborted();
      status.check = source.check && "unknown";
      status.remark = undefined;
      problems.set("thrown", describeError(error));
      // The clock may have been set back meanwhile; a window is never empty.
      const nothing = { from, to: Math.max(from + 1, clock.now()), samples: [] };
      return source.check ? withUnknown(nothing, 1) : { ...nothing, partial: true };
    } finally {
      status.durationMs = clock.monotonic() - startedAt;
    }
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
