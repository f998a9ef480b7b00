/** Named things that run until they are stopped, each by a signal of its own. */
export interface TaskGroup {
  /** Runs `task`, which resolves once its signal aborts. A name may be used again after `stop`. */
  start(name: string, task: (signal: AbortSignal) => Promise<void>): void;
  /** Resolves when the task has ended; at once when there is none. */
  stop(name: string): Promise<void>;
  /** Stops all of them at the same time. */
  stopAll(): Promise<void>;
}

export function createTaskGroup(onFailure: (name: string, error: unknown) => void): TaskGroup {
  const tasks = new Map<string, { readonly stop: AbortController; readonly done: Promise<void> }>();

  async function stop(name: string): Promise<void> {
    const task = tasks.get(name);
    tasks.delete(name);
    task?.stop.abort();
    await task?.done;
  }

  async function runTask(
    name: string,
    task: (signal: AbortSignal) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      await task(signal);
    } catch (error) {
      if (!signal.aborted) {
        onFailure(name, error);
      }
    }
  }

  return {
    stop,
    start(name, task) {
      const stopper = new AbortController();
      tasks.set(name, { stop: stopper, done: runTask(name, task, stopper.signal) });
    },
    async stopAll() {
      await Promise.all([...tasks.keys()].map(stop));
    },
  };
}
