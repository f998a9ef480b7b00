import { Permanent, StaleWriter } from "../core/errors.ts";

/** How long writes wait for each other's company before they are committed together. */
export interface CommitDelay {
  /** The first of them, at most. */
  readonly maxMs: number;
  /** No longer, once they are about to write this much. */
  readonly sizeBytesMax: number;
}

export const defaultCommitDelay: CommitDelay = { maxMs: 50, sizeBytesMax: 4 * 1024 * 1024 };

/**
 * After a commit, the next one is left at least this many times as long as that one took (up to maxMs): a commit holds
 * up the event loop, and a slow disk must not take more than a quarter of it. On a fast one writes hardly wait.
 */
const pauseFactor = 3;

interface Write {
  /** Runs the change; what it returns tells the caller how that went. */
  run(): () => void;
  fail(error: unknown): void;
}

/** Group commit: collects writes for a short while and runs them in one transaction, in the order they came. */
export class CommitQueue {
  readonly #transact: (work: () => void) => void;
  readonly #delay: CommitDelay;
  #writes: Write[] = [];
  #sizeBytes = 0;
  #timer: NodeJS.Timeout | undefined;
  #restedAt = 0;

  /** `transact` runs its argument between BEGIN and COMMIT; when it throws, nothing has changed. */
  constructor(transact: (work: () => void) => void, delay: CommitDelay) {
    this.#transact = transact;
    this.#delay = delay;
  }

  /** See Store.write. */
  async add<Result>(sizeBytes: number, change: () => Result): Promise<Result> {
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    const run = (): (() => void) => {
      try {
        const result = change();
        return () => resolve(result);
      } catch (error) {
        if (error instanceof StaleWriter || error instanceof Permanent) {
          return () => reject(error);
        }
        throw error;
      }
    };
    this.#writes.push({ run, fail: reject });
    this.#sizeBytes += sizeBytes;
    this.#schedule();
    return promise;
  }

  /** Commits what is waiting. Never throws: each write learns of a failure through its own promise. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const writes = this.#writes;
    this.#writes = [];
    this.#sizeBytes = 0;
    if (writes.length === 0) {
      return;
    }
    // A verdict such as "stale" may rest on another write of the group, hence told only once the group is committed.
    const tell: (() => void)[] = [];
    const startedAt = performance.now();
    try {
      this.#transact(() => {
        for (const write of writes) {
          tell.push(write.run());
        }
      });
    } catch (error) {
      for (const write of writes) {
        write.fail(error);
      }
      return;
    } finally {
      this.#rest(startedAt);
    }
    for (const each of tell) {
      each();
    }
  }

  #schedule(): void {
    if (this.#sizeBytes >= this.#delay.sizeBytesMax) {
      this.flush();
      return;
    }
    const restMs = Math.min(this.#restedAt - performance.now(), this.#delay.maxMs);
    this.#timer ??= setTimeout(() => this.flush(), Math.max(0, restMs));
  }

  #rest(startedAt: number): void {
    const now = performance.now();
    this.#restedAt = now + pauseFactor * (now - startedAt);
  }
}
