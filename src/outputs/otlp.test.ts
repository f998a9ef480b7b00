import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gunzipSync } from "node:zlib";
import * as fc from "fast-check";
import {
  type OtlpDataPoint,
  type OtlpHistogramPoint,
  type OtlpMetric,
  readLogsRequest,
  readMetricsJson,
  readMetricsRequest,
  toPartialSuccess,
} from "../../test/otlp-messages.ts";
import { refuse, toWindow } from "../../test/remote-write-receiver.ts";
import { createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import type { OpenOutput } from "../core/component.ts";
import { Distribution } from "../core/distribution.ts";
import { RetryLater } from "../core/errors.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import { otlp } from "./otlp.ts";

const never = new AbortController().signal;

interface Request {
  readonly path: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

interface Collector {
  readonly requests: readonly Request[];
  /** Of the requests that were answered with 2xx, the metrics. */
  readonly metrics: readonly OtlpMetric[];
  readonly reports: readonly (string | undefined)[];
  refused(): number;
  open(given?: object, remembered?: object): Promise<OpenOutput>;
}

function createCollector(answer: () => Response | undefined = () => undefined): Collector {
  const world = createWorld();
  const requests: Request[] = [];
  const metrics: OtlpMetric[] = [];
  return {
    requests,
    metrics,
    reports: world.reports,
    refused: () => world.refused(),
    open: (given = {}, remembered = {}) => {
      const options = { url: "http://collector.example:4318/", ...given };
      return otlp.open(otlp.options.parse(options), {
        ...world.context({
          metrics: { n_total: { kind: "count", help: "How many." } },
          ...remembered,
        }),
        fetch: async (url, init) => {
          assert.ok(typeof init.body === "string" || init.body instanceof Uint8Array);
          const headers = new Headers(init.headers);
          const sent = Buffer.from(init.body);
          const body = headers.get("content-encoding") === "gzip" ? gunzipSync(sent) : sent;
          const path = new URL(url).pathname;
          requests.push({ path, headers, body });
          const response = answer() ?? new Response(null, { status: 200 });
          if (response.ok && path === "/v1/metrics") {
            metrics.push(...toMetrics({ path, headers, body }));
          }
          return response;
        },
      });
    },
  };
}

function toMetrics({ headers, body }: Request): readonly OtlpMetric[] {
  const isJson = headers.get("content-type") === "application/json";
  const { resourceMetrics } = isJson ? readMetricsJson(body.toString()) : readMetricsRequest(body);
  return resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap((each) => each.metrics),
  );
}

function pointsOf(metric: OtlpMetric): readonly OtlpDataPoint[] {
  return (metric.sum ?? metric.gauge ?? metric.exponentialHistogram)?.dataPoints ?? [];
}

/** "name start-end value", in seconds; `ended` for a point without a value. */
function toText(metrics: readonly OtlpMetric[]): readonly string[] {
  return metrics.flatMap((metric) =>
    pointsOf(metric).map(({ startTimeUnixNano: start, timeUnixNano: end, asDouble, flags }) => {
      const value = flags === 1 ? "ended" : asDouble;
      return `${metric.name} ${Number(start) / 1e9}-${Number(end) / 1e9} ${value}`;
    }),
  );
}

function spread(values: readonly number[]): Distribution {
  const distribution = new Distribution({ valuesMax: 3 });
  values.forEach((value) => distribution.add(value));
  return distribution;
}

suite("otlp: what is sent, read by the official definitions", () => {
  const sample = fc.record({
    name: fc.constantFrom("n_total", "t_seconds", "x.y"),
    labels: fc.dictionary(
      fc.string({ unit: "grapheme" }),
      fc.string({ unit: "binary", maxLength: 5 }),
      { maxKeys: 3 },
    ),
    values: fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { maxLength: 8 }),
    kind: fc.constantFrom("gauge", "count", "distribution"),
  });

  function toSample({
    kind,
    name,
    labels,
    values,
  }: typeof sample extends fc.Arbitrary<infer T> ? T : never): Sample {
    if (kind === "distribution") {
      return { kind, name, labels, value: spread(values) };
    }
    const value = values[0] ?? Infinity;
    return kind === "gauge" ? gauge(name, value, labels) : count(name, Math.abs(value), labels);
  }

  test("is the same in protobuf and in JSON", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(sample, { maxLength: 6 }), { maxLength: 3 }),
        fc.constantFrom("delta", "cumulative"),
        async (all, temporality) => {
          const batches = all.map((samples, i) => toWindow(i + 1, samples.map(toSample)));
          const [inProtobuf, inJson] = await Promise.all(
            ["protobuf", "json"].map(async (encoding) => {
              const collector = createCollector();
              await using output = await collector.open({ encoding, temporality });
              await output.write(batches, never);
              return collector.metrics;
            }),
          );
          assert.deepEqual(inProtobuf, inJson);
        },
      ),
    );
  });

  test("each value is in the bucket where OpenTelemetry looks for it", async () => {
    const value = fc.oneof(
      fc.double({ noNaN: true, min: -1e6, max: 1e6 }),
      // At the bounds of buckets, which belong to the lower one.
      fc.integer({ min: -20, max: 20 }).map((power) => 2 ** power),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 30 }), async (values) => {
        const collector = createCollector();
        await using output = await collector.open({ temporality: "delta" });
        const distribution: Sample = {
          kind: "distribution",
          name: "d",
          labels: {},
          value: spread(values),
        };
        await output.write([toWindow(1, [distribution])], never);
        const [point] = collector.metrics[0]?.exponentialHistogram?.dataPoints ?? [];
        assert.ok(point !== undefined);
        checkBuckets(point, values);
      }),
    );
  });

  test("says what a metric means, in which unit, and where it is from", async () => {
    const collector = createCollector();
    await using output = await collector.open({ attributes: { "host.name": "lb-1" } });
    const batch = toWindow(1, [count("n_total", 1), gauge("sent_bytes", NaN)]);
    await output.write([{ ...batch, service: "web" }], never);
    const [request] = collector.requests;
    assert.ok(request !== undefined);
    assert.equal(request.path, "/v1/metrics");
    assert.equal(request.headers.get("content-type"), "application/x-protobuf");
    const [resource] = readMetricsRequest(request.body).resourceMetrics;
    assert.deepEqual(
      resource?.resource.attributes.map(({ key, value }) => [key, value.stringValue]),
      [
        ["service.name", "web"],
        ["service.instance.id", "s"],
        ["host.name", "lb-1"],
      ],
    );
    const [requests, bytes] = collector.metrics;
    assert.equal(requests?.description, "How many.");
    assert.equal(requests?.sum?.isMonotonic, true);
    assert.equal(requests?.sum?.aggregationTemporality, "AGGREGATION_TEMPORALITY_CUMULATIVE");
    assert.equal(bytes?.unit, "By");
    assert.ok(Number.isNaN(bytes?.gauge?.dataPoints[0]?.asDouble));
  });

  test("events are log records for who wants them", async () => {
    const events = [{ at: 1500, name: "server_down", labels: { server: "a" }, text: "a is down." }];
    const collector = createCollector();
    await using output = await collector.open({ logs: true });
    await output.write([toWindow(1, [], { events })], never);
    const request = collector.requests.find(({ path }) => path === "/v1/logs");
    const [record] =
      readLogsRequest(request?.body ?? Buffer.alloc(0)).resourceLogs[0]?.scopeLogs[0]?.logRecords ??
      [];
    assert.equal(record?.timeUnixNano, "1500000000");
    assert.equal(record?.severityNumber, "SEVERITY_NUMBER_INFO");
    assert.equal(record?.body.stringValue, "a is down.");
    assert.equal(record?.eventName, "server_down");
    assert.deepEqual(record?.attributes[0]?.value.stringValue, "a");
  });
});

