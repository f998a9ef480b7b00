import { monitorEventLoopDelay } from "node:perf_hooks";
import type { SourceConfig } from "../config/config.ts";
import { ownSource } from "../core/batch.ts";
import type { ContinuousSource, MetricDefinition } from "../core/component.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import type { Journal } from "../journal/journal.ts";
import type { ReaderStatus, SourceStatus } from "./target-status.ts";

/** What the engine measures of itself, under the source `watchpost`. */
export const ownMetrics = {
  watchpost_source_up: {
    kind: "gauge",
    help: "1 while the source does its work, 0 while it cannot.",
    labels: ["target"],
  },
  watchpost_source_duration_seconds: {
    kind: "gauge",
    help: "How long the last look took, for sources that look once per interval.",
    labels: ["target"],
  },
  watchpost_source_skipped_total: {
    kind: "count",
    help: "Looks left out because the one before was still running.",
    labels: ["target"],
  },
  watchpost_append_failures_total: {
    kind: "count",
    help: "Attempts to write to the journal that failed.",
    labels: ["target"],
  },
  watchpost_reader_lag_batches: {
    kind: "gauge",
    help: "Batches in the journal that the reader has not read.",
    labels: ["reader"],
  },
  watchpost_reader_lag_seconds: {
    kind: "gauge",
    help: "Age of the oldest batch that the reader has not read.",
    labels: ["reader"],
  },
  watchpost_reader_errors_total: {
    kind: "count",
    help: "Attempts of the reader that failed.",
    labels: ["reader"],
  },
  watchpost_reader_missed_batches_total: {
    kind: "count",
    help: "Batches that were deleted or damaged before the reader saw them.",
    labels: ["reader"],
  },
  watchpost_reader_dropped_batches_total: {
    kind: "count",
    help: "Batches that the reader's destination will never take.",
    labels: ["reader"],
  },
  watchpost_reader_refused_samples_total: {
    kind: "count",
    help: "Samples for which the reader's destination has no place, while it took what was sent with them.",
    labels: ["reader"],
  },
  watchpost_journal_bytes: { kind: "gauge", help: "Encoded batches in the journal." },
  watchpost_event_loop_delay_seconds: {
    kind: "gauge",
    help: "99th percentile of the event loop's delay since the last report.",
  },
  watchpost_resident_memory_bytes: { kind: "gauge", help: "Resident set size of the process." },
  watchpost_cpu_seconds_total: { kind: "count", help: "User and system time of the process." },
} as const satisfies Readonly<Record<string, MetricDefinition>>;

export interface OwnSourceOptions {
  readonly journal: Journal;
  /** All of them, the own source among them. */
  readonly sources: () => Iterable<SourceStatus>;
  readonly readers: () => Iterable<ReaderStatus>;
}

const tickMs = 1_000;
/** Every so many ticks the batch also carries the self-metrics. */
const ticksPerReport = 10;

export const ownSourceConfig: SourceConfig = {
  id: ownSource,
  kind: ownSource,
  service: "",
  everyMs: tickMs,
  outputs: undefined,
  options: {},
};

/**
 * Yields the tick: a window that ends at the full second, each second, so that readers learn from the journal what
 * time it is. A second in which nothing could be written is covered by the next window, which reaches back.
 */
export function createOwnSource(options: OwnSourceOptions): Pick<ContinuousSource, "follow"> {
  // Outlives a restart of `follow`: what was reported is not reported again.
  const deltas = createDeltas();
  return {
    async *follow(_options, { now, sleep }) {
      using delay = watchEventLoop();
      let from = toFullSecond(now());
      for (let tick = 1; ; tick++) {
        let to = from;
        // A timer may fire a moment early, by the wall clock.
        while (to === from) {
          await sleep(tickMs - (now() % tickMs));
          to = toFullSecond(now());
        }
        const samples = tick % ticksPerReport === 0 ? await report(options, deltas, delay) : [];
        // When the clock was set back, time goes on from there.
        yield { from: to > from ? from : to - tickMs, to, samples };
        from = to;
      }
    },
  };
}

