import type { Labels } from "../core/sample.ts";
import { Totals } from "../core/totals.ts";
import type { Journal } from "../journal/journal.ts";
import { createCursorKeeper } from "./cursor-keeper.ts";
import type { Environment } from "./environment.ts";
import type { Reader } from "./run-reader.ts";

/** How much every source has counted since the journal began: a reader that keeps its totals with its cursor. */
export interface LiveTotals extends Reader {
  of(source: string): readonly { name: string; labels: Labels; value: number }[];
  flush(): Promise<void>;
}

/** Its name in the journal. */
export const totalsReader = "totals";

export async function createLiveTotals(
  journal: Journal,
  environment: Environment,
): Promise<LiveTotals> {
  const saved = await journal.loadReader(totalsReader);
  const totals = saved?.state === undefined ? new Totals() : Totals.fromBytes(saved.state);
  const state = (): Uint8Array => totals.toBytes();
  const keeper = createCursorKeeper({ journal, environment, name: totalsReader, state });
  return {
    cursor: saved?.cursor,
    flush: () => keeper.flush(),
    of: (source) =>
      [...totals.list(source)].flatMap(({ kind, name, labels, value }) =>
        kind === "count" ? [{ name, labels, value }] : [],
      ),
    async consume({ entries, next }) {
      await keeper.settle();
      for (const { batch } of entries) {
        totals.add({ ...batch, samples: batch.samples.filter(({ kind }) => kind === "count") });
      }
      await keeper.advance(next, true);
    },
  };
}