/** Each value is in the bucket of which it is at most the upper bound, and above the lower one. */
function checkBuckets(point: OtlpHistogramPoint, values: readonly number[]): void {
  const expected = { positive: new Map<number, number>(), negative: new Map<number, number>() };
  const base = 2 ** -point.scale;
  for (const value of values.filter((each) => each !== 0)) {
    const side = expected[value > 0 ? "positive" : "negative"];
    const exact = Math.log2(Math.abs(value)) / base;
    // Beside a bound, the logarithm of a double says nothing: powers of two alone are bounds that are doubles.
    const index = Number.isInteger(Math.log2(Math.abs(value))) ? exact - 1 : Math.ceil(exact) - 1;
    side.set(index, (side.get(index) ?? 0) + 1);
  }
  for (const side of ["positive", "negative"] as const) {
    const { offset = 0, bucketCounts = [] } = point[side] ?? {};
    const found = bucketCounts
      .map((each, i) => [offset + i, Number(each)] as const)
      .filter(([, times]) => times > 0);
    const wanted = [...expected[side]].toSorted(([a], [b]) => a - b);
    assert.deepEqual(found, wanted);
  }
  assert.equal(Number(point.zeroCount), values.filter((each) => each === 0).length);
  assert.equal(Number(point.count), values.length);
  assert.deepEqual([point.min, point.max], [Math.min(...values), Math.max(...values)]);
}

