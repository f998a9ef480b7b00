// Another world for components: its files, its network and its clock exist in memory only. Time
// stands still while anything can still happen, and then jumps to the next instant that somebody
// sleeps towards.
import { setImmediate as settle } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { FakeDisk, systemError } from "./fake-disk.ts";
import { createFakeNetwork } from "./fake-network.ts";
import { toRemoteWriteText } from "./remote-write-text.ts";
import type {
  Context,
  MetricDefinition,
  OutputContext,
  SourceContext,
} from "../src/core/component.ts";
import type { Reply, World } from "../src/core/example-world.ts";

/** A component that sleeps on for this long without an end has missed what it waits for. */
const runMsMax = 48 * 3_600_000;

export interface ContextExtras {
  /** Never aborted when left out. */
  readonly signal?: AbortSignal;
  readonly position?: unknown;
  /** 10 s when left out. */
  readonly everyMs?: number;
  readonly state?: Uint8Array | undefined;
  readonly progress?: Uint8Array | undefined;
  /** What `describe` knows; nothing when left out. */
  readonly metrics?: Readonly<Record<string, MetricDefinition>> | undefined;
}

export interface FakeWorld {
  /** What a component of any kind may touch. */
  context(extras?: ContextExtras): SourceContext & OutputContext;
  now(): number;
  /** Moves the clock without waiting for anybody. */
  advance(ms: number): void;
  /** Runs when the clock has come to that time after the start. */
  schedule(afterMs: number, action: () => void): void;
  readonly disk: FakeDisk;
  /** Everything printed so far. */
  printed(): string;
  /** What was reported last by each change: problems, and undefined for "all is well again". */
  readonly reports: readonly (string | undefined)[];
  /** Samples that were counted as refused. */
  refused(): number;
  /** Bodies sent by `fetch`, by URL. */
  readonly posted: Readonly<Record<string, readonly string[]>>;
  /** What went over sockets: see `OutputExample`. */
  readonly sent: Readonly<Record<string, readonly string[]>>;
}

export function createWorld(given: World = {}): FakeWorld {
  const clock = new FakeClock(Date.parse(given.now ?? "2026-01-01T00:00:00Z"));
  const disk = new FakeDisk(given.files ?? {}, () => clock.now);
  for (const { afterMs, path, text } of given.appended ?? []) {
    clock.schedule(afterMs, () => disk.append(path, text));
  }
  for (const { afterMs, path, to } of given.renamed ?? []) {
    clock.schedule(afterMs, () => disk.rename(path, to));
  }
  const printed: string[] = [];
  const reports: (string | undefined)[] = [];
  const posted: Record<string, string[]> = {};
  const sent: Record<string, string[]> = {};
  let refused = 0;
  const network = createFakeNetwork(given.listeners ?? {}, sent);
  const noSignal = new AbortController().signal;

  function baseContext(signal: AbortSignal): Context {
    return {
      signal,
      now: () => clock.now,
      monotonic: () => clock.now - clock.startedAt,
      sleep: (ms) => clock.sleep(ms, signal),
      fetch: async (url, init) => {
        if (typeof init.body === "string" || init.body instanceof Uint8Array) {
          addTo(posted, url, readBody(init.body, new Headers(init.headers)));
        }
        return fakeFetch(given.replies?.[url], init, clock);
      },
      network,
      files: disk,
      print: async (text) => {
        printed.push(text);
      },
      report: (problem) => {
        if (reports.at(-1) !== problem || (reports.length === 0 && problem !== undefined)) {
          reports.push(problem);
        }
      },
    };
  }

  return {
    context: ({ signal = noSignal, position, everyMs = 10_000, ...extras } = {}) => ({
      ...baseContext(signal),
      position,
      everyMs,
      state: extras.state,
      progress: extras.progress,
      countRefused: (samples) => {
        refused += samples;
      },
      describe: (metric) => extras.metrics?.[metric],
    }),
    now: () => clock.now,
    advance: (ms) => clock.moveTo(clock.now + ms),
    schedule: (afterMs, action) => clock.schedule(afterMs, action),
    disk,
    printed: () => printed.join(""),
    reports,
    refused: () => refused,
    posted,
    sent,
  };
}

interface Sleeper {
  readonly at: number;
  wake(): void;
}

class FakeClock {
  readonly startedAt: number;
  now: number;
  #actions: { readonly at: number; run(): void }[] = [];
  #sleepers: Sleeper[] = [];
  #isRunning = false;

  constructor(startedAt: number) {
    this.startedAt = startedAt;
    this.now = startedAt;
  }

  schedule(afterMs: number, run: () => void): void {
    this.#actions.push({ at: this.startedAt + afterMs, run });
    this.#actions.sort((a, b) => a.at - b.at);
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const at = this.now + Math.max(0, ms);
    if (at > this.startedAt + runMsMax) {
      throw new Error("two days have passed in the fake world; what is waited for never comes");
    }
    await new Promise<void>((resolve, reject) => {
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        const reason: unknown = signal.reason;
        reject(reason instanceof Error ? reason : new Error("aborted", { cause: reason }));
      };
      const wake = (): void => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      };
      const sleeper: Sleeper = { at, wake };
      signal.addEventListener("abort", onAbort, { once: true });
      this.#sleepers.push(sleeper);
      void this.#run();
    });
  }

  moveTo(at: number): void {
    this.now = Math.max(this.now, at);
    while (this.#actions[0] !== undefined && this.#actions[0].at <= this.now) {
      this.#actions.shift()?.run();
    }
  }

  /** Wakes one sleeper after another, each once everything that is awake has come to rest. */
  async #run(): Promise<void> {
    if (this.#isRunning) {
      return;
    }
    this.#isRunning = true;
    await settle();
    while (this.#sleepers.length > 0) {
      const next = this.#sleepers.reduce((first, other) => (other.at < first.at ? other : first));
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      this.moveTo(next.at);
      next.wake();
      await settle();
    }
    this.#isRunning = false;
  }
}

function addTo(lists: Record<string, string[]>, key: string, text: string): void {
  (lists[key] ??= []).push(text);
}

/** As its receiver reads it. */
function readBody(body: string | Uint8Array, headers: Headers): string {
  const bytes = Buffer.from(body);
  if (headers.get("content-encoding") === "snappy") {
    return toRemoteWriteText(bytes);
  }
  return (headers.get("content-encoding") === "gzip" ? gunzipSync(bytes) : bytes).toString();
}

const bodylessStatuses = new Set([101, 204, 205, 304]);

/** Fails as Node's fetch does: a TypeError whose cause has the code. */
async function fakeFetch(
  reply: Reply | undefined,
  init: RequestInit,
  clock: FakeClock,
): Promise<Response> {
  await clock.sleep(reply?.afterMs ?? 0, init.signal ?? new AbortController().signal);
  const code = reply === undefined ? "ENOTFOUND" : reply.error;
  if (code !== undefined) {
    throw new TypeError("fetch failed", { cause: systemError(code, "in the fake world") });
  }
  const { status = 200, body = "", headers = {} } = reply ?? {};
  const hasBody = init.method !== "HEAD" && !bodylessStatuses.has(status);
  return new Response(hasBody ? body : null, { status, headers });
}
