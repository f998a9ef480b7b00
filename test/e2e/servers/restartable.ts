import type { Running } from "../harness.ts";

/** A server that a test stops and starts again, in the same place and with what it has stored. */
export interface Restartable extends AsyncDisposable {
  /** Resolves when it takes connections. */
  start(): Promise<void>;
  /** As its own service would be stopped. */
  stop(): Promise<void>;
  /** The one that runs, or ran last. */
  process(): Running;
}

/** Starts it; `launch` resolves when it takes connections. */
export async function startRestartable(launch: () => Promise<Running>): Promise<Restartable> {
  let running = await launch();
  return {
    process: () => running,
    async start() {
      running = await launch();
    },
    async stop() {
      await running.stop();
    },
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