suite("otlp: temporality", () => {
  const batches = [toWindow(1, [count("n", 1), gauge("g", 5)]), toWindow(2, [count("n", 2)])];

  test("cumulative sums keep their start, and what ended says so", async () => {
    const collector = createCollector();
    await using output = await collector.open();
    await output.write(batches, never);
    assert.deepEqual(toText(collector.metrics), ["n 1-2 1", "g 0-2 5", "n 1-3 3", "g 0-3 ended"]);
  });

  test("after a restart they go on, and without a state they begin anew with another start", async () => {
    const collector = createCollector();
    const first = await collector.open();
    await first.write(batches, never);
    const next = [toWindow(3, [count("n", 3)])];
    const remembered = { state: first.state?.(), progress: first.progress?.() };
    for (const each of [remembered, {}]) {
      await using output = await collector.open({}, each);
      await output.write(next, never);
    }
    assert.deepEqual(toText(collector.metrics).slice(-2), ["n 1-4 6", "n 3-4 3"]);
  });

  test("deltas are of their window, late ones too", async () => {
    const collector = createCollector();
    await using output = await collector.open({ temporality: "delta" });
    const late = toWindow(3, [count("n", 4)], { from: 0, to: 1000, backfill: true });
    await output.write([...batches, late, toWindow(4, [count("n", NaN), count("n", -1)])], never);
    assert.deepEqual(toText(collector.metrics), ["n 1-2 1", "g 0-2 5", "n 2-3 2", "n 0-1 4"]);
    assert.equal(collector.refused(), 2);
    assert.match(collector.reports.at(-1) ?? "", /a count is no number/);
    assert.ok(!("state" in output));
  });

  test("a state that is older than the progress counts again, and sends nothing again", async () => {
    const collector = createCollector();
    const first = await collector.open();
    await first.write(batches.slice(0, 1), never);
    const state = first.state?.();
    await first.write(batches.slice(1), never);
    const second = await collector.open({}, { state, progress: first.progress?.() });
    await second.write([...batches.slice(1), toWindow(3, [count("n", 4)])], never);
    assert.deepEqual(toText(collector.metrics).slice(4), ["n 1-4 7"]);
  });
});

suite("otlp: what is refused", () => {
  const window = [toWindow(1, [count("n", 1)])];

  for (const status of [429, 502, 503, 504, 401, 404]) {
    test(`with ${status} is tried again`, async () => {
      const collector = createCollector(() => refuse(status, "", { "retry-after": "3" }));
      await using output = await collector.open();
      await assert.rejects(output.write(window, never), (error) => {
        assert.ok(error instanceof RetryLater);
        return error.afterMs === 3000;
      });
      assert.equal(output.state?.(), undefined);
    });
  }

  for (const status of [400, 408, 413, 500, 501]) {
    test(`with ${status} is left out, counted and said`, async () => {
      let answers = 0;
      const collector = createCollector(() => (answers++ === 0 ? refuse(status) : undefined));
      await using output = await collector.open();
      await output.write(window, never);
      assert.equal(collector.refused(), 1);
      assert.match(collector.reports.at(-1) ?? "", new RegExp(`answers ${status}.*left out`));
      await output.write([toWindow(2, [count("n", 1)])], never);
      assert.deepEqual(toText(collector.metrics), ["n 1-3 2"], "the total has it all the same");
      assert.equal(collector.reports.at(-1), undefined);
    });
  }

  const json = '{"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"too old"}}';
  for (const [type, body] of [
    ["application/json", json],
    ["application/x-protobuf", new Uint8Array(toPartialSuccess(2, "too old"))],
  ] as const) {
    test(`in part, as ${type} says it, is not sent again`, async () => {
      const headers = { "content-type": type };
      const collector = createCollector(() => new Response(body, { headers }));
      await using output = await collector.open();
      await output.write([toWindow(1, [count("a", 1), count("b", 1), count("c", 1)])], never);
      assert.equal(collector.requests.length, 1);
      assert.equal(collector.refused(), 2);
      assert.match(collector.reports.at(-1) ?? "", /took a part: too old/);
    });
  }

  test("an answer that cannot be read says nothing", async () => {
    for (const [type, body] of [
      ["application/json", "{"],
      ["application/json", ""],
      ["application/x-protobuf", Uint8Array.of(10, 200)],
      ["text/html", "<html>"],
    ] as const) {
      const collector = createCollector(
        () => new Response(body, { headers: { "content-type": type } }),
      );
      await using output = await collector.open();
      await output.write(window, never);
      assert.deepEqual([collector.refused(), collector.reports], [0, []]);
    }
  });

  test("what was taken is not sent again when a later request fails", async () => {
    let answers = 0;
    const collector = createCollector(() => (++answers === 2 ? refuse(503) : undefined));
    await using output = await collector.open({ temporality: "delta" });
    const samples = Array.from({ length: 1500 }, (_, i) => count(`n${i}`, 1));
    const windows = [1, 2, 3].map((seq): Batch => toWindow(seq, samples));
    await assert.rejects(output.write(windows, never));
    await output.write([...windows, toWindow(4, samples)], never);
    const texts = toText(collector.metrics);
    assert.equal(texts.length, 6000);
    assert.equal(new Set(texts).size, 6000);
  });
});
