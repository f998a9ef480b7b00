// The rules are a function of the journal: however it is cut into slices, wherever the program stops or is killed, and
// whenever it starts again, the incidents are the same as in one go.
import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { type Batch, ownSource } from "../../src/core/batch.ts";
import { count, gauge, type Sample } from "../../src/core/sample.ts";
import type { Slice } from "../../src/journal/journal.ts";
import { createMemoryJournal } from "../../src/journal/memory.ts";
import { backtest } from "../../src/rules/backtest.ts";
import type { Incident } from "../../src/rules/incident.ts";
import { openRules } from "../../src/rules/rules.ts";
import {
  batchAt,
  distinct,
  distribution,
  parseRules,
  sliceOf,
} from "../../src/rules/story.test.ts";

const rules = parseRules({
  rate: { source: "shop", metric: "hits", over: "5s", above: "3/s", clear: "2/s" },
  quiet: { metric: "hits", over: "3s", below: 4 },
  groups: { metric: "hits", by: ["group"], above: 6, for: "2s" },
  slow: { metric: "seconds", quantile: 0.9, over: "4s", above: "500ms", minimum: 3 },
  crowd: { service: "web", metric: "clients", over: "6s", above: 5 },
  queue: { metric: "queue", over: "3s", above: 5, clear: 4, for: "1s" },
  row: { metric: "queue", labels: { server: ["a", "b"] }, by: ["server"], below: 2 },
  down: { metric: "check_up", below: 0, for: "3s" },
  wrong: { metric: "seconds", above: 1 },
});

/** What one step of a story adds: a batch of one source, after the clock has moved. */
const steps = fc.record({
  source: fc.constantFrom("shop", "lb", "home", ownSource, ownSource),
  forwardMs: fc.constantFrom(0, 400, 1000, 1000, 1000, 2500, 30_000),
  /** How much later than its window the batch comes; far more than the clock ever is off. */
  lateMs: fc.constantFrom(0, 0, 0, 0, 700, 4000, 700_000),
  values: fc.array(fc.nat(9), { minLength: 3, maxLength: 3 }),
  isEmpty: fc.boolean(),
  more: fc.constantFrom(false, false, false, true),
  partial: fc.constantFrom(false, false, false, false, true),
  backfill: fc.constantFrom(false, false, false, true),
  /** Batches before this one were lost. */
  isGap: fc.constantFrom(...Array.from({ length: 15 }, () => false), true),
});
type Step = typeof steps extends fc.Arbitrary<infer Value> ? Value : never;

const stories = fc.array(steps, { minLength: 1, maxLength: 50, size: "max" });

function samplesOf(source: string, [a = 0, b = 0, c = 0]: readonly number[]): Sample[] {
  switch (source) {
    case "shop":
      return [
        count("hits", a, { group: "api" }),
        count("hits", b, { group: c > 5 ? "web" : "doc" }),
        distribution("seconds", [a / 10, b / 10, c / 10].slice(0, 1 + (a % 3))),
        distinct("clients", [`${a}`, `${b}`, `${c}`]),
      ];
    case "lb":
      return [
        gauge("queue", a, { server: "a" }),
        gauge("queue", b, { server: c > 4 ? "b" : "c" }),
        count("hits", c),
      ];
    case "home":
      return [gauge("check_up", a > 5 ? 1 : 0)];
    default:
      return [];
  }
}

function toBatches(story: readonly Step[]): Batch[] {
  let now = 10_000_000;
  return story.map((step, index) => {
    now += step.forwardMs;
    const to = now - (step.source === ownSource ? 0 : step.lateMs);
    const { source, more, partial, backfill } = step;
    const samples = step.isEmpty ? [] : samplesOf(source, step.values);
    const service = source === "home" ? "" : "web";
    return batchAt(to, samples, { source, service, seq: index + 1, more, partial, backfill });
  });
}

/** A slice of the story; gaps stand before a slice, so that none may lie within. */
function slicesOf(story: readonly Step[], first: number, end: number): Slice[] {
  const batches = toBatches(story);
  const starts = story.flatMap((step, index) =>
    index === first || (step.isGap && index > first && index < end) ? [index] : [],
  );
  return starts.map((start, index) => {
    const part = batches.slice(start, starts[index + 1] ?? end);
    const isGap = story[start]?.isGap === true;
    return sliceOf(part, start, isGap ? [{ reason: "retention", batches: 1 }] : []);
  });
}

