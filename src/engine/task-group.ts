import { describeError } from "../core/errors.ts";
import { toDurationText } from "../core/units.ts";
import type { Environment } from "./environment.ts";

/** Named things that run until they are stopped, each by a signal of its own. `stop` never rejects. */
export interface TaskGroup {
  /** Runs `task`, which resolves once its signal aborts. A name may be used again after `stop`. */
  start(name: string, task: (signal: AbortSignal) => Promise<void>): void;
  /** Resolves when the task has ended, or has been left behind; at once when there is none. */
  stop(name: string): Promise<void>;
  /** Stops all of them at the same time. */
  stopAll(): Promise<void>;
}

export interface TaskGroupOptions {
  readonly environment: Pick<Environment, "clock" | "log">;
  /** A task that takes longer to stop is left behind and named in the log: it must not hold up the rest. */
  readonly stopMaxMs: number;
}

interface Task {
  readonly stopper: AbortController;
  /** Never rejects. */
  readonly done: Promise<void>;
}

export function createTaskGroup({ environment, stopMaxMs }: TaskGroupOptions): TaskGroup {
  const { clock, log } = environment;
  const tasks = new Map<string, Task>();

  async function run(
    name: string,
    task: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await task(signal);
    } catch (error) {
      if (!signal.aborted) {
        log("error", `${name} stopped: ${describeError(error)}`);
      }
    }
  }

  async function stop(name: string): Promise<void> {
    const task = tasks.get(name);
    tasks.delete(name);
    if (task === undefined) {
      return;
    }
    task.stopper.abort();
    const ended = new AbortController();
    const isLate = await Promise.race([task.done, waitUntilLate(ended.signal)]);
    ended.abort();
    if (isLate === true) {
      const limit = toDurationText(stopMaxMs);
      log("error", `${name} has not stopped within ${limit}; it is left behind`);
    }
  }

  /** True at the limit; undefined when the task has ended before. */
  async function waitUntilLate(ended: AbortSignal): Promise<true | void> {
    try {
      await clock.sleep(stopMaxMs, ended);
      return true;
    } catch {
      // The task has ended in time.
    }
  }

  return {
    stop,
    start(name, task) {
      if (tasks.has(name)) {
        throw new Error(`${name} is running already`);
      }
      const stopper = new AbortController();
      tasks.set(name, { stopper, done: run(name, task, stopper.signal) });
    },
    async stopAll() {
      await Promise.all([...tasks.keys()].map(stop));
    },
  };
}
