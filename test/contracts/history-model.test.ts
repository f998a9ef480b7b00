// Random batches, restarts, roll-ups and retention, against the history that keeps every sample as it came.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import type { Batch } from "../../src/core/batch.ts";
import { Distinct } from "../../src/core/distinct.ts";
import { Distribution } from "../../src/core/distribution.ts";
import { count, gauge, type Sample, type TopSample } from "../../src/core/sample.ts";
import { Top } from "../../src/core/top.ts";
import type {
  Aggregate,
  Aggregation,
  History,
  QueryResult,
  Selection,
} from "../../src/history/history.ts";
import { createMemoryHistory } from "../../src/history/memory.ts";
import { openSqliteHistory } from "../../src/history/sqlite.ts";
import { day, hour, minute, nextPlace, second } from "./_history-adapters.ts";

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

/** Short ones, so that retention matters within a test. */
const levels = [
  { stepMs: 10 * second, ageMs: 2 * hour },
  { stepMs: minute, ageMs: 8 * hour },
  { stepMs: hour, ageMs: 48 * hour },
];

const sources = ["shop", "lb"];
const groups = ["a", "b", "c"];

const aRun = fc.record({
  source: fc.constantFrom(...sources),
  /** Windows in a row, and how long each is. */
  windows: fc.integer({ min: 1, max: 200 }),
  widthMs: fc.constantFrom(second, 10 * second, 10 * second, 30 * second, 7001),
  /** Before the source's own time: late ones. */
  backMs: fc.constantFrom(0, 0, 0, 0, 40 * second, 20 * minute, 5 * hour, 100 * hour),
  seed: fc.nat(1000),
});

const aQuery = fc.record({
  metric: fc.constantFrom("requests", "load", "duration", "clients"),
  aggregate: fc.constantFrom<Aggregate>("rate", "sum", "avg", "min", "max", "count", "quantile"),
  by: fc.subarray(["source", "group", "missing"]),
  group: fc.constantFrom(undefined, ...groups),
  agoMs: fc.integer({ min: 1, max: 60 * hour }),
  lengthMs: fc.integer({ min: 1, max: 12 * hour }),
  stepMs: fc.constantFrom(10 * second, 30 * second, minute, 90 * second, 10 * minute, hour, day),
});

const aStep = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant("run"), aRun) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("pass"), fc.integer({ min: 0, max: 5 * hour })) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("flush"), fc.constant(undefined)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("restart"), fc.constant(undefined)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("trim"), fc.constant(undefined)) },
  { weight: 8, arbitrary: fc.tuple(fc.constant("query"), aQuery) },
);
type Step = ValueOf<typeof aStep>;

suite("history, against a model", () => {
  test("answers as if every sample were kept, across restarts, roll-ups and retention", async () => {
    const property = fc.asyncProperty(
      fc.array(aStep, { minLength: 4, maxLength: 40, size: "max" }),
      async (steps) => {
        const world = new World();
        for (const step of steps) {
          await take(step, world);
        }
        assert.deepEqual((await world.history.status()).damage, []);
        await compareAll(world);
        await world.history[Symbol.asyncDispose]();
      },
    );
    await fc.assert(property, { numRuns: 30, interruptAfterTimeLimit: 10_000, endOnFailure: true });
  });
});

/** A journal as an array, of which the history may ask again whatever is behind its cursor. */
class World {
  now = Date.UTC(2026, 0, 5, 7, 13, 3);
  readonly journal: Batch[] = [];
  readonly seqs = new Map<string, number>();
  readonly times = new Map<string, number>();
  readonly file = nextPlace();
  readonly model = createMemoryHistory({ levels, now: () => this.now });
  history: History = this.open();

  open(): History {
    return openSqliteHistory({ file: this.file, levels, now: () => this.now });
  }

  /** What `history` has not consumed yet, in slices of three; the model takes each batch once. */
  async feed(history: History): Promise<void> {
    for (let from = Number(history.next ?? 0); from < this.journal.length; from += 3) {
      const some = this.journal.slice(from, from + 3);
      await history.consume({
        entries: some.map((batch) => ({ batch })),
        next: String(from + some.length),
        gaps: [],
      });
    }
  }
}

async function take([kind, value]: Step, world: World): Promise<void> {
  switch (kind) {
    case "run":
      return run(value, world);
    case "pass":
      world.now += value;
      return undefined;
    case "flush":
      return world.history.flush();
    case "restart":
      return restart(world);
    case "trim":
      await world.history.trim();
      await world.model.trim();
      return undefined;
    case "query":
      return compare(value, world);
  }
}

/** The process is killed: nothing is closed in order, and the journal is read again from the committed cursor. */
async function restart(world: World): Promise<void> {
  const killed = world.history;
  world.history = world.open();
  assert.equal(world.history.cursor, killed.cursor);
  await world.feed(world.history);
}

