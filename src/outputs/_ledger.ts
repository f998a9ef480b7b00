// What has been measured so far, series by series, for outputs that send running totals: each window of a source becomes
// a look at all of its series, as a scrape would be, at the window's end. Late windows count, but are no look of
// their own: what was sent is never older than what is sent next.
import { type Batch, isTick } from "../core/batch.ts";
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";
import type { Labels } from "../core/sample.ts";
import { type LedgerRow, RowTable } from "./_ledger-rows.ts";
import { SourceAges } from "./_source-ages.ts";

/** What a series is called. */
export interface SeriesName {
  readonly source: string;
  readonly service: string;
  readonly name: string;
  readonly labels: Labels;
  readonly kind: LedgerRow<unknown>["kind"];
}

/** All series of a source as they stand at an instant. */
export interface Look<As> {
  readonly source: string;
  readonly service: string;
  /** The window [from, at), in milliseconds since the epoch; what began with it has its `from` as `startedAt`. */
  readonly from: number;
  readonly at: number;
  readonly rows: Iterable<LedgerRow<As>>;
  /** Series that were there at the last look, and are not any more. */
  readonly gone: readonly LedgerRow<As>[];
}

export interface LedgerOptions<As> {
  /** Series beyond this number are left out. */
  readonly seriesMax: number;
  /** A source that has delivered nothing for so many of its intervals, and for a minute, is silent. */
  readonly silentIntervals: number;
  /** What the output keeps of a series. Undefined: it has no place there, since another one is called the same. */
  readonly toAs: (series: SeriesName) => As | undefined;
  /** The series is forgotten. */
  readonly onGone: (as: As) => void;
}

interface LedgerSource<As> {
  service: string;
  /** Sequence number of the last batch that was added. */
  seq: number;
  /** Of the batch with which the window began that is being added; it may span several. */
  windowSeq: number;
  /** The end of the last window that was looked at. */
  lookedAt: number;
  /** Nothing has come for long, and everything of it is gone; its totals wait for it to come back. */
  isSilent: boolean;
  readonly rows: RowTable<As>;
}

const formatVersion = 1;

/** A live window that is older than the last one by more than this shows that the clock was set back. */
const lateMsMax = 600_000;

/** What is late counts, but is no look. When the clock was set back, time goes on from there. */
function isBehind({ lookedAt }: { readonly lookedAt: number }, { to, backfill }: Batch): boolean {
  return to <= lookedAt && (backfill || to > lookedAt - lateMsMax);
}

export class Ledger<As> {
  readonly #options: LedgerOptions<As>;
  readonly #sources = new Map<string, LedgerSource<As>>();
  #ages = new SourceAges();
  #size = 0;
  #refused = 0;

  constructor(options: LedgerOptions<As>) {
    this.#options = options;
  }

  /** Samples without room, or not to be counted, since the start. */
  get refused(): number {
    return this.#refused;
  }

  /** Sequence numbers of the newest batches that were added, by source. */
  *positions(): Generator<readonly [source: string, seq: number]> {
    for (const [id, { seq }] of this.#sources) {
      yield [id, seq];
    }
  }

  /** Nothing for a batch that was added before. `rows` of a look are to be read before the next batch is added. */
  *add(batch: Batch): Generator<Look<As>> {
    const source = this.#of(batch);
    if (batch.seq <= source.seq) {
      return;
    }
    source.seq = batch.seq;
    if (isTick(batch) && batch.samples.length === 0) {
      return;
    }
    this.#ages.note(batch);
    this.#addSamples(source, batch);
    if (!batch.more && !isBehind(source, batch)) {
      yield this.#look(source, batch);
    }
    if (!batch.more) {
      source.windowSeq = batch.seq + 1;
    }
    if (isTick(batch)) {
      yield* this.#findSilent(batch.to);
    }
  }

  #addSamples(source: LedgerSource<As>, batch: Batch): void {
    const { source: id, service, from } = batch;
    const isLate = isBehind(source, batch);
    for (const sample of batch.samples) {
      const kind = sample.kind === "distinct" ? "gauge" : sample.kind;
      if (isLate && kind === "gauge") {
        continue; // A value of then is none of now.
      }
      const { name, labels } = sample;
      const create = (): As | undefined =>
        this.#size < this.#options.seriesMax
          ? this.#options.toAs({ source: id, service, name, labels, kind })
          : undefined;
      const before = source.rows.size;
      if (!source.rows.add(sample, { seq: batch.seq, from, create })) {
        this.#refused++;
      }
      this.#size += source.rows.size - before;
    }
  }

  #look(source: LedgerSource<As>, batch: Batch): Look<As> {
    const gone = source.rows.takeGauges((row) => row.seq < source.windowSeq);
    this.#forget(gone);
    source.lookedAt = batch.to;
    source.isSilent = false;
    const { service, from, to: at } = batch;
    return { source: batch.source, service, from, at, rows: source.rows.list(), gone };
  }

  /** Dated right behind the last look, so that windows which come late after all are in order. */
  *#findSilent(now: number): Generator<Look<As>> {
    for (const [id, source] of this.#sources) {
      if (source.isSilent || !this.#ages.isSilent(id, now, this.#options.silentIntervals)) {
        continue;
      }
      const gone = [...source.rows.list()];
      this.#forget(source.rows.takeGauges(() => true));
      source.isSilent = true;
      source.lookedAt++;
      if (gone.length > 0) {
        const at = source.lookedAt;
        yield { source: id, service: source.service, from: at, at, rows: [], gone };
      }
    }
  }

  #forget(rows: readonly LedgerRow<As>[]): void {
    this.#size -= rows.length;
    rows.forEach(({ as }) => this.#options.onGone(as));
  }

  #of(batch: Batch): LedgerSource<As> {
    let source = this.#sources.get(batch.source);
    if (source === undefined) {
      const fresh = { seq: 0, windowSeq: batch.seq, lookedAt: -Infinity, isSilent: false };
      source = { service: batch.service, ...fresh, rows: new RowTable(this.#options.onGone) };
      this.#sources.set(batch.source, source);
    }
    return source;
  }

  write(out: ByteWriter): void {
    out.byte(formatVersion);
    this.#ages.write(out);
    out.varint(this.#sources.size);
    for (const [id, source] of this.#sources) {
      out.text(id);
      out.text(source.service);
      out.varint(source.seq);
      out.varint(source.windowSeq);
      out.float64(source.lookedAt);
      out.byte(source.isSilent ? 1 : 0);
      source.rows.write(out);
    }
  }

  /** Throws Corrupt for anything that `write` did not write. */
  static read<As>(input: ByteReader, options: LedgerOptions<As>): Ledger<As> {
    const ledger = new Ledger(options);
    const version = input.byte();
    if (version !== formatVersion) {
      throw new Corrupt(`a ledger of format ${version}; this program reads ${formatVersion}`);
    }
    ledger.#ages = SourceAges.read(input);
    for (let rest = input.varint(); rest > 0; rest--) {
      const id = input.text();
      const service = input.text();
      const [seq, windowSeq] = [input.varint(), input.varint()];
      const lookedAt = input.float64();
      const isSilent = input.byte() === 1;
      const rows = RowTable.read<As>(input, options.onGone, ({ name, labels, kind }) =>
        options.toAs({ source: id, service, name, labels, kind }),
      );
      ledger.#size += rows.size;
      ledger.#sources.set(id, { service, seq, windowSeq, lookedAt, isSilent, rows });
    }
    return ledger;
  }
}
