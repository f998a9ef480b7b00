import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toBatch } from "../../test/engine-fixtures.ts";
import { type PrometheusFamily, parsePrometheusText } from "../../test/prometheus-text.ts";
import { type ContextExtras, createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import type { RouteReply } from "../core/component.ts";
import { Distribution } from "../core/distribution.ts";
import { type Labels, type Sample, count, gauge } from "../core/sample.ts";
import { prometheus } from "./prometheus.ts";

const never = new AbortController().signal;

/** `toBatch` makes windows that end here. */
const windowEnd = "1970-01-01T00:00:01Z";

interface Asked {
  readonly accept?: string;
  readonly seriesMax?: number;
  readonly metrics?: ContextExtras["metrics"];
  /** How long after the windows. */
  readonly laterMs?: number;
}

async function ask(batches: readonly Batch[], asked: Asked = {}): Promise<RouteReply> {
  const { accept = "", seriesMax = 1000, metrics, laterMs = 0 } = asked;
  const world = createWorld({ now: windowEnd });
  const options = { path: "/metrics", seriesMax, silentIntervals: 3 };
  await using output = await prometheus.open(options, world.context({ metrics }));
  await output.write(batches, never);
  world.advance(laterMs);
  const reply = await output.routes?.[0]?.handle({ accept });
  assert.ok(reply !== undefined);
  return reply;
}

async function scrape(
  batches: readonly Batch[],
  asked: Asked = {},
): Promise<ReadonlyMap<string, PrometheusFamily>> {
  const { headers, body } = await ask(batches, asked);
  assert.equal(headers["content-type"], "text/plain; version=0.0.4; charset=utf-8");
  return parsePrometheusText(Buffer.from(body).toString());
}

function toDistribution(name: string, labels: Labels, values: readonly number[]): Sample {
  const value = new Distribution();
  values.forEach((each) => value.add(each));
  return { kind: "distribution", name, labels, value };
}

function digestOf(name: string): string {
  return hash("sha256", name).slice(0, 8);
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
    assert.deepEqual(linesOf(families, "a_b"), [{ source: "t", value: 5 }]);
    assert.deepEqual(linesOf(families, `a_b_${digestOf("a.b")}`), [{ source: "s", value: 1 }]);
    assert.equal(families.has("h"), false);
    assert.equal(families.get("h_sum")?.type, "counter");
    assert.deepEqual(linesOf(families, "watchpost_page_hidden_series"), [{ value: 1 }]);
  });

  test("values that are cut stay different", async () => {
    const users = ["a", "b"].map((end) => gauge("g", 1, { user: `${"x".repeat(600)}${end}` }));
    const families = await scrape([toBatch("s", 1, users)]);
    const values = families.get("g")?.samples.map(({ labels: { user = "" } }) => user) ?? [];
    assert.equal(new Set(values).size, 2);
    assert.ok(values.every((value) => value.startsWith("xxx") && value.length < 530));
  });

  test("says what a metric means", async () => {
    const metrics = { g: { kind: "gauge", help: 'A "back\\slash"\nand more.' } } as const;
    const { body } = await ask([toBatch("s", 1)], { metrics });
    assert.ok(
      body.toString().startsWith('# HELP g A "back\\\\slash"\\nand more.\n# TYPE g gauge\n'),
    );
    assert.ok(parsePrometheusText(body.toString()).has("g"));
  });

  test("a source that has fallen silent leaves its counters only", async () => {
    const minute = { from: -59_000, to: 1000 };
    const batches = ["slow", "fast"].map((source) => ({
      ...toBatch(source, 1, [gauge("g", 1), count("n_total", 2)]),
      ...(source === "slow" && minute),
    }));
    const gaugesAfter = async (laterMs: number): Promise<unknown> =>
      linesOf(await scrape(batches, { laterMs }), "g");
    const [slow, fast] = [
      { source: "slow", value: 1 },
      { source: "fast", value: 1 },
    ];
    assert.deepEqual(await gaugesAfter(60_000), [slow, fast]);
    assert.deepEqual(await gaugesAfter(61_000), [slow]);
    assert.deepEqual(await gaugesAfter(180_000), [slow]);
    assert.deepEqual(await gaugesAfter(181_000), undefined);
    const counters = linesOf(await scrape(batches, { laterMs: 1e9 }), "n_total");
    assert.deepEqual(counters, [
      { source: "slow", value: 2 },
      { source: "fast", value: 2 },
    ]);
  });

  test("is OpenMetrics for who asks for that", async () => {
    const samples = [count("n_total", 1), gauge("n", 2), count("sent_bytes_total", 3)];
    const { headers, body } = await ask(
      [
        toBatch("s", 1, [
          ...samples,
          count("odd", 4),
          toDistribution("t_seconds", {}, [0.3]),
          toDistribution("size_bytes", {}, [1e6]),
        ]),
      ],
      { accept: "application/openmetrics-text;version=1.0.0,*/*;q=0.1" },
    );
    const type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert.equal(headers["content-type"], type);
    const lines = body.toString().split("\n");
    assert.deepEqual(lines.slice(0, 9), [
      "# TYPE n_total unknown",
      'n_total{source="s"} 1',
      "# TYPE n gauge",
      'n{source="s"} 2',
      "# TYPE sent_bytes counter",
      "# UNIT sent_bytes bytes",
      'sent_bytes_total{source="s"} 3',
      "# TYPE odd unknown",
      'odd{source="s"} 4',
    ]);
    assert.ok(lines.includes('t_seconds_bucket{source="s",le="0.25"} 0'));
    assert.ok(lines.includes('t_seconds_bucket{source="s",le="1.0"} 1'));
    assert.ok(lines.includes('t_seconds_bucket{source="s",le="0.0009765625"} 0'));
    assert.ok(lines.includes('size_bytes_bucket{source="s",le="1.048576e+06"} 1'));
    assert.deepEqual(lines.slice(-2), ["# EOF", ""]);
  });

  test("is protobuf for who asks for that", async () => {
    const { headers, body } = await ask([toBatch("s", 1, [gauge("g", 1)])], {
      accept:
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
    });
    assert.match(headers["content-type"] ?? "", /^application\/vnd\.google\.protobuf; proto=/);
    // A family of 27 bytes: its name, no help, its type, and one metric with one label and one gauge.
    const metric = Buffer.from("220f0a0b0a06736f75726365120173", "hex");
    assert.ok(Buffer.from(body).includes(metric.subarray(2)), Buffer.from(body).toString("hex"));
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
    const families = await scrape([toBatch("s", 1, samples)], { seriesMax: 2 });
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
