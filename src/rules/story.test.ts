// Short ways to write down what a source saw, for the tests of this folder and of the replay contract.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { z } from "zod";
import { type Batch, ownSource } from "../core/batch.ts";
import { Distinct } from "../core/distinct.ts";
import { Distribution } from "../core/distribution.ts";
import { count, gauge, type Labels, type Sample } from "../core/sample.ts";
import type { Cursor, Gap, Slice } from "../journal/journal.ts";
import type { Incident } from "./incident.ts";
import { type RuleConfig, ruleOptions } from "./rule-options.ts";
import { openRules } from "./rules.ts";

export type RuleInput = z.input<typeof ruleOptions>;

/** A batch of "shop" over the second that ends at `to` (milliseconds), unless something else is said. */
export function batchAt(to: number, samples: readonly Sample[], other: Partial<Batch> = {}): Batch {
  return {
    source: "shop",
    service: "",
    seq: 1,
    from: to - 1000,
    to,
    samples,
    tops: [],
    events: [],
    more: false,
    partial: false,
    backfill: false,
    ...other,
  };
}

/** The gauge `queue` second after second, starting with the one that ends at 1; undefined: a batch without the sample. */
export function gauges(...values: (number | undefined)[]): Batch[] {
  return values.map((value, index) =>
    batchAt((index + 1) * 1000, value === undefined ? [] : [gauge("queue", value)]),
  );
}

/** As `gauges`, with the count `hits`. */
export function counts(...values: (number | undefined)[]): Batch[] {
  return values.map((value, index) =>
    batchAt((index + 1) * 1000, value === undefined ? [] : [count("hits", value)]),
  );
}

export function tickAt(to: number): Batch {
  return batchAt(to, [], { source: ownSource });
}

export function distribution(name: string, values: readonly number[], labels: Labels = {}): Sample {
  const value = new Distribution();
  for (const each of values) {
    value.add(each);
  }
  return { kind: "distribution", name, labels, value };
}

export function distinct(name: string, keys: readonly string[], labels: Labels = {}): Sample {
  const value = new Distinct();
  for (const key of keys) {
    value.add(key);
  }
  return { kind: "distinct", name, labels, value };
}

/** A cursor is opaque to its readers: any text will do. */
export function cursorAt(number: number): Cursor {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the brand has no other way in
  return `story:${number}` as Cursor;
}

/** The batches from number `first` on. */
export function sliceOf(batches: readonly Batch[], first = 0, gaps: readonly Gap[] = []): Slice {
  const entries = batches.map((batch, index) => ({ batch, next: cursorAt(first + index + 1) }));
  return { entries, next: cursorAt(first + batches.length), gaps };
}

export function parseRules(rules: Readonly<Record<string, RuleInput>>): Record<string, RuleConfig> {
  return Object.fromEntries(
    Object.entries(rules).map(([id, rule]) => [id, ruleOptions.parse(rule)]),
  );
}

/** The incidents of one rule over these batches, oldest first. */
export async function judgeAll(
  rule: RuleInput,
  batches: readonly Batch[],
): Promise<readonly Incident[]> {
  await using rules = await openRules({ rules: parseRules({ rule }), file: ":memory:" });
  await rules.consume(sliceOf(batches));
  return rules.incidents({ state: "all", limit: 1_000_000 }).toReversed();
}

/** When each incident opened and cleared, in seconds: "2-5", "9-". */
export function spans(incidents: readonly Incident[]): string[] {
  return incidents.map(({ openedAt, clearedAt }) => {
    const end = clearedAt === undefined ? "" : clearedAt / 1000;
    return `${openedAt / 1000}-${end}`;
  });
}

test("a slice leads from batch to batch", () => {
  const { entries, next } = sliceOf([tickAt(1), tickAt(2)], 5);
  assert.deepEqual(
    entries.map((entry) => entry.next),
    [cursorAt(6), cursorAt(7)],
  );
  assert.equal(next, cursorAt(7));
});
