// One look at a HAProxy: asked, counted, told.
import type { MetricDefinition, Observation, SourceContext } from "../core/component.ts";
import { count, gauge, type Event, type Sample } from "../core/sample.ts";
import { rowMetrics } from "./columns.ts";
import { countSince, type CountedPoll, type Dump } from "./count-since.ts";
import { mergeWorkers } from "./merge-workers.ts";
import { toPosition, toWorkerBases, type Position } from "./position.ts";
import { findProcessEvents } from "./process-events.ts";
import { processMetrics, toProcessSamples } from "./process-info.ts";
import { findStateChanges } from "./state.ts";
import { toSamples, type SampleOptions } from "./to-samples.ts";

export const haproxyMetrics: Readonly<Record<string, MetricDefinition>> = {
  haproxy_up: {
    kind: "gauge",
    help: "1 when it answered, 0 when nobody listens; absent when we cannot tell.",
  },
  haproxy_poll_duration_seconds: { kind: "gauge", help: "How long asking and reading took." },
  haproxy_refused_rows_total: { kind: "count", help: "Rows of statistics that made no sense." },
  haproxy_old_workers: {
    kind: "gauge",
    help: "Workers that reloads have left behind and that still answer; over the master socket.",
  },
  ...processMetrics,
  ...rowMetrics,
};

export interface Poll extends SampleOptions {
  /** What is asked, and for what: a position of another question is not gone on from. */
  readonly question: string;
  /** For people. */
  readonly address: string;
  readonly isMaster: boolean;
  /** Asks every worker, the current one first. */
  ask(before: Position | undefined): Promise<readonly Dump[]>;
}

/** Rejects when it cannot be known how HAProxy is doing. */
export async function pollHaproxy(poll: Poll, context: SourceContext): Promise<Observation> {
  const startedAt = context.now();
  const startedMs = context.monotonic();
  const before = toPosition(context.position, poll.question);
  const from = (): number => Math.min(before?.answeredAt ?? startedAt, startedAt);
  try {
    const dumps = await poll.ask(before);
    const to = Math.max(context.now(), from() + 1);
    const took = gauge("haproxy_poll_duration_seconds", (context.monotonic() - startedMs) / 1000);
    return toObservation(poll, { before, dumps, from: from(), to, took });
  } catch (error) {
    const refusal = findRefusal(error);
    if (refusal === undefined || context.signal.aborted) {
      throw error;
    }
    const to = Math.max(context.now(), startedAt + 1);
    return toDownObservation(poll, { before, from: startedAt, to, refusal });
  }
}

interface Answered {
  readonly before: Position | undefined;
  readonly dumps: readonly Dump[];
  readonly from: number;
  readonly to: number;
  readonly took: Sample;
}

function toObservation(poll: Poll, { before, dumps, from, to, took }: Answered): Observation {
  const counted = countSince(before, dumps, to);
  const refused = dumps.reduce((sum, { stats }) => sum + stats.refused, 0);
  const process = dumps[0]?.process;
  const samples: Sample[] = [
    gauge("haproxy_up", 1),
    took,
    count("haproxy_refused_rows_total", refused),
    ...(poll.isMaster ? [gauge("haproxy_old_workers", dumps.length - 1)] : []),
    ...(process === undefined ? [] : toProcessSamples(process)),
  ];
  for (const sample of toSamples(mergeWorkers(counted.dumps), poll)) {
    samples.push(sample);
  }
  const position: Position = {
    version: 1,
    question: poll.question,
    answeredAt: to,
    isUp: true,
    workers: counted.dumps.map((dump) => toWorkerBases(dump.stats, dump.process, dump.before)),
  };
  const isPartial =
    refused > 0 ||
    counted.hasLostWorker ||
    counted.dumps.some(({ hasReset, isStranger }) => hasReset || isStranger);
  const events = findEvents(before, counted, to);
  return { from, to, samples, events, partial: isPartial, position };
}

function findEvents(before: Position | undefined, counted: CountedPoll, at: number): Event[] {
  const [current] = counted.dumps;
  const known = before?.workers[0];
  const events = findProcessEvents(before, counted, at);
  if (known === undefined || current === undefined || current.isStranger) {
    return events;
  }
  let places: Map<string, number> | undefined;
  const statusOf = (key: string, guess: number): string | undefined => {
    if (known.keys[guess] === key) {
      return known.statuses[guess];
    }
    places ??= new Map(known.keys.map((one, place) => [one, place]));
    return known.statuses[places.get(key) ?? -1];
  };
  return [...events, ...findStateChanges(current.stats, statusOf, at)];
}

interface Refused {
  readonly before: Position | undefined;
  readonly from: number;
  readonly to: number;
  readonly refusal: string;
}

/** Nobody listens: that is known. The counters go on from the last answer when it is back. */
function toDownObservation(poll: Poll, { before, from, to, refusal }: Refused): Observation {
  const text = `HAProxy at ${poll.address} is down: nobody listens there (${refusal}).`;
  const isNews = before?.isUp ?? true;
  const events: Event[] = isNews ? [{ at: to, name: "haproxy_down", labels: {}, text }] : [];
  const samples = [gauge("haproxy_up", 0)];
  const nothing: Position = {
    version: 1,
    question: poll.question,
    answeredAt: to,
    isUp: false,
    workers: [],
  };
  const position: Position = before === undefined ? nothing : { ...before, isUp: false };
  return { from, to, samples, events, partial: true, position };
}

const refusals = new Set(["ECONNREFUSED", "ENOENT"]);

/** The code, when nobody listens at the address; `fetch` wraps it as a cause, several addresses as a list. */
function findRefusal(error: unknown): string | undefined {
  if (!(error instanceof Error)) {
    return undefined;
  }
  if ("code" in error && typeof error.code === "string" && refusals.has(error.code)) {
    return error.code;
  }
  const parts: readonly unknown[] = error instanceof AggregateError ? error.errors : [error.cause];
  return parts.map(findRefusal).find((code) => code !== undefined);
}
