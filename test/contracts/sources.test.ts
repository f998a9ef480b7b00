// Runs over every source: what is promised in its definition is what happens.
import assert from "node:assert/strict";
import { globSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { z } from "zod";
import type {
  ContinuousSource,
  ExpectedSample,
  MetricDefinition,
  Observation,
  Source,
  SourceContext,
  SourceExample,
} from "../../src/core/component.ts";
import type { Labels, Sample } from "../../src/core/sample.ts";
import { parseDuration } from "../../src/core/units.ts";
import { sources } from "../../src/sources/index.ts";
import { createWorld } from "../world.ts";

const folder = path.join(import.meta.dirname, "../../src/sources");

test("every file in src/sources is in the list, in order of names", () => {
  const names = globSync("*.ts", { cwd: folder })
    .map((file) => path.basename(file, ".ts"))
    .filter((name) => name !== "index" && !name.endsWith(".test") && !name.startsWith("_"));
  assert.deepEqual(
    sources.map(({ name }) => name),
    names.toSorted(),
  );
});

for (const source of sources) {
  test(`${source.name}: the form is complete`, () => {
    assert.match(source.summary, /^[A-Z][a-z]+s .+\.$/, "the summary starts with a verb");
    assert.ok((parseDuration(source.every) ?? 0) > 0);
    const described = describedIn(z.toJSONSchema(source.options, { io: "input" }));
    assert.deepEqual(described.missing, []);
    for (const [name, { help }] of Object.entries(source.metrics)) {
      assert.match(name, /^[a-z][a-z0-9_]*$/);
      assert.match(help, /^.+\.$/);
    }
  });

  for (const example of source.examples) {
    test(`${source.name}: ${example.title}`, async () => {
      const observations = await runExample(source, example);
      assert.deepEqual(
        observations.map(({ samples }) => samples.map(toExpected)),
        example.expect.map((samples) => samples.map(roundExpected)),
      );
      for (const observation of observations) {
        checkObservation(source, observation);
      }
    });
  }

  if ("follow" in source) {
    test(`${source.name}: ends promptly when its signal is aborted`, async () => {
      await checkAbort(source);
    });
  }
}

/** As many observations as the example expects. */
async function runExample(
  source: Source,
  example: SourceExample<z.ZodObject>,
): Promise<Observation[]> {
  const world = createWorld(example.given);
  const options = source.options.parse(example.options);
  const stop = new AbortController();
  const everyMs = parseDuration(source.every) ?? 0;
  const context = world.context({ signal: stop.signal, everyMs });
  const observations: Observation[] = [];
  try {
    if ("observe" in source) {
      observations.push(await source.observe(options, context));
    } else {
      for await (const observation of source.follow(options, context)) {
        observations.push(observation);
        if (observations.length >= example.expect.length) {
          break;
        }
      }
    }
  } finally {
    stop.abort();
  }
  return observations;
}

/** Whatever it is doing when the signal is aborted, it has ended before the clock moves on. */
async function checkAbort(source: ContinuousSource): Promise<void> {
  const [example] = source.examples;
  const world = createWorld(example.given);
  const stop = new AbortController();
  const context: SourceContext = world.context({ signal: stop.signal, everyMs: 10_000 });
  const options = source.options.parse(example.options);
  const iterator = source.follow(options, context)[Symbol.asyncIterator]();
  await iterator.next();
  const pending = iterator.next();
  stop.abort();
  const abortedAt = world.now();
  await pending.catch((error: unknown) => {
    assert.equal(error, stop.signal.reason);
  });
  assert.equal(world.now(), abortedAt);
}

function checkObservation(source: Source, observation: Observation): void {
  assert.ok(observation.from < observation.to, "the window is not empty");
  assert.doesNotThrow(() => structuredClone(observation.position));
  for (const { name, kind, labels } of observation.samples) {
    checkMetric(source.metrics[name], { name, kind, labels });
  }
  for (const { name, labels } of observation.tops ?? []) {
    checkMetric(source.metrics[name], { name, kind: "top", labels });
  }
  for (const { text } of observation.events ?? []) {
    assert.match(text, /\.$/);
  }
}

interface Yielded {
  readonly name: string;
  readonly kind: MetricDefinition["kind"];
  readonly labels: Labels;
}

function checkMetric(metric: MetricDefinition | undefined, { name, kind, labels }: Yielded): void {
  assert.ok(metric !== undefined, `${name} is not in the catalogue`);
  assert.equal(kind, metric.kind, `${name} is of another kind than its entry in the catalogue`);
  for (const label of Object.keys(labels)) {
    assert.ok(metric.labels?.includes(label), `${name} may not carry the label ${label}`);
  }
}

function toExpected({ kind, name, labels, value }: Sample): ExpectedSample {
  if (kind === "distribution") {
    return roundExpected({ name, labels, value: { count: value.count, sum: value.sum } });
  }
  return roundExpected({ name, labels, value: kind === "distinct" ? value.count : value });
}

function roundExpected({ name, labels = {}, value }: ExpectedSample): ExpectedSample {
  const rounded =
    typeof value === "number" ? round(value) : { count: value.count, sum: round(value.sum) };
  return { name, labels, value: rounded };
}

function round(value: number): number {
  return Number(value.toPrecision(9));
}

/** Paths of properties without a description, in objects at any depth. */
function describedIn(schema: unknown, at = ""): { missing: string[] } {
  if (typeof schema !== "object" || schema === null) {
    return { missing: [] };
  }
  const missing: string[] = [];
  if ("properties" in schema && typeof schema.properties === "object") {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      const hasText =
        typeof property === "object" && property !== null && "description" in property;
      missing.push(
        ...(hasText ? [] : [`${at}.${key}`]),
        ...describedIn(property, `${at}.${key}`).missing,
      );
    }
  }
  if ("items" in schema) {
    missing.push(...describedIn(schema.items, `${at}[]`).missing);
  }
  return { missing };
}
