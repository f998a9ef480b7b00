// The engine's world for tests: a clock that stands still until it is told to go on, files and replies in memory, and
// a journal that can be made to fail.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { World } from "../src/core/example-world.ts";
import type { Environment } from "../src/engine/environment.ts";
import { type Journal, JournalUnavailable } from "../src/journal/journal.ts";
import { createMemoryJournal } from "../src/journal/memory.ts";
import type { FakeDisk } from "./fake-disk.ts";
import { createWorld } from "./world.ts";

export interface FakeEnvironment {
  readonly environment: Environment;
  readonly disk: FakeDisk;
  /** "warn source shop: …", oldest first. */
  readonly log: readonly string[];
  printed(): string;
  /** Lets everything run that can, then time pass; who sleeps wakes at the right moment, in the right order. */
  advance(ms: number): Promise<void>;
  /** Sets the wall clock forward or back; nobody's sleep changes. */
  setClock(byMs: number): void;
  /** Lets everything run that does not wait for time. */
  settle(): Promise<void>;
  /** How many wait for time to pass. */
  sleepers(): number;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** Enough turns of the event loop for any chain of reads, writes and commits in memory to come to rest. */
const turns = 40;

async function settle(): Promise<void> {
  for (let i = 0; i < turns; i++) {
    await nextTurn();
  }
}

export function createFakeEnvironment(
  given: World & { random?: () => number } = {},
): FakeEnvironment {
  const world = createWorld(given);
  const { fetch, network } = world.context();
  const sleepers = new Set<Sleeper>();
  const log: string[] = [];
  const printed: string[] = [];
  let wallOffset = Date.parse(given.now ?? "2026-01-01T00:00:00Z");
  let monotonic = 0;

  async function sleep(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const sleeper = { at: monotonic + Math.max(0, ms), wake: resolve };
    const onAbort = (): void => reject(signal.reason);
    sleepers.add(sleeper);
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await promise;
    } finally {
      sleepers.delete(sleeper);
      signal.removeEventListener("abort", onAbort);
    }
  }

  return {
    environment: {
      clock: { now: () => wallOffset + Math.floor(monotonic), monotonic: () => monotonic, sleep },
      random: given.random ?? (() => 0.5),
      fetch,
      network,
      files: world.disk,
      print: async (text) => {
        printed.push(text);
      },
      log: (level, message) => {
        log.push(`${level} ${message}`);
      },
    },
    disk: world.disk,
    log,
    printed: () => printed.join(""),
    settle,
    setClock: (byMs) => {
      wallOffset += byMs;
    },
    sleepers: () => sleepers.size,
    async advance(ms) {
      const until = monotonic + ms;
      for (;;) {
        await settle();
        const [next] = [...sleepers].toSorted((a, b) => a.at - b.at);
        if (next === undefined || next.at > until) {
          break;
        }
        monotonic = Math.max(monotonic, next.at);
        sleepers.delete(next);
        next.wake();
      }
      monotonic = until;
    },
  };
}

/** What can be made to fail. */
type Failing =
  | "append"
  | "claim"
  | "read"
  | "loadReader"
  | "saveReader"
  | "deleteReader"
  | "status";

export interface FaultyJournal extends Journal {
  /** From now on, as on a full disk; nothing changes. */
  fail(...methods: Failing[]): void;
  /** As fail, but the write happens and only its answer is lost. */
  loseAnswers(...methods: Failing[]): void;
  mend(): void;
  readonly inner: Journal;
}

export const fullDisk = new JournalUnavailable("The disk is full; make room.");

export function createFaultyJournal(inner: Journal): FaultyJournal {
  let failing: ReadonlySet<Failing> = new Set();
  let losing: ReadonlySet<Failing> = new Set();

  async function attempt<Result>(method: Failing, work: () => Promise<Result>): Promise<Result> {
    if (failing.has(method)) {
      throw fullDisk;
    }
    const result = await work();
    if (losing.has(method)) {
      throw fullDisk;
    }
    return result;
  }

  return {
    inner,
    epoch: inner.epoch,
    fail: (...methods) => {
      failing = new Set(methods);
    },
    loseAnswers: (...methods) => {
      losing = new Set(methods);
    },
    mend: () => {
      failing = new Set();
      losing = new Set();
    },
    claim: (source) => attempt("claim", () => inner.claim(source)),
    append: (append) => attempt("append", () => inner.append(append)),
    read: (after, limits) => attempt("read", () => inner.read(after, limits)),
    loadReader: (name) => attempt("loadReader", () => inner.loadReader(name)),
    saveReader: (name, state) => attempt("saveReader", () => inner.saveReader(name, state)),
    deleteReader: (name) => attempt("deleteReader", () => inner.deleteReader(name)),
    status: () => attempt("status", () => inner.status()),
    changed: (after, signal) => inner.changed(after, signal),
    start: () => inner.start(),
    head: () => inner.head(),
    seek: (at) => inner.seek(at),
    lag: (cursor) => inner.lag(cursor),
    trim: (retention) => inner.trim(retention),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

/** An environment with a faulty memory journal on its clock. */
export function createFakeNode(
  given: Parameters<typeof createFakeEnvironment>[0] = {},
): FakeEnvironment & { readonly journal: FaultyJournal } {
  const fake = createFakeEnvironment(given);
  const { clock } = fake.environment;
  const journal = createFaultyJournal(createMemoryJournal({ now: clock.now }));
  return { ...fake, journal };
}
