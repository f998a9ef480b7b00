// The statistics line of HttpMonitor: what one window of an access log held.
import type { Batch } from "../core/batch.ts";
import type { ByteReader, ByteWriter } from "../core/bytes.ts";
import { Top } from "../core/top.ts";
import { toPythonFloat, toPythonText, toPythonTexts } from "./_python-json.ts";

const classes = ["2", "3", "4", "5"] as const;
const shownMax = 3;
/** Keys that are told apart over a window, whatever its length. */
const keysMax = 1_000;
/** Stands among the users for requests without one; no name that comes out of a log line is so. */
const nobody = "\u0000";
/** What the source counts requests without a target under; HttpMonitor did not take such lines. */
const malformed = "(malformed)";

export interface StatisticsFormat {
  readonly intervalS: number;
  /** The key of the hits a second: HttpMonitor's program and its manual differ. */
  readonly rate: "both" | "transactions_per_second" | "tps";
  /** Adds up 1 / interval for each hit, as floats, instead of dividing once. */
  readonly isSummed: boolean;
}

/** What is measured of one batch. */
export interface Requests {
  readonly hits: number;
  readonly byClass: readonly number[];
  readonly targets: Top | undefined;
  readonly users: Top | undefined;
}

export const requestsMetric = "http_requests_total";
const usersTop = "http_users";

/** Whether it comes from a log of requests: also a window without any says how many lines it had. */
export function isOfLog({ samples }: Batch): boolean {
  return samples.some(({ name }) => name === requestsMetric || name === "log_lines_total");
}

/** `targetsTop` is the name of the top that holds the targets. */
export function readRequests({ samples, tops }: Batch, targetsTop: string): Requests {
  const byClass = classes.map(() => 0);
  let hits = 0;
  for (const { kind, name, value, labels } of samples) {
    if (kind === "count" && name === requestsMetric) {
      hits += value;
      for (const [place, digit] of classes.entries()) {
        byClass[place] = (byClass[place] ?? 0) + (labels["status"]?.startsWith(digit) ? value : 0);
      }
    }
  }
  const findTop = (wanted: string): Top | undefined =>
    tops.find(({ name }) => name === wanted)?.value;
  return { hits, byClass, targets: findTop(targetsTop), users: findTop(usersTop) };
}

export class HttpStatistics {
  readonly #byClass = classes.map(() => 0);
  #hits = 0;
  #targets = new Top(keysMax);
  #users = new Top(keysMax);

  /** Of equally frequent users, the one whose batch came first goes first; within a batch, `null` does. */
  add({ hits, byClass, targets, users }: Requests): void {
    this.#hits += hits;
    for (const place of classes.keys()) {
      this.#byClass[place] = (this.#byClass[place] ?? 0) + (byClass[place] ?? 0);
    }
    this.#users.add(nobody, hits - (users?.total ?? 0));
    if (targets !== undefined) {
      this.#targets.merge(targets);
    }
    if (users !== undefined) {
      this.#users.merge(users);
    }
  }

  /** One line without its end. `time` is the start of the window. */
  toLine(time: string, { intervalS, rate, isSummed }: StatisticsFormat): string {
    const perSecond = isSummed ? sumUp(this.#hits, 1 / intervalS) : this.#hits / intervalS;
    const hits = this.#targets.entries(shownMax + 1).filter(({ key }) => key !== malformed);
    const users = this.#users.entries(shownMax);
    const codes = classes.map((digit, place) => `"${digit}xx": ${this.#byClass[place] ?? 0}`);
    const pairs = [
      `"time": ${toPythonText(time)}`,
      ...(rate === "tps" ? [] : [`"transactions_per_second": ${toPythonFloat(perSecond)}`]),
      ...(rate === "tps" ? [`"tps": ${toPythonFloat(perSecond)}`] : []),
      `"most_hits": ${toPythonTexts(hits.slice(0, shownMax).map(({ key }) => key))}`,
      `"most_active_users": ${toPythonTexts(users.map(({ key }) => (key === nobody ? undefined : key)))}`,
      `"status_codes": {${codes.join(", ")}}`,
      ...(rate === "both" ? [`"tps": ${toPythonFloat(perSecond)}`] : []),
    ];
    return `{${pairs.join(", ")}}`;
  }

  write(out: ByteWriter): void {
    out.varint(this.#hits);
    this.#byClass.forEach((hits) => out.varint(hits));
    out.bytes(this.#targets.toBytes());
    out.bytes(this.#users.toBytes());
  }

  static read(input: ByteReader): HttpStatistics {
    const statistics = new HttpStatistics();
    statistics.#hits = input.varint();
    for (const place of classes.keys()) {
      statistics.#byClass[place] = input.varint();
    }
    statistics.#targets = Top.fromBytes(input.bytes());
    statistics.#users = Top.fromBytes(input.bytes());
    return statistics;
  }
}

function sumUp(times: number, part: number): number {
  let sum = 0;
  for (let time = 0; time < times; time++) {
    sum += part;
  }
  return sum;
}
