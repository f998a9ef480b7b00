// The names are those that the plugins of elfstats-munin 1.0.3 print.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ask, openMunin, spoolfetch, toBatch, valuesOf } from "../../test/munin-node.ts";
import type { MuninGraph } from "../../test/munin-text.ts";
import { type FakeWorld, createWorld } from "../../test/world.ts";
import { Distribution } from "../core/distribution.ts";
import { type Sample, count, gauge } from "../core/sample.ts";

const never = new AbortController().signal;

function toSamples(): readonly Sample[] {
  const durations = new Distribution();
  [0.01, 0.02, 0.03, 0.04].forEach((seconds) => durations.add(seconds));
  const name = "http_request_duration_seconds";
  return [
    count("http_requests_total", 3, { group: "Svc/call.one", status: "200" }),
    count("http_requests_total", 1, { group: "Svc/call.one", status: "503" }),
    count("http_slow_requests_total", 1, { group: "Svc/call.one" }),
    { kind: "distribution", name, labels: { group: "Svc/call.one" }, value: durations },
    count("http_requests_total", 2, { group: "Svc/other", status: "404" }),
    count("http_requests_total", 5, { group: "static", status: "200" }),
    count("http_requests_total", 7, { group: "(ungrouped)", status: "200" }),
    count("log_lines_total", 18, { outcome: "parsed" }),
    count("log_lines_total", 2, { outcome: "unparsed" }),
    count("log_lines_total", 1, { outcome: "too_long" }),
    count("log_matches_total", 4, { pattern: "uid" }),
    gauge("log_matches_distinct", 2, { pattern: "uid" }),
    count("http_response_bytes_total", 100, { group: "static" }),
  ];
}

async function draw(
  world: FakeWorld,
  primary: string | undefined,
): Promise<ReadonlyMap<string, MuninGraph>> {
  await using output = await openMunin(world, { primary });
  await output.write(
    [1, 2].map((n) => toBatch("shop", n, toSamples())),
    never,
  );
  return spoolfetch(world, 0);
}

suite("the graphs of elfstats-munin", () => {
  test("are called as they were", async () => {
    const graphs = await draw(createWorld(), "shop");
    assert.deepEqual(
      [...graphs].map(([name, { values }]) => `${name}: ${[...values.keys()].join(" ")}`),
      [
        "elfstats_svc_total_calls: callone other",
        "elfstats_svc_stalled_calls: callone other",
        "elfstats_static_total_calls: nogroup",
        "elfstats_ungrouped_total_calls: ungrouped",
        "elfstats_svc_callone: min avg max p50 p90 p99",
        "elfstats_svc_response_total: callone",
        "elfstats_svc_response_avg: callone",
        "elfstats_response_codes_2XX: _00",
        "elfstats_response_codes_4XX: _04",
        "elfstats_response_codes_5XX: _03",
        "elfstats_total_records: error skipped",
        "elfstats_patterns_uid: total distinct",
        "shop_http_response_bytes_total: static",
      ],
    );
    const { attributes } = graphs.get("elfstats_svc_total_calls") ?? assert.fail();
    assert.deepEqual(Object.fromEntries(attributes), {
      title: "elfstats - number of calls for SVC methods",
      category: "elfstats_calls",
      vlabel: "Number of calls in 5 min",
      info: "Method group SVC",
      args: "--base 1000",
    });
  });

  test("count what happens in five minutes, and time in milliseconds", async () => {
    const graphs = await draw(createWorld(), "shop");
    const first = (graph: string, field: string): unknown => {
      const values = valuesOf(graphs, graph, field);
      return Array.isArray(values) ? values[0] : undefined;
    };
    assert.deepEqual(first("elfstats_svc_total_calls", "callone"), [10, "120"]);
    assert.deepEqual(first("elfstats_svc_stalled_calls", "callone"), [10, "30"]);
    assert.deepEqual(first("elfstats_svc_stalled_calls", "other"), [10, "U"]);
    assert.deepEqual(first("elfstats_svc_callone", "avg"), [10, "25"]);
    assert.deepEqual(first("elfstats_svc_callone", "p50"), [10, "20"]);
    assert.deepEqual(first("elfstats_svc_callone", "max"), [10, "40"]);
    assert.deepEqual(first("elfstats_svc_response_total", "callone"), [10, "3000"]);
    assert.deepEqual(first("elfstats_response_codes_2XX", "_00"), [10, "450"]);
    assert.deepEqual(first("elfstats_total_records", "error"), [10, "90"]);
    assert.deepEqual(first("elfstats_total_records", "skipped"), [10, "0"]);
    assert.deepEqual(first("elfstats_patterns_uid", "total"), [10, "120"]);
    assert.deepEqual(first("elfstats_patterns_uid", "distinct"), [10, "2"]);
  });

  test("of another log end in its name", async () => {
    const graphs = await draw(createWorld(), undefined);
    assert.equal(
      graphs.get("elfstats_svc_total_calls_shop")?.attributes.get("title"),
      "elfstats - number of calls for SVC methods - shop",
    );
  });

  test("say that there is no data when there is none", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    await output.write([], never);
    assert.equal(
      await ask(world, "config elfstatsm_response_times"),
      [
        "multigraph elfstats_response_times_no_data",
        "graph_title Response times - no data available",
        "graph_category elfstats_resp_times",
        "graph_info No data",
        ".",
        "",
      ].join("\n"),
    );
    assert.match(await ask(world, "spoolfetch 0"), /^multigraph watchpost_no_data\n/);
  });
});
