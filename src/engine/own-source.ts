import { monitorEventLoopDelay } from "node:perf_hooks";
import { ownSource } from "../core/batch.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import type { MetricDefinition } from "../core/component.ts";
import type { Journal } from "../journal/journal.ts";
import type { Environment } from "./environment.ts";
import { createSourceWriter } from "./source-writer.ts";
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
  readonly environment: Environment;
  readonly sources: () => Iterable<SourceStatus>;
  readonly readers: () => Iterable<ReaderStatus>;
}

const tickMs = 1_000;
/** Every so many ticks the batch also carries the self-metrics. */
const ticksPerReport = 10;

/**
 * Appends the tick: a batch of the source `watchpost` at every full second, so that readers learn from the journal
 * what time it is. Runs until the signal aborts. A second in which nothing could be written is covered by the next
 * batch, whose window reaches back.
 */
export async function runOwnSource(options: OwnSourceOptions, signal: AbortSignal): Promise<void> {
  const { journal, environment } = options;
  const { clock } = environment;
  const claim = await journal.claim(ownSource);
  let failures = 0;
  const writer = createSourceWriter({
    journal,
    claim,
    service: "",
    environment,
    onProblem: (problem) => {
      failures += problem === undefined ? 0 : 1;
    },
  });
  using reporter = createReporter(options, () => failures);
  let from = Math.floor(clock.now() / tickMs) * tickMs;
  for (let tick = 1; ; tick++) {
    await clock.sleep(tickMs - (clock.now() % tickMs), signal);
    const to = Math.floor(clock.now() / tickMs) * tickMs;
    const samples = tick % ticksPerReport === 0 ? await reporter.report() : [];
    await writer.append({ from: Math.min(from, to), to, samples }, signal);
    from = to;
  }
}

interface Reporter extends Disposable {
  report(): Promise<Sample[]>;
}

function createReporter(
  { journal, sources, readers }: OwnSourceOptions,
  failures: () => number,
): Reporter {
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const since = createDeltas();
  return {
    async report() {
      const { sizeBytes } = await journal.status();
      const cpu = process.cpuUsage();
      const samples: Sample[] = [
        gauge("watchpost_journal_bytes", sizeBytes),
        gauge(
          "watchpost_event_loop_delay_seconds",
          delay.count === 0 ? 0 : delay.percentile(99) / 1e9,
        ),
        gauge("watchpost_resident_memory_bytes", process.memoryUsage.rss()),
        count("watchpost_cpu_seconds_total", since("cpu", (cpu.user + cpu.system) / 1e6)),
        count("watchpost_append_failures_total", since("append", failures()), {
          target: ownSource,
        }),
      ];
      delay.reset();
      for (const source of sources()) {
        samples.push(...toSourceSamples(source, since));
      }
      for (const reader of readers()) {
        samples.push(...toReaderSamples(reader, since));
      }
      return samples;
    },
    [Symbol.dispose]: () => delay.disable(),
  };
}

/** Turns running totals into what was added since the last report. A total that fell started anew. */
function createDeltas(): (key: string, total: number) => number {
  const last = new Map<string, number>();
  return (key, total) => {
    const before = last.get(key) ?? 0;
    last.set(key, total);
    return total >= before ? total - before : total;
  };
}

type Deltas = ReturnType<typeof createDeltas>;

function toSourceSamples(status: SourceStatus, since: Deltas): Sample[] {
  const { id, state, durationMs, skipped, appendFailures } = status;
  const labels = { target: id };
  const samples: Sample[] = [
    count("watchpost_source_skipped_total", since(`${id}/skipped`, skipped), labels),
    count("watchpost_append_failures_total", since(`${id}/append`, appendFailures), labels),
  ];
  if (state !== "starting") {
    samples.push(gauge("watchpost_source_up", state === "ok" ? 1 : 0, labels));
  }
  if (durationMs !== undefined) {
    samples.push(gauge("watchpost_source_duration_seconds", durationMs / 1000, labels));
  }
  return samples;
}

function toReaderSamples(status: ReaderStatus, since: Deltas): Sample[] {
  const { name, lagBatches, lagMs, errors, missedBatches, droppedBatches } = status;
  const labels = { reader: name };
  return [
    gauge("watchpost_reader_lag_batches", lagBatches, labels),
    gauge("watchpost_reader_lag_seconds", lagMs / 1000, labels),
    count("watchpost_reader_errors_total", since(`${name}/errors`, errors), labels),
    count("watchpost_reader_missed_batches_total", since(`${name}/missed`, missedBatches), labels),
    count(
      "watchpost_reader_dropped_batches_total",
      since(`${name}/dropped`, droppedBatches),
      labels,
    ),
  ];
}
