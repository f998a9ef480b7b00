// What HttpMonitor does with a log, from batches: whole seconds of the lines' own time, judged once each is over.
import { type Batch, isTick } from "../core/batch.ts";
import { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Corrupt } from "../core/errors.ts";
import {
  HttpStatistics,
  type Requests,
  type StatisticsFormat,
  isOfLog,
  readRequests,
} from "./_http-statistics.ts";
import type { ToLocalTime } from "../core/local-time.ts";
import { SourceFrontier } from "./_source-frontier.ts";

export interface Alert {
  /** Hits a second, on average over the window. */
  readonly threshold: number;
  readonly windowS: number;
}

export interface HttpMonitorOptions {
  readonly alerts: readonly Alert[];
  /** Undefined: no statistics. */
  readonly statistics: StatisticsFormat | undefined;
  readonly targetsTop: string;
  /** Time passes only when a line comes, as in HttpMonitor itself. */
  readonly isLineDriven: boolean;
  readonly toLocalTime: ToLocalTime;
}

export interface Message {
  readonly kind: "alert" | "statistics";
  /** Of an alert words, of statistics JSON. */
  readonly text: string;
}

/** A source that has not told of a second by then does not hold it up any longer. */
const graceMs = 10_000;
/** A longer row of empty windows is passed over: nobody was there to write them. */
const emptyWindowsMax = 60;
const formatVersion = 1;

export class HttpMonitor {
  readonly #options: HttpMonitorOptions;
  /** Nothing before it is looked at: reading begins at the end. */
  readonly #openedMs: number;
  #frontier = new SourceFrontier(graceMs);
  /** Hits by second. */
  readonly #hits = new Map<number, number>();
  /** The alerts that are raised, by their text. */
  readonly #raised = new Set<string>();
  /** By the clock the last second that was judged; by lines the one that is judged next, or -1. */
  #second: number;
  /** Start of the oldest window of statistics that is not written, in seconds. */
  #windowS: number;
  /** By start. */
  readonly #windows = new Map<number, HttpStatistics>();

  constructor(options: HttpMonitorOptions, openedMs: number) {
    this.#options = options;
    this.#openedMs = openedMs;
    this.#windowS = Math.floor(openedMs / 1000);
    this.#second = options.isLineDriven ? -1 : this.#windowS - 1;
  }

