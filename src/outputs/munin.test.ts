import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import {
  ask,
  noonS,
  openForPeers,
  openMunin,
  spoolfetch,
  toBatch,
  valuesOf,
} from "../../test/munin-node.ts";
import { createWorld } from "../../test/world.ts";
import { Distribution } from "../core/distribution.ts";
import { type Labels, type Sample, count, gauge } from "../core/sample.ts";
import { munin } from "./munin.ts";

const never = new AbortController().signal;

suite("a Munin node", () => {
  test("answers what it does not know as munin-node does, and ends with the connection or with quit", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    await output.write(
      [1, 2].map((n) => toBatch("s", n, [gauge("g", n)])),
      never,
    );
    assert.equal(
      await ask(
        world,
        "help",
        "",
        "CONFIG nothing\r",
        "fetch",
        "list some.host",
        "nodes",
        "quit",
        "nodes",
      ),
      [
        "# Unknown command. Try cap, list, nodes, config, fetch, version or quit",
        "# Unknown command. Try cap, list, nodes, config, fetch, version or quit",
        "# Unknown service",
        ".",
        "# Unknown service",
        ".",
        "",
        "watchpost",
        ".",
        "",
      ].join("\n"),
    );
    assert.equal(await ask(world, "version"), "munins node on watchpost version: watchpost\n");
    assert.equal(
      await ask(world, "cap multigraph", "list any"),
      "cap multigraph dirtyconfig spool\nwatchpost_s\n",
    );
    assert.equal(
      await ask(world, "x".repeat(5000)),
      "# Unknown command. Try cap, list, nodes, config, fetch, version or quit\n",
    );
  });

  test("gives up on a line that does not end", async () => {
    const { talk } = await openForPeers();
    const greeting = "# munin node at watchpost\n";
    assert.equal(await talk("127.0.0.1", "x".repeat(5000), "\nnodes\n"), greeting);
    assert.equal(
      await talk("127.0.0.1", "nod", "es\nqu", "it\nnodes\n"),
      `${greeting}watchpost\n.\n`,
    );
  });

  test("says nothing to strangers", async () => {
    assert.equal(await told("127.0.0.1", ["192.0.2.7"]), true);
    assert.equal(await told("192.0.2.7", ["192.0.2.7"]), true);
    assert.equal(await told("192.0.2.8", ["192.0.2.7"]), false);
    assert.equal(await told("192.0.2.8", ["192.0.2.0/24"]), true);
    assert.equal(await told("2001:db8::9", ["192.0.2.0/24", "2001:db8::/32"]), true);
    assert.equal(await told("2001:db9::9", ["192.0.2.0/24", "2001:db8::/32"]), false);
    assert.equal(await told("", ["192.0.2.0/24"]), false);
  });

  test("does not listen to the world without a list of who may ask", () => {
    const { error } = munin.options.safeParse({ listen: "0.0.0.0:4949" });
    assert.match(error?.issues[0]?.message ?? "", /list the masters/);
    for (const wrong of ["192.0.2.0/33", "master.example", "::/129", "1.2.3.4/"]) {
      assert.equal(munin.options.safeParse({ allow: [wrong] }).success, false, wrong);
    }
  });

  test("counts are per second, gauges as they are, of distributions three percentiles", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    const value = new Distribution();
    [1, 2, 3].forEach((each) => value.add(each));
    const samples = (n: number): Sample[] => [
      count("sent_bytes_total", n * 10, { to: "a b" }),
      gauge("level", -n / 3),
      ...(n === 2 ? [] : [{ kind: "distribution", name: "t_seconds", labels: {}, value } as const]),
    ];
    await output.write(
      [1, 2, 3].map((n) => toBatch("s", n, n === 3 ? [] : samples(n))),
      never,
    );
    const graphs = await spoolfetch(world, 0);
    assert.deepEqual(valuesOf(graphs, "s_sent_bytes_total", "a_b"), [
      [10, "1"],
      [20, "2"],
      [30, "0"],
    ]);
    assert.deepEqual(valuesOf(graphs, "s_level"), [
      [10, "-0.333333333333"],
      [20, "-0.666666666667"],
      [30, "U"],
    ]);
    assert.deepEqual(valuesOf(graphs, "s_t_seconds", "p50"), [
      [10, "2"],
      [20, "U"],
      [30, "U"],
    ]);
    assert.equal(graphs.get("s_sent_bytes_total")?.attributes.get("vlabel"), "bytes per second");
  });

  test("a graph has at most a hundred lines, and says how many more there are", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    const samples = Array.from({ length: 103 }, (_, i) => gauge("g", i, { of: `${i}` }));
    await output.write(
      [1, 2].map((n) => toBatch("s", n, samples)),
      never,
    );
    const graph = (await spoolfetch(world, 0)).get("s_g");
    assert.equal(graph?.values.size, 100);
    assert.match(graph?.attributes.get("info") ?? "", /3 more lines are left out/);
  });

  test("short windows become points of ten seconds, and a window of several batches one", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    const start = noonS * 1000;
    const short = Array.from({ length: 25 }, (_, i) =>
      toBatch("short", i + 1, [count("n_total", 1), gauge("g", i)], {
        from: start + 4000 + i * 1000,
        to: start + 5000 + i * 1000,
      }),
    );
    const split = [1, 2].flatMap((n) => [
      toBatch("split", n, [count("n_total", 10)], { more: true }),
      toBatch("split", n, [count("n_total", 20)]),
    ]);
    await output.write([...short, ...split], never);
    const graphs = await spoolfetch(world, 0);
    // The first six seconds count for ten, as an RRD that begins there takes them.
    assert.deepEqual(valuesOf(graphs, "short_n_total"), [
      [10, "0.6"],
      [20, "1"],
    ]);
    assert.deepEqual(valuesOf(graphs, "short_g"), [
      [10, "5"],
      [20, "15"],
    ]);
    assert.deepEqual(valuesOf(graphs, "split_n_total"), [
      [10, "3"],
      [20, "3"],
    ]);
  });

  test("a graph's step is its source's interval, and the master's own where nothing else is wanted", async () => {
    assert.deepEqual(await steps(undefined, 10), [undefined, undefined]);
    assert.deepEqual(await steps("10s", 10), ["10", "custom 1d, 1m for 1w, 5m for 1t, 1h for 1y"]);
    assert.deepEqual(await steps("10s", 60), ["60", "custom 1w, 5m for 1t, 1h for 1y"]);
    assert.deepEqual(await steps(undefined, 600), ["600", "custom 1w, 1h for 1y"]);
    assert.deepEqual(await steps(undefined, 7200), ["7200", "custom 1y"]);
  });
});

