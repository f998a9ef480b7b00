import type { OutputConfig, SourceConfig } from "../config/config.ts";
import { type Batch, isTick } from "../core/batch.ts";
import type { OpenOutput } from "../core/component.ts";
import type { Cursor, Journal } from "../journal/journal.ts";
import { type CursorKeeper, createCursorKeeper } from "./cursor-keeper.ts";
import type { Environment } from "./environment.ts";
import { createMetricFilter, isEmptied } from "./metric-filter.ts";
import { createOneAtATime } from "./one-at-a-time.ts";
import type { Reader } from "./run-reader.ts";

export interface OutputReaderOptions {
  readonly config: OutputConfig;
  /** By id: a source that lists its outputs is sent to these alone. */
  readonly sources: () => ReadonlyMap<string, SourceConfig>;
  readonly output: OpenOutput;
  /** Ticks that hold nothing are given to it, too. */
  readonly wantsTicks?: boolean;
  readonly journal: Journal;
  readonly environment: Environment;
  readonly cursor: Cursor | undefined;
  /** See CursorKeeperOptions. */
  readonly isCurrent: () => boolean;
}

export interface OutputReader extends Reader {
  /** Commits what has been held back. Rejects when the journal cannot be written. */
  flush(): Promise<void>;
}

/** One request to a destination takes no longer; a receiver that accepts and never answers is a failure. */
const writeDeadlineMs = 30_000;

/** An output as a reader: selects what it takes, writes it, and commits its cursor with its state in the journal. */
export function createOutputReader(options: OutputReaderOptions): OutputReader {
  const { config, sources, output, journal, environment, isCurrent, wantsTicks = false } = options;
  const { clock } = environment;
  const filter = createMetricFilter(config);
  const remembers = output.state !== undefined;
  const state = remembers ? () => output.state?.() : undefined;
  const name = toReaderName(config.id);
  const keeper = createCursorKeeper({ journal, environment, name, state, isCurrent });
  const progress = createProgressKeeper(options);
  const writes = createOneAtATime({ clock, deadlineMs: writeDeadlineMs, name: "write" });

  /** An output that remembers has to hear of a window of which nothing is left: that a gauge is gone is news to it. */
  function select(batch: Batch): Batch | undefined {
    const isWanted = sources().get(batch.source)?.outputs?.includes(config.id) ?? true;
    const isBareTick = isTick(batch) && batch.samples.length === 0 && batch.events.length === 0;
    if (!isWanted || (isBareTick && !wantsTicks)) {
      return undefined;
    }
    const selected = filter(batch);
    return isEmptied(selected, batch) && !remembers ? undefined : selected;
  }

  return {
    cursor: options.cursor,
    batchesMax: output.batchesMax,
    flush: () => keeper.flush(),
    async consume({ entries, next }, signal) {
      await progress?.settle();
      await keeper.settle();
      const batches = entries
        .map(({ batch }) => select(batch))
        .filter((batch) => batch !== undefined);
      if (batches.length > 0) {
        await writes.run((until) => output.write(batches, until), signal);
      }
      await progress?.advance(next, batches.length > 0);
      await keeper.advance(next, batches.length > 0);
    },
  };
}

function createProgressKeeper(options: OutputReaderOptions): CursorKeeper | undefined {
  const { config, output, journal, environment, isCurrent } = options;
  if (output.progress === undefined) {
    return undefined;
  }
  const name = toProgressName(config.id);
  const state = (): Uint8Array | undefined => output.progress?.();
  return createCursorKeeper({ journal, environment, name, state, isCurrent, isEager: true });
}

/** The names of outputs' cursors in the journal begin with this. */
export const outputReaderPrefix = "output:";

/** The name under which an output's cursor is kept in the journal. */
export function toReaderName(outputId: string): string {
  return `${outputReaderPrefix}${outputId}`;
}

/** Where an output's progress is kept; no id holds the character in between. */
export function toProgressName(outputId: string): string {
  return `${toReaderName(outputId)}/progress`;
}
