// Small sources, batches and configurations for the engine's tests.
import type { OutputConfig, SourceConfig } from "../src/config/config.ts";
import type { Batch } from "../src/core/batch.ts";
import { type Sample, gauge } from "../src/core/sample.ts";
import type { SourceRun, SourceWork } from "../src/engine/source-run.ts";
import { createSourceProblems } from "../src/engine/source-problems.ts";
import { createSourceStatus } from "../src/engine/target-status.ts";
import type { Journal } from "../src/journal/journal.ts";
import type { FakeEnvironment, FaultyJournal } from "./fake-environment.ts";

export function toSourceConfig(changes: Partial<SourceConfig> = {}): SourceConfig {
  return {
    id: "shop",
    kind: "test",
    service: "web",
    everyMs: 10_000,
    outputs: undefined,
    options: {},
    ...changes,
  };
}

export function toOutputConfig(changes: Partial<OutputConfig> = {}): OutputConfig {
  return { id: "out", kind: "test", only: [], except: [], labels: {}, options: {}, ...changes };
}

export function toSourceRun(
  source: SourceWork,
  node: FakeEnvironment & { readonly journal: FaultyJournal },
  changes: Partial<SourceConfig> = {},
): SourceRun {
  const { environment, journal } = node;
  const config = toSourceConfig(changes);
  const status = createSourceStatus(config, environment.clock.now());
  const problems = createSourceProblems(environment, status);
  return { source, config, journal, environment, status, problems };
}

export function toBatch(
  source: string,
  seq: number,
  samples: readonly Sample[] = [gauge("g", seq)],
): Batch {
  const marks = { more: false, partial: false, backfill: false };
  return { source, service: "", seq, from: 0, to: 1000, samples, tops: [], events: [], ...marks };
}

/** One batch after the other, each with what `toSamples` gives it. */
export async function appendBatches(
  journal: Journal,
  source: string,
  times: number,
  toSamples?: (seq: number) => readonly Sample[],
): Promise<void> {
  const claim = await journal.claim(source);
  for (let seq = claim.seq + 1; seq <= claim.seq + times; seq++) {
    const batches = [toBatch(source, seq, toSamples?.(seq))];
    await journal.append({ claim, batches, position: undefined });
  }
}

/** Everything that is retained, oldest first. */
export async function readBatches(journal: Journal, source?: string): Promise<readonly Batch[]> {
  const { entries } = await journal.read(journal.start(), { batchesMax: 1e6, bytesMax: 1e9 });
  const batches = entries.map(({ batch }) => batch);
  return batches.filter((batch) => source === undefined || batch.source === source);
}
