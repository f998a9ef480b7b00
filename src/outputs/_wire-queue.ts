import type { WireEntry } from "./_wire-message.ts";
import type { WirePoint } from "./_wire-points.ts";
import type { WireSeries } from "./_wire-series.ts";

/** What goes into one request. */
export interface WireRequest {
  readonly entries: readonly WireEntry[];
  readonly samples: number;
  /** It may have arrived before: what of it is refused as old or as a duplicate, is there. */
  readonly isRepeated: boolean;
}

interface Queued extends WireRequest {
  /** How many more requests may be made of what was one; shared by its parts. */
  readonly splits: { left: number };
}

/** Resolves to why a request was refused whole, if it was. Rejects when it is to be sent again later. */
export type Deliver = (request: WireRequest) => Promise<string | undefined>;

export interface WireQueueOptions {
  /** How many requests are under way at once. */
  readonly shards: number;
  readonly samplesMax: number;
  /** What is refused whole is looked through for the samples at fault by so many further requests. */
  readonly splitsMax: number;
  /** These are refused, and left out. */
  readonly onRefused: (request: WireRequest, why: string) => void;
}

/**
 * Requests that wait to be sent. Each series has its place in one shard, and a shard sends one request after the other:
 * what was measured later never arrives first. What was delivered is not sent again when something else fails.
 */
export class WireQueue {
  readonly #options: WireQueueOptions;
  readonly #points = new Map<WireSeries, WirePoint[]>();
  #shards: Queued[][] = [];
  #samples = 0;

  constructor(options: WireQueueOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#samples === 0 && this.#shards.length === 0;
  }

  /** Enough for a request in each shard. */
  get isFull(): boolean {
    return this.#samples >= this.#options.shards * this.#options.samplesMax;
  }

  add(series: WireSeries, point: WirePoint): void {
    const points = this.#points.get(series);
    if (points === undefined) {
      this.#points.set(series, [point]);
    } else {
      points.push(point);
    }
    this.#samples++;
  }

  /** Sends everything. Rejects with the first failure once all that was under way has ended; the rest stays queued. */
  async drain(deliver: Deliver): Promise<void> {
    if (this.#shards.length > 0) {
      await this.#send(deliver);
    }
    if (this.#samples > 0) {
      this.#shards = this.#toShards();
      this.#points.clear();
      this.#samples = 0;
      await this.#send(deliver);
    }
  }

  async #send(deliver: Deliver): Promise<void> {
    const results = await Promise.allSettled(
      this.#shards.map((shard) => this.#sendShard(shard, deliver)),
    );
    this.#shards = this.#shards.filter((shard) => shard.length > 0);
    const failure = results.find((result) => result.status === "rejected");
    if (failure !== undefined) {
      throw failure.reason;
    }
  }

  /** Takes from the shard what was delivered. */
  async #sendShard(shard: Queued[], deliver: Deliver): Promise<void> {
    for (let request = shard[0]; request !== undefined; request = shard[0]) {
      try {
        const refusal = await deliver(request);
        const parts = refusal === undefined ? [] : toHalves(request);
        if (refusal !== undefined && parts.length === 0) {
          this.#options.onRefused(request, refusal);
        }
        shard.splice(0, 1, ...parts);
      } catch (error) {
        shard[0] = { ...request, isRepeated: true };
        throw error;
      }
    }
  }

  /** No more shards than there are requests to fill. */
  #toShards(): Queued[][] {
    const { shards, samplesMax, splitsMax } = this.#options;
    const used = Math.min(shards, Math.ceil(this.#samples / samplesMax));
    const spread = Array.from({ length: used }, (): WireEntry[] => []);
    for (const [series, points] of this.#points) {
      spread[series.hash % used]?.push({ series, points });
    }
    return spread
      .map((entries) =>
        cut(entries, samplesMax).map((part) => {
          const samples = countSamples(part);
          return { entries: part, samples, isRepeated: false, splits: { left: splitsMax } };
        }),
      )
      .filter((shard) => shard.length > 0);
  }
}

/** Into parts of at most so many samples; a series of more is cut by time. */
function cut(entries: readonly WireEntry[], samplesMax: number): WireEntry[][] {
  const parts: WireEntry[][] = [];
  let part: WireEntry[] = [];
  let room = samplesMax;
  for (const { series, points } of entries) {
    for (let start = 0; start < points.length;) {
      const some = points.slice(start, start + room);
      part.push({ series, points: some });
      start += some.length;
      room -= some.length;
      if (room === 0) {
        parts.push(part);
        part = [];
        room = samplesMax;
      }
    }
  }
  return part.length > 0 ? [...parts, part] : parts;
}

function countSamples(entries: readonly WireEntry[]): number {
  return entries.reduce((sum, { points }) => sum + points.length, 0);
}

/** By time while there are several, so that a series stays in order, then by series; none when that is enough. */
function toHalves(request: Queued): Queued[] {
  const { entries, splits } = request;
  if (request.samples === 1 || splits.left <= 0) {
    return [];
  }
  splits.left -= 2;
  const times = new Set(entries.flatMap(({ points }) => points.map(({ at }) => at)));
  const halves = times.size > 1 ? splitByTime(entries, times) : splitBySeries(entries);
  return halves.map((half) => ({ ...request, entries: half, samples: countSamples(half) }));
}

function splitByTime(
  entries: readonly WireEntry[],
  times: ReadonlySet<number>,
): readonly WireEntry[][] {
  const sorted = [...times].toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return [true, false].map((isFirst) =>
    entries
      .map(({ series, points }) => ({
        series,
        points: points.filter(({ at }) => at < middle === isFirst),
      }))
      .filter(({ points }) => points.length > 0),
  );
}

function splitBySeries(entries: readonly WireEntry[]): readonly WireEntry[][] {
  const middle = Math.floor(entries.length / 2);
  return [entries.slice(0, middle), entries.slice(middle)];
}
