import { Permanent, StaleWriter } from "../core/errors.ts";

/** When the writes that were asked for are committed together. */
export interface CommitDelay {
  /** Once nothing more was asked for in this time. */
  readonly idleMs: number;
  /** At the latest this long after the first one. */
  readonly maxMs: number;
  /** At once when they are about to write this much. */
  readonly sizeBytesMax: number;
}

/**
 * One fsync of at most 50 ms waiting serves all sources and readers; 3 ms of quiet is enough to see that nobody else
 * comes, and little beside the fsync itself.
 */
export const defaultCommitDelay: CommitDelay = {
  idleMs: 3,
  maxMs: 50,
  sizeBytesMax: 4 * 1024 * 1024,
};

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
  #isQuiet = true;
  #dueAt = 0;

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
    this.#isQuiet = false;
    if (this.#timer === undefined) {
      this.#dueAt = performance.now() + this.#delay.maxMs;
      this.#arm();
    }
  }

  #arm(): void {
    this.#isQuiet = true;
    this.#timer = setTimeout(() => {
      if (this.#isQuiet || performance.now() + this.#delay.idleMs > this.#dueAt) {
        this.flush();
      } else {
        this.#arm();
      }
    }, this.#delay.idleMs);
  }
}
