// Adds up what the journal holds, from its file, while the node runs or is dead.
import { existsSync } from "node:fs";
import type { Batch } from "../../../src/core/batch.ts";
import type { Sample } from "../../../src/core/sample.ts";
import { UserError } from "../../../src/core/errors.ts";
import { type Cursor, type Journal, JournalUnavailable } from "../../../src/journal/journal.ts";
import { openSqliteJournal } from "../../../src/journal/sqlite.ts";
import { everyMs, toCell } from "./numbered-line.ts";
import type { Counted, Tally } from "./tally.ts";

const limits = { batchesMax: 1000, bytesMax: 16 * 1024 * 1024 };

export class JournalReader {
  readonly #file: string;
  readonly #tallies: ReadonlyMap<string, Tally>;
  readonly #lastBatches = new Map<string, Batch>();
  readonly #problems: string[] = [];
  #cursor: Cursor | undefined;

  constructor(file: string, tallies: ReadonlyMap<string, Tally>) {
    this.#file = file;
    this.#tallies = tallies;
  }

  /** What is wrong with the batches themselves: holes, windows that overlap or are not aligned. */
  get problems(): readonly string[] {
    return this.#problems;
  }

  /** The sources that have appended something. */
  get seen(): ReadonlySet<string> {
    return new Set(this.#lastBatches.keys());
  }

  /** Adds what was appended since the last call. A journal that cannot be opened just now is read the next time. */
  async read(): Promise<void> {
    if (!existsSync(this.#file)) {
      return;
    }
    try {
      await using journal = openSqliteJournal({ file: this.#file, now: Date.now, readOnly: true });
      while (await this.#readSlice(journal)) {
        // There may be more.
      }
    } catch (error) {
      const isEmptyYet = error instanceof UserError && error.code === "JOURNAL_UNAVAILABLE";
      if (!isEmptyYet && !(error instanceof JournalUnavailable)) {
        throw error;
      }
    }
  }

  async #readSlice(journal: Journal): Promise<boolean> {
    const { entries, gaps, next } = await journal.read(this.#cursor ?? journal.start(), limits);
    this.#cursor = next;
    this.#problems.push(...gaps.map(({ reason }) => `the journal has a gap: ${reason}`));
    for (const { batch } of entries) {
      const tally = this.#tallies.get(batch.source);
      if (tally !== undefined) {
        this.#checkOrder(batch);
        this.#lastBatches.set(batch.source, batch);
        addBatch(tally, batch);
      }
    }
    return entries.length > 0;
  }

  #checkOrder({ source, seq, from, to }: Batch): void {
    const last = this.#lastBatches.get(source);
    const name = `batch ${seq} of ${source}`;
    if (seq !== (last?.seq ?? 0) + 1) {
      this.#problems.push(`${name} follows batch ${last?.seq}`);
    }
    if (from % everyMs !== 0 || to % everyMs !== 0) {
      this.#problems.push(`${name} is not aligned: ${from} to ${to}`);
    }
    if (last !== undefined && from !== last.to && !(last.more && from === last.from)) {
      this.#problems.push(`${name} begins at ${from}, the one before it ends at ${last.to}`);
    }
  }
}

function addBatch({ difference, counted }: Tally, { samples }: Batch): void {
  for (const sample of samples) {
    if (sample.kind !== "count" || sample.value === 0) {
      continue;
    }
    const cell = sample.name.startsWith("log_metric_") ? toCell(sample.labels) : undefined;
    if (cell !== undefined) {
      difference.addSum(cell.table, { ...cell, value: -sample.value });
    }
    const amount = toAmount(sample);
    if (amount !== undefined) {
      counted[amount] += sample.value;
    }
  }
}

const amounts: Readonly<Record<string, keyof Counted>> = {
  watchpost_log_lost_bytes_total: "lostBytes",
  watchpost_log_rotations_total: "rotations",
  watchpost_log_truncations_total: "truncations",
  watchpost_late_lines_total: "late",
};

const outcomes: Readonly<Record<string, keyof Counted>> = {
  parsed: "parsed",
  ungrouped: "parsed",
  unparsed: "unparsed",
  too_long: "tooLong",
};

function toAmount({ name, labels }: Sample): keyof Counted | undefined {
  return name === "log_lines_total" ? outcomes[labels["outcome"] ?? ""] : amounts[name];
}
