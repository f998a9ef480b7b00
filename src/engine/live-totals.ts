import { Corrupt, describeError } from "../core/errors.ts";
import type { Labels } from "../core/sample.ts";
import { Totals } from "../core/totals.ts";
import type { Cursor, Journal, ReaderState } from "../journal/journal.ts";
import { createCursorKeeper } from "./cursor-keeper.ts";
import type { Environment } from "./environment.ts";
import type { Reader } from "./run-reader.ts";

/** How much every source has counted since the journal began: a reader that keeps its totals with its cursor. */
export interface LiveTotals extends Reader {
  of(source: string): readonly { name: string; labels: Labels; value: number }[];
  /**
   * Only these sources have totals from now on. The others' are forgotten at once, and their batches are left out: the
   * reader may still have many of them before it.
   */
  retain(sources: ReadonlySet<string>): void;
  /** Commits what has been held back. Rejects when the journal cannot be written. */
  flush(): Promise<void>;
}

/** Its name in the journal. */
export const totalsReader = "totals";

export async function createLiveTotals(
  journal: Journal,
  environment: Environment,
  sources: ReadonlySet<string>,
): Promise<LiveTotals> {
  const { totals, cursor } = restore(await journal.loadReader(totalsReader), environment);
  const state = (): Uint8Array => totals.toBytes();
  const keeper = createCursorKeeper({ journal, environment, name: totalsReader, state });
  let retained = sources;

  function retain(wanted: ReadonlySet<string>): void {
    retained = wanted;
    const known = new Set([...totals.list()].map(({ source }) => source));
    for (const source of known.difference(wanted)) {
      totals.delete(source);
    }
  }

  retain(sources);
  return {
    cursor,
    retain,
    flush: () => keeper.flush(),
    of: (source) =>
      [...totals.list(source)].flatMap(({ kind, name, labels, value }) =>
        kind === "count" ? [{ name, labels, value }] : [],
      ),
    async consume({ entries, next }) {
      await keeper.settle();
      for (const { batch } of entries) {
        const samples = batch.samples.filter(({ kind }) => kind === "count");
        if (samples.length > 0 && retained.has(batch.source)) {
          totals.add({ ...batch, samples });
        }
      }
      await keeper.advance(next, true);
    },
  };
}

interface Restored {
  readonly totals: Totals;
  readonly cursor: Cursor | undefined;
}

/** Damaged totals are counted anew from what the journal still holds. */
function restore(saved: ReaderState | undefined, { log }: Environment): Restored {
  try {
    const totals = saved?.state === undefined ? new Totals() : Totals.fromBytes(saved.state);
    return { totals, cursor: saved?.cursor };
  } catch (error) {
    if (!(error instanceof Corrupt)) {
      throw error;
    }
    log("error", "the stored totals are damaged; they are counted anew from the journal", {
      reason: describeError(error),
    });
    return { totals: new Totals(), cursor: undefined };
  }
}
