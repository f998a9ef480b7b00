import type { Batch } from "../core/batch.ts";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import type { OutputContext } from "../core/component.ts";
import { Ledger } from "./_ledger.ts";
import { toLogRecords } from "./_otlp-logs.ts";
import {
  type OtlpPoint,
  type Temporality,
  toAttributes,
  toCumulativePoints,
  toDeltaPoints,
  toMetrics,
} from "./_otlp-metrics.ts";
import type { Message } from "./_otlp-encoding.ts";
import { OtlpQueue, type OtlpQueueOptions, itemsMax } from "./_otlp-queue.ts";
import { Positions } from "./_positions.ts";

export interface OtlpWriterOptions extends OtlpQueueOptions {
  readonly temporality: Temporality;
  readonly logs: boolean;
  readonly attributes: Readonly<Record<string, string>>;
  readonly seriesMax: number;
  readonly silentIntervals: number;
}

const scope = { name: "watchpost" };

/** Batches to OTLP requests: totals when they are asked for, and what is still to be sent. */
export class OtlpWriter {
  readonly #options: OtlpWriterOptions;
  readonly #context: OutputContext;
  readonly #queue: OtlpQueue;
  /** Undefined with delta temporality, which needs no totals. */
  readonly #ledger: Ledger<object> | undefined;
  /** Up to here batches were taken in. */
  readonly #seen = new Positions();
  /** Up to here everything was sent; after a crash, the totals may be behind it. */
  readonly #sent: Positions;
  #problem: string | undefined;

  /** Throws Corrupt for a state or progress that was not written here. */
  constructor(options: OtlpWriterOptions, context: OutputContext) {
    this.#options = options;
    this.#context = context;
    const { state, progress } = context;
    this.#sent = progress ? Positions.fromBytes(progress) : new Positions();
    this.#queue = new OtlpQueue(options, context, (items, why) => this.#noteRefused(items, why));
    if (options.temporality === "cumulative") {
      const ledgerOptions = { ...options, toAs: () => noState, onGone: () => {} };
      this.#ledger =
        state === undefined
          ? new Ledger(ledgerOptions)
          : Ledger.read(new ByteReader(state), ledgerOptions);
    }
  }

  /** Rejects when the receiver is to be asked again later; what it has taken by then is not sent again. */
  async write(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    this.#problem = undefined;
    await this.#queue.drain(signal);
    for (const batch of batches) {
      this.#take(batch);
      if (this.#queue.isFull) {
        await this.#queue.drain(signal);
      }
    }
    await this.#queue.drain(signal);
    batches.forEach(({ source, seq }) => this.#sent.advance(source, seq));
    this.#context.report(this.#problem);
  }

  get isWhole(): boolean {
    return this.#queue.isEmpty;
  }

  /** To be asked for while `isWhole`, with cumulative temporality. */
  toState(): Uint8Array {
    const out = new ByteWriter(4096);
    this.#ledger?.write(out);
    return out.finish();
  }

  toProgress(): Uint8Array {
    return this.#sent.toBytes();
  }

  #take(batch: Batch): void {
    if (this.#seen.covers(batch)) {
      return;
    }
    this.#seen.advance(batch.source, batch.seq);
    const isSent = this.#sent.covers(batch);
    if (this.#ledger === undefined) {
      const points = [...toDeltaPoints(batch)];
      this.#add(batch, isSent ? [] : points);
      this.#noteRoom(batch.samples.length - points.length);
    } else {
      const before = this.#ledger.refused;
      for (const look of this.#ledger.add(batch)) {
        this.#add(look, isSent ? [] : [...toCumulativePoints(look)]);
      }
      this.#noteRoom(this.#ledger.refused - before);
    }
    if (this.#options.logs && !isSent && batch.events.length > 0) {
      const logRecords = toLogRecords(batch);
      this.#queue.add(
        "logs",
        { resource: this.#toResource(batch), scopeLogs: [{ scope, logRecords }] },
        logRecords.length,
      );
    }
  }

  #add(of: Pick<Batch, "source" | "service">, points: readonly OtlpPoint[]): void {
    const { temporality } = this.#options;
    for (let start = 0; start < points.length; start += itemsMax) {
      const some = points.slice(start, start + itemsMax);
      const metrics = toMetrics(some, temporality, this.#context.describe);
      const resource = this.#toResource(of);
      this.#queue.add("metrics", { resource, scopeMetrics: [{ scope, metrics }] }, some.length);
    }
  }

  /** opentelemetry.io/docs/specs/semconv/resource/#service */
  #toResource({ source, service }: Pick<Batch, "source" | "service">): Message {
    const own = {
      "service.name": service === "" ? source : service,
      "service.instance.id": source,
    };
    return { attributes: toAttributes({ ...own, ...this.#options.attributes }) };
  }

  #noteRefused(items: number, why: string): void {
    this.#context.countRefused(items);
    this.#problem = items > 0 ? `${why}; what is refused is left out, and counted` : why;
  }

  #noteRoom(samples: number): void {
    if (samples > 0) {
      this.#context.countRefused(samples);
      this.#problem ??=
        "some samples are left out: there are more series than seriesMax, or a count is no number";
    }
  }
}

/** Nothing is kept of a series but what the ledger has. */
const noState = {};