  /** What there is to say after this batch, in order. */
  add(batch: Batch): readonly Message[] {
    if (batch.to <= this.#openedMs || batch.backfill) {
      return [];
    }
    const messages: Message[] = [];
    // A source of another kind looks seldom; nothing waits for it.
    if (isTick(batch) || isOfLog(batch) || this.#frontier.knows(batch.source)) {
      this.#frontier.add(batch);
    }
    if (!isTick(batch)) {
      const requests = readRequests(batch, this.#options.targetsTop);
      if (requests.hits > 0) {
        // A window of several seconds counts as its last one: all of it is known then.
        const second = Math.max(Math.floor(batch.from / 1000), Math.ceil(batch.to / 1000) - 1);
        this.#addRequests(second, requests, messages);
      }
    }
    if (!this.#options.isLineDriven) {
      this.#passTime(Math.floor(this.#frontier.passedMs / 1000), messages);
    }
    this.#forget();
    return messages;
  }

  copy(): HttpMonitor {
    return HttpMonitor.fromBytes(this.toBytes(), this.#options, this.#openedMs);
  }

  toBytes(): Uint8Array {
    const out = new ByteWriter(4096);
    out.byte(formatVersion);
    out.text(toTiming(this.#options));
    out.varint(this.#openedMs);
    out.varint(this.#second + 1);
    out.varint(this.#windowS);
    this.#frontier.write(out);
    out.varint(this.#hits.size);
    for (const [second, hits] of this.#hits) {
      out.varint(second);
      out.varint(hits);
    }
    out.varint(this.#raised.size);
    this.#raised.forEach((text) => out.text(text));
    out.varint(this.#windows.size);
    for (const [start, window] of this.#windows) {
      out.varint(start);
      window.write(out);
    }
    return out.finish();
  }

  /**
   * Begins anew at `openedMs` when the windows are others now. Throws Corrupt for anything that toBytes did not write.
   */
  static fromBytes(bytes: Uint8Array, options: HttpMonitorOptions, openedMs: number): HttpMonitor {
    const input = new ByteReader(bytes);
    const version = input.byte();
    if (version !== formatVersion) {
      throw new Corrupt(`a state of HttpMonitor's of version ${version}`);
    }
    const isSame = input.text() === toTiming(options);
    const monitor = new HttpMonitor(options, input.varint());
    monitor.#second = input.varint() - 1;
    monitor.#windowS = input.varint();
    monitor.#frontier = SourceFrontier.read(input, graceMs);
    for (let rest = input.varint(); rest > 0; rest--) {
      monitor.#hits.set(input.varint(), input.varint());
    }
    for (let rest = input.varint(); rest > 0; rest--) {
      monitor.#raised.add(input.text());
    }
    for (let rest = input.varint(); rest > 0; rest--) {
      monitor.#windows.set(input.varint(), HttpStatistics.read(input));
    }
    if (input.left > 0) {
      throw new Corrupt(`${input.left} bytes behind a state of HttpMonitor's`);
    }
    return isSame ? monitor : new HttpMonitor(options, openedMs);
  }

  #addRequests(second: number, requests: Requests, messages: Message[]): void {
    if (this.#options.isLineDriven) {
      this.#meetLines(second, messages);
    }
    this.#hits.set(second, (this.#hits.get(second) ?? 0) + requests.hits);
    if (this.#options.statistics !== undefined) {
      const start = this.#windowOf(second, this.#options.statistics);
      const window = this.#windows.get(start) ?? new HttpStatistics();
      window.add(requests);
      this.#windows.set(start, window);
    }
  }

  /** Late lines count into the oldest window that is open. */
  #windowOf(second: number, { intervalS }: StatisticsFormat): number {
    const windows = this.#options.isLineDriven
      ? 0
      : Math.max(0, Math.floor((second - this.#windowS) / intervalS));
    return this.#windowS + windows * intervalS;
  }

  /** By lines: the second before is judged, and the window written, once a line of a later one has come. */
  #meetLines(second: number, messages: Message[]): void {
    const { statistics } = this.#options;
    if (this.#second >= 0 && second > this.#second) {
      this.#judge(this.#second, messages);
    }
    this.#second = Math.max(this.#second, second);
    if (statistics !== undefined && second >= this.#windowS + statistics.intervalS) {
      this.#writeWindow(statistics, messages);
      this.#windowS = second;
    }
  }

  /** By the clock: everything before `endS` is known. */
  #passTime(endS: number, messages: Message[]): void {
    const { statistics } = this.#options;
    while (this.#second < endS - 1) {
      if (this.#hits.size === 0 && this.#raised.size === 0) {
        this.#second = this.#endOfSilence(endS);
      } else {
        this.#second++;
        this.#judge(this.#second, messages);
        this.#forget();
      }
      if (statistics !== undefined) {
        this.#writeWindows(statistics, messages);
      }
    }
  }

  #writeWindows(statistics: StatisticsFormat, messages: Message[]): void {
    this.#skipAbsence(statistics);
    while (this.#windowS + statistics.intervalS <= this.#second + 1) {
      this.#writeWindow(statistics, messages);
      this.#windowS += statistics.intervalS;
    }
  }

  /** Without hits and alerts only windows of statistics end. */
  #endOfSilence(endS: number): number {
    const { statistics } = this.#options;
    const windowEndS = statistics === undefined ? endS : this.#windowS + statistics.intervalS;
    return Math.max(this.#second + 1, Math.min(endS, windowEndS) - 1);
  }

  /** To the window that holds the first request, or the end of what is known. */
  #skipAbsence({ intervalS }: StatisticsFormat): void {
    const next = Math.min(Math.floor(this.#frontier.passedMs / 1000), ...this.#windows.keys());
    const empty = Math.floor((next - this.#windowS) / intervalS);
    if (empty > emptyWindowsMax) {
      this.#windowS += empty * intervalS;
    }
  }

  #writeWindow(statistics: StatisticsFormat, messages: Message[]): void {
    const window = this.#windows.get(this.#windowS) ?? new HttpStatistics();
    this.#windows.delete(this.#windowS);
    const time = this.#options.toLocalTime(this.#windowS * 1000);
    messages.push({ kind: "statistics", text: window.toLine(time, statistics) });
  }

  #judge(second: number, messages: Message[]): void {
    const time = this.#options.toLocalTime(second * 1000);
    for (const { threshold, windowS } of this.#options.alerts) {
      const key = `${threshold}, ${windowS}`;
      const average = this.#hitsUntil(second, windowS) / windowS;
      if (!this.#raised.has(key) && average >= threshold) {
        this.#raised.add(key);
        const text = `High traffic generated an alert - hits = ${Math.trunc(average)}, triggered at ${time}`;
        messages.push({ kind: "alert", text });
      } else if (this.#raised.has(key) && average < threshold) {
        this.#raised.delete(key);
        messages.push({ kind: "alert", text: `High traffic alert recovered at ${time}` });
      }
    }
  }

  #hitsUntil(second: number, windowS: number): number {
    let sum = 0;
    for (const [at, hits] of this.#hits) {
      sum += at > second - windowS && at <= second ? hits : 0;
    }
    return sum;
  }

  /** Hits that no second to come will count. */
  #forget(): void {
    const longestS = Math.max(0, ...this.#options.alerts.map(({ windowS }) => windowS));
    const next = this.#options.isLineDriven ? this.#second : this.#second + 1;
    for (const second of this.#hits.keys()) {
      if (second <= next - longestS) {
        this.#hits.delete(second);
      }
    }
  }
}

/** What a state fits to. */
function toTiming({ statistics, isLineDriven }: HttpMonitorOptions): string {
  return `${statistics?.intervalS ?? 0} ${isLineDriven ? "lines" : "clock"}`;
}
