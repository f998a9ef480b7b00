import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toBatch } from "../../test/engine-fixtures.ts";
import { type PrometheusFamily, parsePrometheusText } from "../../test/prometheus-text.ts";
import { createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import { Distribution } from "../core/distribution.ts";
import { type Labels, type Sample, count, gauge } from "../core/sample.ts";
import { prometheus } from "./prometheus.ts";

const never = new AbortController().signal;

async function scrape(
  batches: readonly Batch[],
  seriesMax = 1000,
): Promise<ReadonlyMap<string, PrometheusFamily>> {
  await using output = await prometheus.open(
    { path: "/metrics", seriesMax },
    createWorld().context(),
  );
  await output.write(batches, never);
  const reply = await output.routes?.[0]?.handle({ accept: "" });
  assert.equal(reply?.headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  return parsePrometheusText(Buffer.from(reply.body).toString());
}

function toDistribution(name: string, labels: Labels, values: readonly number[]): Sample {
  const value = new Distribution();
  values.forEach((each) => value.add(each));
  return { kind: "distribution", name, labels, value };
}

/** The lines of a family as `label="value" … value`. */
function linesOf(families: ReadonlyMap<string, PrometheusFamily>, name: string): unknown {
  return families.get(name)?.samples.map(({ labels, value }) => ({ ...labels, value }));
}

suite("the Prometheus page", () => {
  test("escapes values and makes names legal", async () => {
    const labels = { 'quo"te': 'a\\b"c\nd', "1st": "é\u{1F600}" };
    const families = await scrape([toBatch("s", 1, [gauge("load-average.1m", 1.5, labels)])]);
    assert.deepEqual(linesOf(families, "load_average_1m"), [
      { source: "s", quo_te: 'a\\b"c\nd', _1st: "é\u{1F600}", value: 1.5 },
    ]);
  });

  test("a label called as one of ours is served under another name", async () => {
    const labels = { source: "x", service: "y", le: "z", exported_source: "w" };
    const families = await scrape([toBatch("s", 1, [gauge("g", 1, labels)])]);
    assert.deepEqual(linesOf(families, "g"), [
      {
        source: "s",
        exported_source: "x",
        exported_service: "y",
        exported_le: "z",
        exported_exported_source: "w",
        value: 1,
      },
    ]);
  });

  test("of what would be the same, the first is served", async () => {
    const families = await scrape([
      toBatch("s", 1, [gauge("a.b", 1), gauge("a_b", 2), gauge("a.b", 3, { "x-y": "1" })]),
      toBatch("t", 1, [count("a_b", 4), gauge("a_b", 5)]),
      toBatch("s", 2, [gauge("a.b", 1), count("h_sum", 1), toDistribution("h", {}, [1])]),
    ]);
    assert.deepEqual(linesOf(families, "a_b"), [
      { source: "s", value: 1 },
      { source: "t", value: 5 },
    ]);
    assert.equal(families.has("h"), false);
    assert.equal(families.get("h_sum")?.type, "counter");
  });

  test("the families stand together whatever the order in which sources report", async () => {
    const batches = [1, 2, 3].flatMap((seq) =>
      ["a", "b"].map((source) =>
        toBatch(source, seq, [count("n_total", 1), toDistribution("t_seconds", {}, [0.1, 3])]),
      ),
    );
    const families = await scrape(batches);
    assert.deepEqual(linesOf(families, "n_total"), [
      { source: "a", value: 3 },
      { source: "b", value: 3 },
    ]);
  });

  test("what has no room is counted", async () => {
    const samples = [count("a_total", 1), count("b_total", 1), count("c_total", 1)];
    const families = await scrape([toBatch("s", 1, samples)], 2);
    assert.equal(families.has("c_total"), false);
    assert.deepEqual(linesOf(families, "watchpost_page_refused_samples_total"), [{ value: 1 }]);
  });

  test("a check that is unknown is absent", async () => {
    const families = await scrape([
      toBatch("home", 1, [gauge("check_up", 1), count("check_unknown_total", 0)]),
      toBatch("home", 2, [count("check_unknown_total", 1)]),
    ]);
    assert.equal(families.has("check_up"), false);
    assert.deepEqual(linesOf(families, "check_unknown_total"), [{ source: "home", value: 1 }]);
  });

  test("values at the edge are written as Prometheus reads them", async () => {
    const values = [Infinity, -Infinity, NaN, 1e21, 5e-324, -0];
    const samples = values.map((value, i) => gauge(`g${i}`, value));
    const families = await scrape([toBatch("s", 1, samples)]);
    assert.deepEqual(
      values.map((_, i) => families.get(`g${i}`)?.samples[0]?.value),
      [Infinity, -Infinity, NaN, 1e21, 5e-324, 0],
    );
  });

  const anyText = fc.oneof(
    fc.constantFrom(
      "a",
      "a.b",
      "a_b",
      "le",
      "source",
      "service",
      "exported_le",
      "",
      "__name__",
      "h",
    ),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const sample = fc.record({
    name: fc.oneof(anyText, fc.constantFrom("h_sum", "h_count", "h_bucket", "x_seconds")),
    labels: fc.dictionary(anyText, fc.string({ unit: "binary", maxLength: 5 }), { maxKeys: 4 }),
    values: fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { maxLength: 5 }),
    kind: fc.constantFrom("gauge", "count", "distribution"),
  });

  test("is a legal page whatever foreign names and labels come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(sample, { maxLength: 8 }), { maxLength: 5 }),
        async (all) => {
          const batches = all.map((samples, i) => {
            const converted = samples.map(({ kind, name, labels, values }) => {
              if (kind === "distribution") {
                return toDistribution(name, labels, values);
              }
              const value = values[0] ?? 0;
              return kind === "gauge"
                ? gauge(name, value, labels)
                : count(name, Math.abs(value), labels);
            });
            return toBatch(i % 2 === 0 ? "s" : 'q"\\\n', i, converted);
          });
          await scrape(batches);
        },
      ),
      { numRuns: 300 },
    );
  });
});
