import type { Batch } from "../core/batch.ts";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import type { OutputContext } from "../core/component.ts";
import { Corrupt } from "../core/errors.ts";
import { Ledger, type LedgerOptions } from "./_ledger.ts";
import { Positions } from "./_positions.ts";
import { type WirePoint, toPoints } from "./_wire-points.ts";
import { type WireRequest, WireQueue } from "./_wire-queue.ts";
import { WireSender, type WireSenderOptions } from "./_wire-sender.ts";
import { type HistogramForm, WireNames, type WirePlace, type WireSeries } from "./_wire-series.ts";

export interface WireWriterOptions extends WireSenderOptions {
  readonly histograms: HistogramForm;
  readonly shards: number;
  readonly samplesMax: number;
  readonly seriesMax: number;
  readonly silentIntervals: number;
}

/** Finds one or two samples at fault among thousands. */
const splitsMax = 64;

/** Batches to remote-write requests: totals, what became of them, and what is still to be sent. */
export class WireWriter {
  readonly #context: OutputContext;
  readonly #names: WireNames;
  readonly #ledger: Ledger<WirePlace>;
  readonly #sender: WireSender;
  readonly #queue: WireQueue;
  /** Up to here everything was sent, by source; the ledger may be ahead of it, and, after a crash, behind. */
  readonly #sent: Positions;
  #problem: string | undefined;
  /** What was under way at a crash may arrive twice. */
  #isResumed: boolean;

  /** Throws Corrupt for a state or progress that was not written here. */
  constructor(options: WireWriterOptions, context: OutputContext) {
    this.#context = context;
    this.#sent = context.progress ? Positions.fromBytes(context.progress) : new Positions();
    this.#isResumed = context.progress !== undefined;
    this.#sender = new WireSender(options, context);
    const onRefused = (request: WireRequest, why: string): void => this.#dropRefused(request, why);
    this.#queue = new WireQueue({ ...options, splitsMax, onRefused });
    const input = readHead(context.state);
    const { histograms } = options;
    const names = input ? WireNames.read(input, histograms) : new WireNames(histograms);
    this.#names = names;
    const ledgerOptions: LedgerOptions<WirePlace> = {
      ...options,
      toAs: (series) => names.place(series),
      onGone: (place) => names.release(place),
    };
    this.#ledger = input ? Ledger.read(input, ledgerOptions) : new Ledger(ledgerOptions);
  }

  /** Rejects when the receiver is to be asked again later; what it has taken by then is not sent again. */
  async write(batches: readonly Batch[], signal: AbortSignal): Promise<void> {
    this.#problem = undefined;
    const left = this.#ledger.refused;
    await this.#drain(signal);
    const take = (series: WireSeries, point: WirePoint): void => this.#queue.add(series, point);
    for (const batch of batches) {
      const isSent = this.#sent.covers(batch);
      for (const look of this.#ledger.add(batch)) {
        if (!isSent) {
          toPoints(look, take);
        }
      }
      if (this.#queue.isFull) {
        await this.#drain(signal);
      }
    }
    await this.#drain(signal);
    this.#isResumed = false;
    this.#noteHomeless(this.#ledger.refused - left);
    this.#context.report(this.#problem);
  }

  get isWhole(): boolean {
    return this.#queue.isEmpty;
  }

  /** To be asked for while `isWhole`. */
  toState(): Uint8Array {
    const out = new ByteWriter(4096);
    out.byte(formatVersion);
    this.#names.write(out);
    this.#ledger.write(out);
    return out.finish();
  }

  toProgress(): Uint8Array {
    return this.#sent.toBytes();
  }

  async #drain(signal: AbortSignal): Promise<void> {
    await this.#queue.drain(async (request) => {
      signal.throwIfAborted();
      const outcome = await this.#sender.send(request, signal);
      if (outcome.taken === "some") {
        this.#noteRefused(outcome.refused, outcome.problem);
      }
      return outcome.taken === "nothing" ? outcome.problem : undefined;
    });
    for (const [source, seq] of this.#ledger.positions()) {
      this.#sent.advance(source, seq);
    }
  }

  #dropRefused({ samples, isRepeated }: WireRequest, why: string): void {
    // What is there already was taken when its answer was lost.
    if (!((isRepeated || this.#isResumed) && alreadyThere.test(why))) {
      this.#noteRefused(samples, why);
    }
  }

  #noteRefused(samples: number, why: string): void {
    this.#context.countRefused(samples);
    this.#problem = `${why}; what is refused is left out, and counted`;
  }

  #noteHomeless(samples: number): void {
    if (samples > 0) {
      this.#context.countRefused(samples);
      this.#problem ??=
        "some samples are left out: there are more series than seriesMax, others have their name and " +
        "labels, or a count is no number";
    }
  }
}

/** As Prometheus words it. */
const alreadyThere = /out of order|duplicate sample|too old/i;

const formatVersion = 1;

function readHead(state: Uint8Array | undefined): ByteReader | undefined {
  if (state === undefined) {
    return undefined;
  }
  const input = new ByteReader(state);
  const version = input.byte();
  if (version !== formatVersion) {
    throw new Corrupt(`state of format ${version}; this program reads format ${formatVersion}`);
  }
  return input;
}
