import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import type { OpenOutput, OutputContext } from "../core/component.ts";
import { Distribution } from "../core/distribution.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import { Top } from "../core/top.ts";
import { haproxyExampleBatch } from "./_haproxy-example-batch.ts";
import { gelf } from "./gelf.ts";

const never = new AbortController().signal;
const udp = "udp://g.example:12201";

function open(context: OutputContext, given: object = {}): Promise<OpenOutput> {
  return gelf.open(gelf.options.parse({ host: "g.example", ...given }), context);
}

async function encode(
  batches: readonly Batch[],
  given: object = {},
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const world = createWorld();
  await using output = await open(world.context(), given);
  await output.write(batches, never);
  return (world.sent[udp] ?? []).map((text) => JSON.parse(text));
}

/** A field for each label of a set, and for each metric with these labels. */
function countFields(samples: readonly Sample[]): number {
  const sets = new Map<string, { labels: number; names: Set<string> }>();
  for (const { name, labels, value } of samples) {
    const entries = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
    if (Number.isFinite(value)) {
      const key = JSON.stringify(entries);
      const set = sets.get(key) ?? { labels: entries.length, names: new Set() };
      sets.set(key, set);
      set.names.add(name);
    }
  }
  return [...sets.values()].reduce((sum, { labels, names }) => sum + labels + names.size, 0);
}

suite("a GELF message", () => {
  const anyText = fc.oneof(
    fc.constantFrom("id", "source", "a b", "a/b", "_id", "__proto__", "a_total", "level", ""),
    fc.string({ unit: "binary", maxLength: 6 }),
  );
  const anySample = fc.record({
    name: anyText,
    labels: fc.dictionary(anyText, fc.string({ unit: "binary", maxLength: 5 }), { maxKeys: 4 }),
    value: fc.double(),
    isCount: fc.boolean(),
  });

  test("is legal and complete whatever names and values come", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySample, { maxLength: 6 }), async (all) => {
        const samples = all.map(({ name, labels, value, isCount }) =>
          isCount ? count(name, value, labels) : gauge(name, value, labels),
        );
        const messages = await encode([toBatch("s", 1, samples)]);
        let fields = 0;
        for (const { version, host, short_message: short, timestamp, level, ...rest } of messages) {
          assert.deepEqual([version, host, timestamp, level], ["1.1", "s", 1, 6]);
          assert.match(String(short), /^s: .*\S/);
          const { _facility: facility, _window_seconds: seconds, ...own } = rest;
          assert.deepEqual([facility, seconds], ["watchpost", 1]);
          for (const [key, value] of Object.entries(own)) {
            assert.match(key, /^_[\w.-]*$/);
            assert.doesNotMatch(key, /^_(?:id|source|level)$/);
            assert.match(typeof value, /^(?:string|number)$/);
          }
          fields += Object.keys(own).length;
        }
        assert.equal(fields, countFields(samples), "nothing hides behind a name that is taken");
      }),
      { numRuns: 300 },
    );
  });

  test("a field is either for texts or for numbers, and whole numbers stay apart from others", async () => {
    const world = createWorld();
    await using output = await open(world.context());
    const samples = [
      gauge("time", 1, { zone: "a" }),
      gauge("load_average", 2, { zone: "a", time: "noon", load_average: "high" }),
      count("n_total", 3, { zone: "a" }),
    ];
    await output.write([toBatch("s", 1, samples)], never);
    const [first, second] = world.sent[udp] ?? [];
    assert.match(first ?? "", /"_zone":"a","_metric_time":1\.0,"_n_total":3\}$/);
    assert.match(
      second ?? "",
      /"_zone":"a","_time":"noon","_label_load_average":"high","_load_average":2\.0\}$/,
    );
  });

  test("an empty distribution is its count alone; what is not finite is left out", async () => {
    const empty: Sample = {
      kind: "distribution",
      name: "d_seconds",
      labels: {},
      value: new Distribution(),
    };
    const samples = [empty, gauge("g_a", Number.NaN), gauge("g_b", Infinity, { k: "v" })];
    const [message, ...rest] = await encode([toBatch("s", 1, samples)]);
    assert.deepEqual(rest, []);
    const keys = Object.keys(message ?? {}).filter((key) => key.startsWith("_d_"));
    assert.deepEqual(keys, ["_d_seconds_count", "_d_seconds_sum"]);
  });

  test("events and tops are messages that people can read", async () => {
    const top = new Top(10);
    top.add("/cart", 7);
    top.add("/", 9);
    const batch = {
      ...toBatch("lb", 1, []),
      service: "shop",
      tops: [{ name: "paths", labels: { group: "api" }, value: top }],
      events: [
        { at: 1500, name: "server_down", labels: { server: "a" }, text: "Server a is down." },
        { at: 1600, name: "trace", labels: {}, text: `first\nsecond ${"x".repeat(5_000)}` },
      ],
    };
    const [paths, down, trace] = await encode([batch], { chunkSize: 8192 });
    assert.equal(paths?.["short_message"], "lb: paths / 9, /cart 7");
    assert.equal(paths?.["full_message"], "9 /\n7 /cart");
    assert.deepEqual([paths?.["_top"], paths?.["_top_total"]], ["paths", 16]);
    assert.deepEqual(down, {
      version: "1.1",
      host: "lb",
      short_message: "Server a is down.",
      timestamp: 1.5,
      level: 5,
      _facility: "watchpost",
      _service: "shop",
      _event: "server_down",
      _server: "a",
    });
    assert.match(String(trace?.["short_message"]), /^first second x+$/);
    assert.equal(String(trace?.["full_message"]).length, 5_013);
  });
});

