// Workers that take shares as they become free.

import { Worker } from "node:worker_threads";
import { describeError } from "../../core/errors.ts";
import { createLineCounts } from "../scan/scan-result.ts";
import type { FromWorker, ScanRequest, Share, ToWorker } from "./scan-request.ts";

export type ShareDone = Extract<FromWorker, { kind: "done" }>;

export interface PoolRun {
  readonly request: ScanRequest;
  readonly shares: readonly Share[];
  readonly workersMax: number;
  readonly signal: AbortSignal;
  /** So many more bytes have been read, of all files together. */
  readonly onBytes: (count: number) => void;
  /** In the order of the shares, each once, whichever was done first. */
  readonly onDone: (done: ShareDone) => void;
}

/** Resolves when all are done. Rejects with the signal's reason once it is aborted. */
export async function runPool(run: PoolRun): Promise<void> {
  const { shares, workersMax, signal } = run;
  const queue = shares.map((share, id): ToWorker => ({ kind: "scan", id, share }));
  const deliver = inOrder(run.onDone);
  const lanes = Math.min(workersMax, shares.length);
  signal.throwIfAborted();
  await Promise.all(Array.from({ length: lanes }, () => runLane(queue, run, deliver)));
}

/** One worker after the other, should one of them die. */
async function runLane(
  queue: ToWorker[],
  run: PoolRun,
  deliver: (done: ShareDone) => void,
): Promise<void> {
  let worker: ScanThread | undefined;
  try {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      worker ??= new ScanThread(run);
      try {
        deliver(await worker.scan(next));
      } catch (error) {
        run.signal.throwIfAborted();
        await worker.stop();
        worker = undefined;
        deliver(toFailed(next, error));
      }
    }
  } finally {
    await worker?.stop();
  }
}

/**
 * Ten million different paths and clients on two workers: 760 MB in all with V8's own limit, 370 MB
 * with this one, in the same time.
 */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

class ScanThread {
  readonly #worker: Worker;
  readonly #signal: AbortSignal;

  constructor({ request, signal, onBytes }: PoolRun) {
    const extension = import.meta.filename.endsWith(".ts") ? ".ts" : ".js";
    const url = new URL(`./scan-worker${extension}`, import.meta.url);
    this.#worker = new Worker(url, { workerData: request, resourceLimits });
    this.#signal = signal;
    this.#worker.on("message", (message: FromWorker) => {
      if (message.kind === "progress") {
        onBytes(message.bytes);
      }
    });
  }

  async scan(message: ToWorker): Promise<ShareDone> {
    const { promise, resolve, reject } = Promise.withResolvers<ShareDone>();
    const onMessage = (answer: FromWorker): void => {
      if (answer.kind === "done") {
        resolve(answer);
      }
    };
    const onExit = (): void => reject(new Error("its worker ended"));
    const onAbort = (): void => reject(new Error("stopped", { cause: this.#signal.reason }));
    this.#worker.on("message", onMessage).once("error", reject).once("exit", onExit);
    this.#signal.addEventListener("abort", onAbort, { once: true });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
    this.#worker.postMessage(message);
    try {
      return await promise;
    } finally {
      this.#worker.off("message", onMessage).off("error", reject).off("exit", onExit);
      this.#signal.removeEventListener("abort", onAbort);
    }
  }

  /** At once, also in the middle of a file. */
  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

function toFailed({ id, share }: ToWorker, error: unknown): ShareDone {
  const problem = {
    code: "failed",
    message: `could not be scanned: ${describeError(error)}`,
  } as const;
  const outcomes = share.pieces.map(({ file }) => ({
    file,
    lines: createLineCounts(),
    bytes: 0,
    failures: [],
    detected: undefined,
    problem,
  }));
  return { kind: "done", id, result: undefined, outcomes };
}

function inOrder(onDone: (done: ShareDone) => void): (done: ShareDone) => void {
  const waiting = new Map<number, ShareDone>();
  let next = 0;
  return (done) => {
    waiting.set(done.id, done);
    for (let ready = waiting.get(next); ready !== undefined; ready = waiting.get(next)) {
      waiting.delete(next);
      next++;
      onDone(ready);
    }
  };
}