function toFullSecond(ms: number): number {
  return Math.floor(ms / tickMs) * tickMs;
}

async function report(
  { journal, sources, readers }: OwnSourceOptions,
  deltas: Deltas,
  delay: EventLoopWatch,
): Promise<Sample[]> {
  deltas.begin();
  const cpu = process.cpuUsage();
  const samples: Sample[] = [
    gauge("watchpost_event_loop_delay_seconds", delay.takeSeconds()),
    gauge("watchpost_resident_memory_bytes", process.memoryUsage.rss()),
    count("watchpost_cpu_seconds_total", deltas.since("cpu", (cpu.user + cpu.system) / 1e6)),
  ];
  for (const source of sources()) {
    samples.push(...toSourceSamples(source, deltas));
  }
  for (const reader of readers()) {
    samples.push(...toReaderSamples(reader, deltas), ...toLagSamples(reader, journal));
  }
  try {
    const { sizeBytes } = await journal.status();
    samples.push(gauge("watchpost_journal_bytes", sizeBytes));
  } catch {
    // A journal that cannot be read has no size to report; whoever reads or writes it says why.
  }
  return samples;
}

interface EventLoopWatch extends Disposable {
  /** The 99th percentile since the last call. */
  takeSeconds(): number;
}

const watchEveryMs = 10;

function watchEventLoop(): EventLoopWatch {
  const delay = monitorEventLoopDelay({ resolution: watchEveryMs });
  delay.enable();
  return {
    takeSeconds() {
      // What is recorded is the time between two timers, which includes their interval.
      const lateMs = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - watchEveryMs;
      delay.reset();
      return Math.max(0, lateMs) / 1e3;
    },
    [Symbol.dispose]: () => delay.disable(),
  };
}

/** Turns running totals into what was added since the last report. A total that fell started anew. */
interface Deltas {
  /** To be called before each report: what the one before did not ask for is forgotten, and began anew if it returns. */
  begin(): void;
  since(key: string, total: number): number;
}

function createDeltas(): Deltas {
  let last = new Map<string, number>();
  let current = new Map<string, number>();
  return {
    begin() {
      last = current;
      current = new Map();
    },
    since(key, total) {
      const before = last.get(key) ?? 0;
      current.set(key, total);
      return total >= before ? total - before : total;
    },
  };
}

function toSourceSamples(status: SourceStatus, deltas: Deltas): Sample[] {
  const { id, state, durationMs, skipped, appendFailures } = status;
  const labels = { target: id };
  const samples: Sample[] = [
    count("watchpost_source_skipped_total", deltas.since(`source ${id} skipped`, skipped), labels),
    count(
      "watchpost_append_failures_total",
      deltas.since(`source ${id} append`, appendFailures),
      labels,
    ),
  ];
  if (state !== "starting") {
    samples.push(gauge("watchpost_source_up", state === "ok" ? 1 : 0, labels));
  }
  if (durationMs !== undefined) {
    samples.push(gauge("watchpost_source_duration_seconds", durationMs / 1000, labels));
  }
  return samples;
}

function toReaderSamples(status: ReaderStatus, deltas: Deltas): Sample[] {
  const { name, errors, missedBatches, droppedBatches, refusedSamples } = status;
  const added = (what: string, total: number): Sample => {
    const value = deltas.since(`reader ${name} ${what}`, total);
    return count(`watchpost_reader_${what}_total`, value, { reader: name });
  };
  return [
    added("errors", errors),
    added("missed_batches", missedBatches),
    added("dropped_batches", droppedBatches),
    added("refused_samples", refusedSamples),
  ];
}

/** None while the journal cannot be read. */
function toLagSamples({ name, cursor }: ReaderStatus, journal: Journal): Sample[] {
  if (cursor === undefined) {
    return [];
  }
  try {
    const { batches, ms } = journal.lag(cursor);
    const labels = { reader: name };
    return [
      gauge("watchpost_reader_lag_batches", batches, labels),
      gauge("watchpost_reader_lag_seconds", ms / 1000, labels),
    ];
  } catch {
    return []; // As with the journal's size.
  }
}