suite("messages of HAProxy's backends", () => {
  test("are the bytes that haproxysessionmon sent", async () => {
    const world = createWorld();
    await using output = await open(world.context(), { facility: "é" });
    const samples = haproxyExampleBatch.samples.map((sample) => ({
      ...sample,
      labels: { ...sample.labels, proxy: 'a"é\u{1F600}\u007f' },
    }));
    await output.write([{ ...haproxyExampleBatch, to: 5000, samples }], never);
    assert.deepEqual(world.sent[udp], [
      '{"version": "1.1", "host": "lb-1", "short_message": "3 concurrent requests measured for backend \\"a\\"\\u00e9\\ud83d\\ude00\u007f\\"", "timestamp": 5.0, "level": 6, "_facility": "\\u00e9", "_sessions": 3, "_backend": "a\\"\\u00e9\\ud83d\\ude00\u007f", "_queued_sessions": 2, "_active_backends": 1, "_http_4xx": 11, "_http_5xx": 12}',
    ]);
  });

  test("count on, and once however often a write is tried", async () => {
    const [down, up] = [createWorld(), createWorld({ listeners: { "g.example:12201": {} } })];
    let current = down;
    const context = down.context();
    const connect: typeof context.network.connect = (...args) =>
      current.context().network.connect(...args);
    const network = { ...context.network, connect };
    await using output = await open({ ...context, network }, { transport: "tcp" });
    await assert.rejects(output.write([haproxyExampleBatch], never), /ECONNREFUSED/);
    current = up;
    await output.write([haproxyExampleBatch], never);
    await output.write([haproxyExampleBatch, haproxyExampleBatch], never);
    const text = (up.sent["tcp://g.example:12201"] ?? []).join("");
    assert.deepEqual(text.match(/"_http_4xx": \d+/g), [
      '"_http_4xx": 11',
      '"_http_4xx": 22',
      '"_http_4xx": 33',
    ]);
  });

  test("are what is sent of HAProxy, unless all is wanted", async () => {
    const events = [{ at: 0, name: "haproxy_down", labels: {}, text: "Down." }];
    const batch = { ...haproxyExampleBatch, samples: [gauge("haproxy_up", 0)], events };
    assert.deepEqual(
      (await encode([batch])).map(({ short_message: text }) => text),
      ["Down."],
    );
    const all = await encode([haproxyExampleBatch], { haproxy: "all" });
    assert.deepEqual(
      all.map(({ _proxy: proxy, _kind: kind, _code: code }) => [proxy, kind, code]),
      [
        ["web", "frontend", undefined],
        ["app", "backend", undefined],
        ["app", "backend", "4xx"],
        ["app", "backend", "5xx"],
      ],
    );
  });
});

test("options that exclude each other are refused", () => {
  for (const given of [
    { transport: "tcp", compression: "gzip" },
    { transport: "udp", tls: {} },
    { transport: "tls", authorization: { env: "A" } },
    { transport: "tls", tls: { key: "/k.pem" } },
    { chunkSize: 100 },
  ]) {
    assert.equal(gelf.options.safeParse({ host: "g", ...given }).success, false);
  }
});
