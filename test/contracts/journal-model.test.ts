// Random operations on a journal, against an array that says what should come of them.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { encodeBatch } from "../../src/core/batch-codec.ts";
import type { Append, Claim, Cursor, Gap, Journal } from "../../src/journal/journal.ts";
import { batch, bytes, journalAdapters, nextPlace, sequence } from "./_journal-adapters.ts";

type ValueOf<Arbitrary> = Arbitrary extends fc.Arbitrary<infer Value> ? Value : never;

const anAppend = fc.record({
  source: fc.constantFrom("a", "bb", "ccc"),
  /** Where the batches begin, counted from the one that is due: below 0 a repetition, above a hole. */
  offset: fc.constantFrom(-2, -1, 0, 0, 0, 0, 1),
  length: fc.nat(3),
  /** Which of the source's claims, counted from the newest. */
  claimAge: fc.constantFrom(0, 0, 0, 0, 1),
});
type PlannedAppend = ValueOf<typeof anAppend>;

const aRead = fc.record({
  place: fc.nat(),
  batchesMax: fc.integer({ min: 1, max: 6 }),
  bytesMax: fc.nat(400),
});

const aStep = fc.oneof(
  { weight: 2, arbitrary: fc.tuple(fc.constant("claim"), fc.constantFrom("a", "bb", "ccc")) },
  { weight: 8, arbitrary: fc.tuple(fc.constant("append"), fc.array(anAppend, { maxLength: 4 })) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("read"), aRead) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant("trim"),
      fc.record({ ageMs: fc.nat(300), sizeBytes: fc.nat(1500) }),
    ),
  },
  { weight: 1, arbitrary: fc.tuple(fc.constant("seek"), fc.nat(300)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("pass"), fc.integer({ min: -50, max: 100 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("reopen"), fc.constant(undefined)) },
);
type Step = ValueOf<typeof aStep>;

for (const adapter of journalAdapters) {
  suite(`journal, against a model: ${adapter.name}`, () => {
    test("does what an array would", async () => {
      const property = fc.asyncProperty(
        fc.array(aStep, { maxLength: 60, size: "max" }),
        async (steps) => {
          const model = new Model();
          const place = nextPlace();
          let journal = adapter.open(() => model.now, place);
          model.learn(journal.start(), 0);
          for (const step of steps) {
            if (step[0] === "reopen" && adapter.isDurable) {
              await journal[Symbol.asyncDispose]();
              journal = adapter.open(() => model.now, place);
            }
            await take(step, journal, model);
            await compareStatus(journal, model);
          }
          await journal[Symbol.asyncDispose]();
        },
      );
      await fc.assert(property, { numRuns: 100 });
    });
  });
}

interface Row {
  readonly name: string;
  readonly at: number;
  readonly sizeBytes: number;
}

/** All batches that were ever appended, of which the first `trimmed` are gone. */
class Model {
  now = 1_000_000;
  rows: readonly Row[] = [];
  trimmed = 0;
  readonly claims = new Map<string, Claim[]>();
  readonly committed = new Map<string, { readonly seq: number; readonly position: Uint8Array }>();
  /** Every cursor that was seen, with the number of batches before it. */
  readonly places: (readonly [Cursor, number])[] = [];

  get kept(): readonly Row[] {
    return this.rows.slice(this.trimmed);
  }

  learn(cursor: Cursor, number: number): void {
    this.places.push([cursor, number]);
  }

  seq(source: string): number {
    return this.committed.get(source)?.seq ?? 0;
  }

  /** What comes of an append: true when it is accepted, else the name of the error. */
  append({ source, claimAge }: PlannedAppend, { batches, position }: Append): boolean | string {
    if (claimAge > 0) {
      return "StaleWriter";
    }
    const seq = this.seq(source);
    const [first, last] = [batches[0]?.seq ?? 1, batches.at(-1)?.seq ?? 0];
    if (first > seq + 1 || first < 1) {
      return "Permanent";
    }
    const at = Math.max(this.now, this.rows.at(-1)?.at ?? 0);
    for (const each of batches.filter((one) => one.seq > seq)) {
      const row = { name: `${source}${each.seq}`, at, sizeBytes: encodeBatch(each).length };
      this.rows = [...this.rows, row];
    }
    if (last > seq || batches.length === 0) {
      this.committed.set(source, { seq: Math.max(last, seq), position: position ?? bytes() });
    }
    return true;
  }
}

async function take([kind, value]: Step, journal: Journal, model: Model): Promise<void> {
  switch (kind) {
    case "claim":
      return claim(value, journal, model);
    case "append":
      return appendTogether(value, journal, model);
    case "read":
      return read(value, journal, model);
    case "trim":
      return trim(value, journal, model);
    case "seek":
      return seek(model.now - value, journal, model);
    case "pass":
      model.now += value;
      return undefined;
    case "reopen":
      return undefined;
  }
}

async function claim(source: string, journal: Journal, model: Model): Promise<void> {
  const made = await journal.claim(source);
  const { seq = 0, position } = model.committed.get(source) ?? {};
  assert.deepEqual([made.seq, made.position], [seq, position]);
  model.claims.set(source, [made, ...(model.claims.get(source) ?? [])]);
}

async function appendTogether(
  planned: readonly PlannedAppend[],
  journal: Journal,
  model: Model,
): Promise<void> {
  const expected: (boolean | string)[] = [];
  const outcomes = planned.map((plan) => {
    const [source, made] = [plan.source, model.claims.get(plan.source)?.at(plan.claimAge)];
    if (made === undefined) {
      return undefined;
    }
    const first = model.seq(source) + 1 + plan.offset;
    const batches = Array.from({ length: plan.length }, (_, index) => batch(source, first + index));
    const append = { claim: made, batches, position: bytes(expected.length, plan.length) };
    expected.push(model.append(plan, append));
    return journal.append(append);
  });
  const settled = await Promise.allSettled(outcomes.filter((outcome) => outcome !== undefined));
  assert.deepEqual(
    settled.map((one) => one.status === "fulfilled" || String(one.reason?.name)),
    expected,
  );
  model.learn(journal.head(), model.rows.length);
}

async function read(
  { place, batchesMax, bytesMax }: ValueOf<typeof aRead>,
  journal: Journal,
  model: Model,
): Promise<void> {
  const [cursor, number] = model.places[place % model.places.length] ?? [journal.start(), 0];
  const missed = model.trimmed - number;
  const expected: string[] = [];
  let sizeBytes = 0;
  for (const row of model.rows.slice(Math.max(number, model.trimmed)).slice(0, batchesMax)) {
    sizeBytes += row.sizeBytes;
    if (sizeBytes > bytesMax && expected.length > 0) {
      break;
    }
    expected.push(row.name);
  }
  const gaps: Gap[] = missed > 0 ? [{ reason: "retention", batches: missed }] : [];
  const slice = await journal.read(cursor, { batchesMax, bytesMax });
  assert.deepEqual(sequence(slice), expected);
  assert.deepEqual(slice.gaps, gaps);
  const before = Math.max(number, model.trimmed);
  for (const [index, { next }] of slice.entries.entries()) {
    model.learn(next, before + index + 1);
  }
  assert.equal(slice.next, slice.entries.at(-1)?.next ?? slice.next);
  assert.equal(journal.lag(slice.next).batches, model.rows.length - before - expected.length);
}

async function trim(
  retention: { readonly ageMs: number; readonly sizeBytes: number },
  journal: Journal,
  model: Model,
): Promise<void> {
  const before = model.trimmed;
  const total = (): number => model.kept.reduce((sum, row) => sum + row.sizeBytes, 0);
  const isTooOld = (): boolean => (model.kept[0]?.at ?? Infinity) < model.now - retention.ageMs;
  while (isTooOld() || total() > retention.sizeBytes) {
    model.trimmed++;
  }
  assert.equal(await journal.trim(retention), model.trimmed - before);
}

async function seek(at: number, journal: Journal, model: Model): Promise<void> {
  const place = await journal.seek(at);
  const found = model.kept.findIndex((row) => row.at >= at);
  const number = found === -1 ? model.rows.length : model.trimmed + found;
  assert.equal(journal.lag(place).batches, model.rows.length - number);
  model.learn(place, number);
}

async function compareStatus(journal: Journal, model: Model): Promise<void> {
  const { batches, sizeBytes, oldestAt, newestAt } = await journal.status();
  assert.deepEqual(
    { batches, sizeBytes, oldestAt, newestAt },
    {
      batches: model.kept.length,
      sizeBytes: model.kept.reduce((sum, row) => sum + row.sizeBytes, 0),
      oldestAt: model.kept[0]?.at,
      newestAt: model.kept.at(-1)?.at,
    },
  );
}