const everything = { state: "all", limit: 100_000 } as const;

async function inOneGo(story: readonly Step[]): Promise<readonly Incident[]> {
  await using opened = await openRules({ rules, file: ":memory:" });
  for (const slice of slicesOf(story, 0, story.length)) {
    await opened.consume(slice);
  }
  return opened.incidents(everything);
}

/** Starts, reads from the committed cursor up to `end`, and stops. */
async function runUpTo(file: string, story: readonly Step[], end: number) {
  await using opened = await openRules({ rules, file });
  const first = Number(opened.cursor?.split(":")[1] ?? 0);
  for (const slice of slicesOf(story, first, end)) {
    await opened.consume(slice);
  }
  return opened.incidents(everything);
}

/** Does the work, but the machine dies before any of it is on disk. */
async function runInVain(file: string, story: readonly Step[], end: number): Promise<void> {
  const copy = `${file}.copy`;
  if (existsSync(file)) {
    copyFileSync(file, copy);
    await runUpTo(copy, story, end);
    rmSync(copy);
  }
}

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), "watchpost-replay-"));
  try {
    await work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("the stories raise incidents of every rule, and clear them", async () => {
  const sampled = fc.sample(stories, { numRuns: 300, seed: 1 });
  const found = await Promise.all(sampled.map(inOneGo));
  const cleared = found.flat().filter(({ clearedAt }) => clearedAt !== undefined);
  const expected = Object.keys(rules).filter((rule) => rule !== "wrong");
  assert.deepEqual([...new Set(cleared.map(({ rule }) => rule))].toSorted(), expected.toSorted());
});

test("stopped after any prefix and started again: the same incidents", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const expected = await inOneGo(story);
      await withFolder(async (folder) => {
        for (const end of story.keys()) {
          const file = path.join(folder, `${end}.db`);
          await runUpTo(file, story, end);
          assert.deepEqual(await runUpTo(file, story, story.length), expected);
        }
      });
    }),
    { numRuns: 3 },
  );
});

test("cut anywhere, stopped anywhere, killed anywhere: the same incidents", async () => {
  const cuts = fc.array(
    fc.record({ steps: fc.integer({ min: 1, max: 9 }), inVain: fc.boolean() }),
    { size: "max", maxLength: 9 },
  );
  await fc.assert(
    fc.asyncProperty(stories, cuts, async (story, pieces) => {
      const expected = await inOneGo(story);
      await withFolder(async (folder) => {
        const file = path.join(folder, "incidents.db");
        let end = 0;
        for (const piece of pieces) {
          end = Math.min(story.length, end + piece.steps);
          await (piece.inVain ? runInVain : runUpTo)(file, story, end);
        }
        assert.deepEqual(await runUpTo(file, story, story.length), expected);
      });
    }),
    { numRuns: 25 },
  );
});

test("cut into slices of any size without a restart: the same incidents", async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 60, maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(stories, sizes, async (story, steppings) => {
      await using opened = await openRules({ rules, file: ":memory:" });
      let first = 0;
      for (const size of steppings) {
        const end = Math.min(story.length, first + size);
        for (const slice of slicesOf(story, first, end)) {
          await opened.consume(slice);
        }
        first = end;
      }
      assert.deepEqual(opened.incidents(everything), await inOneGo(story));
    }),
    { numRuns: 200 },
  );
});

test("a backtest over a journal finds what the reader of that journal found", async () => {
  await fc.assert(
    fc.asyncProperty(stories, fc.integer({ min: 1, max: 20 }), async (story, batchesMax) => {
      const live = story.map((step) => ({ ...step, isGap: false }));
      await using journal = createMemoryJournal({ now: () => 1 });
      const seqs = new Map<string, number>();
      for (const batch of toBatches(live)) {
        const seq = (seqs.get(batch.source) ?? 0) + 1;
        seqs.set(batch.source, seq);
        const claim = await journal.claim(batch.source);
        await journal.append({ claim, batches: [{ ...batch, seq }], position: undefined });
      }
      const limits = { batchesMax, bytesMax: 1_000_000 };
      assert.deepEqual(await backtest({ rules, journal, limits }), await inOneGo(live));
    }),
    { numRuns: 50 },
  );
});
