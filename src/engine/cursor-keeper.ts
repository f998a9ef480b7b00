import type { Cursor, Journal } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";

export interface CursorKeeperOptions {
  readonly journal: Journal;
  readonly environment: Environment;
  /** The reader's name in the journal. */
  readonly name: string;
  /** What is committed together with the cursor; may be missing. Undefined: not at this moment. */
  readonly state?: (() => Uint8Array | undefined) | undefined;
  /** Commits a state, too, at once after what had an effect. */
  readonly isEager?: boolean;
  /**
   * False once another reader may go by this name: one that was left behind when it was stopped commits nothing more,
   * or it would overwrite what its successor has committed. True when left out.
   */
  readonly isCurrent?: (() => boolean) | undefined;
}

/**
 * Commits the cursor (and state) of a reader that has no file of its own. A reader calls `settle` before it takes a
 * slice and `advance` after it; a commit that fails then stops the reader before it does the same work twice.
 */
export interface CursorKeeper {
  /** Commits what is due. Rejects while the journal cannot be written. */
  settle(): Promise<void>;
  /** The reader is done with everything before `next`. Never rejects. */
  advance(next: Cursor, hadEffect: boolean): Promise<void>;
  /** Commits what has been held back. Rejects when the journal cannot be written. */
  flush(): Promise<void>;
}

/** A state, or a cursor that moved without effect, can be re-derived: it is committed at most this often. */
const lazyEveryMs = 5_000;

export function createCursorKeeper(options: CursorKeeperOptions): CursorKeeper {
  const { journal, environment, name, state, isCurrent = () => true } = options;
  const isEager = options.isEager ?? state === undefined;
  let pending: Cursor | undefined;
  let isUrgent = false;
  let savedAt = environment.clock.monotonic();

  async function flush(): Promise<void> {
    const saving = pending;
    if (saving === undefined || !isCurrent()) {
      return;
    }
    const bytes = state?.();
    if (state !== undefined && bytes === undefined) {
      return;
    }
    await journal.saveReader(name, { cursor: saving, state: bytes });
    savedAt = environment.clock.monotonic();
    if (pending === saving) {
      pending = undefined;
      isUrgent = false;
    }
  }

  async function settle(): Promise<void> {
    if (isUrgent || environment.clock.monotonic() - savedAt >= lazyEveryMs) {
      await flush();
    }
  }

  return {
    flush,
    settle,
    async advance(next, hadEffect) {
      pending = next;
      isUrgent ||= hadEffect && isEager;
      // What fails here is tried again, and reported, by the `settle` before the next slice.
      await settle().catch(() => {});
    },
  };
}