/** Whether a peer with this address gets an answer. */
async function told(peer: string, allow: readonly string[]): Promise<boolean> {
  const { talk } = await openForPeers({ listen: "0.0.0.0:4949", allow: [...allow] });
  return (await talk(peer, "nodes\n")) !== "";
}

/** How a source with this interval is drawn. */
async function steps(resolution: string | undefined, everyS: number): Promise<unknown> {
  const world = createWorld();
  await using output = await openMunin(world, resolution === undefined ? {} : { resolution });
  const windows = [1, 2, 3].map((n) => {
    const to = (noonS + n * everyS) * 1000;
    return toBatch("s", n, [gauge("g", n)], { from: to - everyS * 1000, to });
  });
  await output.write(windows, never);
  const attributes = (await spoolfetch(world, 0)).get("s_g")?.bare;
  return [attributes?.get("update_rate"), attributes?.get("graph_data_size")];
}

test("whatever names come, every line is one that a master takes, and no two graphs or lines are one", async () => {
  const text = fc.oneof(
    fc.constantFrom(
      "a",
      "a.b",
      "a_b",
      "",
      "root",
      "multigraph",
      "1",
      "# timeout",
      "x\ny.value 3",
      "a/b",
      "(x)",
    ),
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.string({ minLength: 300, maxLength: 310 }),
  );
  const name = fc.oneof(
    text,
    fc.constantFrom("http_requests_total", "http_slow_requests_total", "log_lines_total"),
  );
  const labels = fc.oneof(
    fc.dictionary(text, text, { maxKeys: 3 }),
    fc.record({ group: text, status: text, outcome: text }),
  );
  const sample = fc.record({ name, labels, isCount: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(sample, { minLength: 1, maxLength: 20 }),
      text,
      async (samples, service) => {
        const world = createWorld();
        await using output = await openMunin(world, { primary: "s" });
        const converted = samples.map((each) => toSample(each));
        const batches = ["s", "s-1", "s_1"].flatMap((source) =>
          [1, 2].map((n) => toBatch(source, n, converted, { service })),
        );
        await output.write(batches, never);
        const graphs = await spoolfetch(world, 0);
        assert.ok(graphs.size > 0);
        for (const { values } of graphs.values()) {
          assert.ok([...values.values()].every((points) => points.length === 2));
        }
      },
    ),
    { numRuns: 200 },
  );
});

function toSample({
  name,
  labels,
  isCount,
}: {
  name: string;
  labels: Labels;
  isCount: boolean;
}): Sample {
  return isCount ? count(name, 3, labels) : gauge(name, 3, labels);
}