async function run(
  { source, windows, widthMs, backMs, seed }: ValueOf<typeof aRun>,
  world: World,
): Promise<void> {
  const start = Math.max(world.times.get(source) ?? 0, world.now - 30 * minute) - backMs;
  const { now } = world;
  for (let window = 0; window < windows; window++) {
    const to = start + (window + 1) * widthMs;
    world.now = Math.max(world.now, to);
    const seq = (world.seqs.get(source) ?? 0) + 1;
    world.seqs.set(source, seq);
    const samples = groups
      .filter((_, at) => (seed + at + window) % 4 > 0)
      .flatMap((group, at) => createSamples(group, seed * 31 + window * 7 + at));
    const marks = { more: false, partial: false, backfill: false };
    const tops = [createTop(seed + window)];
    const from = to - widthMs;
    const batch = { source, service: "", seq, from, to, samples, tops, events: [], ...marks };
    world.journal.push(batch);
  }
  world.now = Math.max(world.now, now);
  world.times.set(source, Math.max(world.times.get(source) ?? 0, start + windows * widthMs));
  await world.feed(world.history);
  await world.feed(world.model);
}

function createSamples(group: string, seed: number): Sample[] {
  const duration = new Distribution({ valuesMax: seed % 3 === 0 ? 4 : 64 });
  const clients = new Distinct();
  for (let each = 0; each < seed % 7; each++) {
    duration.add(((seed * (each + 1)) % 997) / 1000);
    clients.add(`client ${(seed * (each + 3)) % 61}`);
  }
  return [
    count("requests", seed % 97, { group }),
    gauge("load", (seed % 53) / 4, { group }),
    { kind: "distribution", name: "duration", labels: { group }, value: duration },
    { kind: "distinct", name: "clients", labels: { group }, value: clients },
  ];
}

function createTop(seed: number): TopSample {
  const value = new Top(50);
  value.add(`/page/${seed % 17}`, (seed % 5) + 1);
  value.add("/", 2);
  return { name: "paths", labels: {}, value };
}

async function compare(
  { metric, aggregate, by, group, agoMs, lengthMs, stepMs }: ValueOf<typeof aQuery>,
  world: World,
): Promise<void> {
  const from = world.now - agoMs;
  const matchers = group === undefined ? [] : [{ label: "group", op: "=" as const, value: group }];
  const selection = { metric, matchers, from, to: from + lengthMs };
  const aggregation: Aggregation = {
    by,
    aggregate: metric === "clients" ? "distinct" : aggregate,
    quantiles: [0, 0.5, 0.99],
  };
  await both(world, (history) => history.query({ ...selection, ...aggregation, stepMs }));
  await both(world, (history) => history.queryInstant({ ...selection, ...aggregation }));
}

/** Everything in one step, and everything in the finest ones. */
async function compareAll(world: World): Promise<void> {
  const range = { from: world.now - 50 * hour, to: world.now + hour };
  const all: readonly (readonly [string, Aggregate])[] = [
    ["requests", "sum"],
    ["load", "avg"],
    ["load", "max"],
    ["duration", "quantile"],
    ["duration", "count"],
    ["clients", "distinct"],
  ];
  for (const [metric, aggregate] of all) {
    const query = { metric, aggregate, quantiles: [0.5], by: ["source", "group"], ...range };
    await both(world, (history) => history.query({ ...query, stepMs: 10 * second }));
    await both(world, (history) => history.query({ ...query, stepMs: day }));
    await both(world, (history) => history.queryInstant(query));
  }
  await compareTops({ metric: "paths", ...range }, world);
  const [ours, theirs] = [await world.history.series(range), await world.model.series(range)];
  assert.deepEqual(toSorted(ours), toSorted(theirs));
}

async function compareTops(selection: Selection, world: World): Promise<void> {
  const ours = await world.history.queryTops(selection, 100);
  const theirs = await world.model.queryTops(selection, 100);
  const byKey = ({ entries }: typeof ours): unknown =>
    entries.map(({ key, count: times }) => `${times} ${key}`).toSorted();
  assert.deepEqual({ ...ours, entries: byKey(ours) }, { ...theirs, entries: byKey(theirs) });
}

function toSorted(series: readonly unknown[]): readonly string[] {
  return series.map((one) => JSON.stringify(one, Object.keys(Object(one)).toSorted())).toSorted();
}

/** Both answer the same, or refuse alike. */
async function both(world: World, ask: (history: History) => Promise<QueryResult>): Promise<void> {
  const [ours, theirs] = await Promise.allSettled([ask(world.history), ask(world.model)]);
  if (ours.status === "rejected" || theirs.status === "rejected") {
    assert.equal(nameOf(ours), nameOf(theirs));
    return;
  }
  assert.deepEqual(toRounded(ours.value), toRounded(theirs.value));
}

function nameOf(settled: PromiseSettledResult<unknown>): string {
  return settled.status === "rejected" ? String(settled.reason) : "an answer";
}

/** Sums of doubles depend on their order in the last digits. */
function toRounded({ spans, series }: QueryResult): unknown {
  const rounded = series.map(({ points, ...rest }) => ({
    ...rest,
    points: points.map(([at, value]) => [at, Number(value.toPrecision(12))]),
  }));
  return { spans, rounded };
}
