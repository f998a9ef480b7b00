import { createInstants, type Instants } from "../../access-log/report/render/quantities.ts";
import { Grouping } from "../../access-log/scan/grouping.ts";
import { type Condition, parseWhere } from "../../access-log/scan/where.ts";
import type { Observation } from "../../core/component.ts";
import type { Environment } from "../../engine/environment.ts";
import type { Incident } from "../../rules/incident.ts";
import { followLogs } from "./follow-logs.ts";
import { LiveNumbers, type TimeSpan } from "./live-numbers.ts";
import type { WatchedLog } from "./open-logs.ts";
import type { Shown } from "./panel.ts";
import type { TopWish } from "./read-top-flags.ts";

export interface SessionOptions {
  readonly logs: readonly WatchedLog[];
  readonly wish: Pick<TopWish, "everyMs" | "from" | "quantiles" | "timeZone">;
  readonly environment: Environment;
  /** Newest first; left out where no rules are watched. */
  readonly incidents?: () => readonly Incident[];
}

/** Of the log no further window is made before it has resolved. Must not reject. */
export type WindowListener = (log: string, observation: Observation) => Promise<void>;

/** Names of groups that a target is asked for. */
const groupsMax = 1000;

/** Logs that are followed, and what was seen of them; begun anew with each filter. */
export class TopSession implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #instants: Instants;
  readonly #groupings: readonly Grouping[];
  readonly #listeners = new Set<WindowListener>();
  readonly #followings: Promise<void>[] = [];
  #numbers: LiveNumbers;
  #problems = new Map<string, string>();
  #spans = new Map<number, TimeSpan | undefined>();
  #startedMs = 0;
  #stop = new AbortController();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#instants = createInstants(options.wish.timeZone);
    this.#groupings = options.logs.map(({ spec }) => new Grouping(spec.groups, groupsMax));
    this.#numbers = new LiveNumbers(options.wish.everyMs);
    this.#start(undefined);
  }

  /** The end of what was there at the beginning has not been reached. */
  get isCatchingUp(): boolean {
    return this.endMs < this.#startedMs;
  }

  /** Of all logs the windows up to then have come, in ms since the epoch. */
  get endMs(): number {
    return Math.min(...this.#options.logs.map(({ name }) => this.#numbers.endOf(name)));
  }

  /** Calls `listener` with each window that has closed. */
  onWindow(listener: WindowListener): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  /** Begins anew, with only the lines for which it holds; empty: all. It has been parsed before. */
  filter(text: string): void {
    this.#stop.abort();
    this.#start(text === "" ? undefined : parseWhere(text).condition);
  }

  /** `spanAt`: a place in `spansMs`. */
  shown(spanAt: number): Shown {
    const { logs, wish, incidents } = this.#options;
    return {
      span: this.#spanAt(spanAt),
      events: this.#numbers.events,
      problems: new Map(this.#problems),
      incidents: incidents?.(),
      logs: logs.map(({ name }) => name),
      isCatchingUp: this.isCatchingUp,
      quantiles: wish.quantiles,
      instants: this.#instants,
      isInGroup: (target, group) =>
        this.#groupings.some((grouping) => grouping.nameOf(grouping.idOf(target)) === group),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#followings);
  }

  #spanAt(spanAt: number): TimeSpan | undefined {
    if (!this.#spans.has(spanAt)) {
      this.#spans.set(spanAt, this.#numbers.span(spanAt));
    }
    return this.#spans.get(spanAt);
  }

  #start(where: Condition | undefined): void {
    const { logs, wish, environment } = this.#options;
    const { everyMs, from } = wish;
    const stop = new AbortController();
    const numbers = new LiveNumbers(everyMs);
    this.#stop = stop;
    this.#startedMs = environment.clock.now() - everyMs;
    this.#numbers = numbers;
    this.#spans.clear();
    this.#problems = new Map();
    const following = followLogs({
      logs,
      environment,
      everyMs,
      from,
      where,
      signal: stop.signal,
      onWindow: async (log, observation) => {
        // One that was on its way while the filter changed is of the old one.
        if (this.#numbers === numbers) {
          numbers.add(log, observation);
          this.#spans.clear();
          await Promise.all([...this.#listeners].map((listener) => listener(log, observation)));
        }
      },
      onProblem: (log, problem) => this.#setProblem(log, problem, stop.signal),
    });
    this.#followings.push(following);
  }

  #setProblem(log: string, problem: string | undefined, signal: AbortSignal): void {
    if (problem === undefined || signal.aborted) {
      this.#problems.delete(log);
    } else {
      this.#problems.set(log, problem);
    }
  }
}
