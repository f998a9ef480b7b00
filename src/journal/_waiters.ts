interface Waiter {
  settle(): void;
  fail(error: unknown): void;
  readonly isReady: () => boolean;
}

/** Those who wait until something is true that changes with every commit. */
export class Waiters {
  readonly #waiting = new Set<Waiter>();
  readonly #pollMs: number | undefined;
  #poll: NodeJS.Timeout | undefined;

  /** `pollMs` for a journal that another process writes: nothing else tells us of its commits. */
  constructor(pollMs?: number) {
    this.#pollMs = pollMs;
  }

  /** Resolves when `isReady` is true; rejects with the signal's reason, or with what `isReady` throws. */
  async wait(isReady: () => boolean, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (isReady()) {
      return;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter = { settle: resolve, fail: reject, isReady };
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    this.#add(waiter);
    try {
      await promise;
    } finally {
      this.#remove(waiter);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** To be called after a commit. Never throws. */
  wake(): void {
    for (const waiter of this.#waiting) {
      try {
        if (waiter.isReady()) {
          waiter.settle();
        }
      } catch (error) {
        waiter.fail(error);
      }
    }
  }

  close(reason: Error): void {
    for (const waiter of this.#waiting) {
      waiter.fail(reason);
    }
  }

  #add(waiter: Waiter): void {
    this.#waiting.add(waiter);
    if (this.#pollMs !== undefined) {
      this.#poll ??= setInterval(() => this.wake(), this.#pollMs);
    }
  }

  #remove(waiter: Waiter): void {
    this.#waiting.delete(waiter);
    if (this.#waiting.size === 0) {
      clearInterval(this.#poll);
      this.#poll = undefined;
    }
  }
}
