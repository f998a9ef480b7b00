import type { Cursor, Journal, ReadLimits } from "../journal/journal.ts";
import { compareIncidents, type Incident } from "./incident.ts";
import type { RuleConfig } from "./rule-options.ts";
import { openRules } from "./rules.ts";

export interface BacktestOptions {
  readonly rules: Readonly<Record<string, RuleConfig>>;
  readonly journal: Pick<Journal, "read" | "start">;
  /** The journal's start when left out. */
  readonly from?: Cursor;
  readonly limits?: ReadLimits;
  readonly signal?: AbortSignal;
}

const limitsByDefault: ReadLimits = { batchesMax: 1000, bytesMax: 8 * 1024 * 1024 };

/**
 * Which incidents the rules would have raised over what the journal holds, newest first. Leaves no trace: nothing is
 * stored, no notice is sent. Rejects with the signal's reason, and with what reading the journal throws.
 */
export async function backtest(options: BacktestOptions): Promise<readonly Incident[]> {
  const { journal, limits = limitsByDefault } = options;
  await using rules = await openRules({ rules: options.rules, file: ":memory:" });
  const incidents = new Map<string, Incident>();
  let cursor = options.from ?? journal.start();
  for (;;) {
    options.signal?.throwIfAborted();
    const slice = await journal.read(cursor, limits);
    for (const incident of await rules.consume(slice)) {
      incidents.set(incident.id, incident);
    }
    if (slice.next === cursor) {
      return [...incidents.values()].toSorted(compareIncidents);
    }
    cursor = slice.next;
  }
}
