import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import type { OpenOutput, OutputContext } from "../core/component.ts";
import { Distribution } from "../core/distribution.ts";
import { RetryLater } from "../core/errors.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import { prtg } from "./prtg.ts";

const never = new AbortController().signal;
const probe = "http://probe.example:5050";

interface Shown {
  readonly prtg: {
    readonly error?: string;
    readonly text: string;
    readonly result: readonly Readonly<Record<string, string>>[];
  };
}

function open(context: OutputContext, given: object = {}): Promise<OpenOutput> {
  return prtg.open(prtg.options.parse({ url: probe, ...given }), context);
}

/** What each of the pages shows. */
async function serve(output: OpenOutput): Promise<Readonly<Record<string, Shown["prtg"]>>> {
  const pages: Record<string, Shown["prtg"]> = {};
  for (const route of output.routes ?? []) {
    const { body } = await route.handle({ accept: "" });
    const shown: Shown = JSON.parse(String(body));
    pages[route.path] = shown.prtg;
  }
  return pages;
}

/** By token: what the probe answers; 200 when nothing is said. What is sent is kept by token. */
function createProbe(statuses: ReadonlyMap<string, number>): {
  readonly context: OutputContext;
  readonly pushed: ReadonlyMap<string, readonly Shown["prtg"][]>;
  readonly reports: readonly (string | undefined)[];
} {
  const world = createWorld();
  const pushed = new Map<string, Shown["prtg"][]>();
  const context: OutputContext = {
    ...world.context(),
    async fetch(url, { body }) {
      const token = url.slice(probe.length + 1);
      const status = statuses.get(token) ?? 200;
      if (status === 200) {
        const shown: Shown = JSON.parse(typeof body === "string" ? body : "");
        pushed.set(token, [...(pushed.get(token) ?? []), shown.prtg]);
      }
      return new Response("no", { status, headers: { "retry-after": "3" } });
    },
  };
  return { context, pushed, reports: world.reports };
}

function toSamples(times: number): readonly Sample[] {
  return Array.from({ length: times }, (_, i) => gauge("g", i, { k: String(i) }));
}

suite("PRTG's channels", () => {
  test("all of them are in every push; counts as totals, values that are gone as they were", async () => {
    const { context, pushed } = createProbe(new Map());
    await using output = await open(context);
    await output.write([toBatch("s", 1, [count("n_total", 2), gauge("g_a", 7.25)])], never);
    await output.write([toBatch("s", 2, [count("n_total", 3)])], never);
    const [, last] = pushed.get("watchpost-s") ?? [];
    assert.deepEqual(last?.result, [
      { channel: "n_total", value: "5", unit: "Count", mode: "Difference", speedtime: "Second" },
      { channel: "g_a", value: "7.25", unit: "Count", float: "1" },
    ]);
    assert.match(last?.text ?? "", /; not measured then: g_a$/);
  });

  test("are at most fifty a sensor, and stay in theirs over a restart", async () => {
    const { context, pushed } = createProbe(new Map());
    await using first = await open(context);
    await first.write([toBatch("s", 1, toSamples(120))], never);
    const state = first.state?.();
    await using second = await open({ ...context, state });
    await second.write([toBatch("s", 2, toSamples(121).toReversed())], never);
    const sizes = ["", "-2", "-3"].map((part) => {
      const [before, after] = pushed.get(`watchpost-s${part}`) ?? [];
      const names = [before, after].map((shown) => shown?.result.map(({ channel }) => channel));
      assert.deepEqual(names[1]?.slice(0, names[0]?.length), names[0]);
      return names[1]?.length;
    });
    assert.deepEqual(sizes, [50, 50, 21]);
  });

  test("beyond the limit are left out, and that is said", async () => {
    const { context, pushed, reports } = createProbe(new Map());
    await using output = await open(context, { channelsMax: 10 });
    await output.write([toBatch("s", 1, toSamples(12))], never);
    assert.equal(pushed.get("watchpost-s")?.[0]?.result.length, 10);
    assert.match(reports.at(-1) ?? "", /^2 samples had no room in 10 channels/);
  });

  test("go to the first sensor that takes them, with the source where there may be several", async () => {
    const { context, pushed } = createProbe(new Map());
    const sensors = { lb: { sources: "lb-1" }, totals: { metrics: ["*_total"] } };
    await using output = await open(context, { sensors, token: "rest" });
    const samples = [count("n_total", 1), gauge("g_a", 1)];
    await output.write([toBatch("lb-1", 1, samples), toBatch("shop", 1, samples)], never);
    const names = [...pushed].map(([token, [shown]]) => [
      token,
      shown?.result.map(({ channel }) => channel),
    ]);
    assert.deepEqual(names, [
      ["lb", ["n_total", "g_a"]],
      ["totals", ["shop n_total"]],
      ["rest", ["shop g_a"]],
    ]);
  });

  test("have PRTG's units, and numbers without exponents", async () => {
    const { context, pushed } = createProbe(new Map());
    await using output = await open(context);
    const value = new Distribution();
    value.add(0.012);
    const samples: Sample[] = [
      { kind: "distribution", name: "http_request_duration_seconds", labels: {}, value },
      gauge("check_certificate_expiry_seconds", 1e21),
      gauge("x_ratio", 0.5),
      gauge("x_bytes", 1.5e20),
      count("x_bytes_total", 10),
      count("cpu_seconds_total", 0.25),
      gauge("tiny", 1e-9),
    ];
    await output.write([toBatch("s", 1, samples)], never);
    const shown = pushed.get("watchpost-s")?.[0]?.result ?? [];
    assert.deepEqual(
      shown.slice(2).map(({ value: text, unit }) => [text, unit]),
      [
        ["12", "TimeResponse"],
        ["1000000000000000000000", "TimeSeconds"],
        ["50", "Percent"],
        ["150000000000000000000", "BytesFile"],
        ["10", "BytesBandwidth"],
        ["0.25", "TimeSeconds"],
        ["0", "Count"],
      ],
    );
  });
});

suite("a push to PRTG", () => {
  test("that is refused keeps no other sensor from being sent, and is named until it works", async () => {
    const statuses = new Map([["watchpost-a", 404]]);
    const { context, pushed, reports } = createProbe(statuses);
    await using output = await open(context);
    await output.write([toBatch("a", 1), toBatch("b", 1)], never);
    assert.deepEqual([...pushed.keys()], ["watchpost-b"]);
    assert.match(reports.at(-1) ?? "", /answers 404: no for the sensor watchpost-a; add a sensor/);
    statuses.clear();
    await output.write([toBatch("a", 2)], never);
    assert.deepEqual([pushed.get("watchpost-a")?.length, reports.at(-1)], [1, undefined]);
  });

  test("that fails is tried again and counts nothing twice", async () => {
    const statuses = new Map([["watchpost-b", 503]]);
    const { context, pushed } = createProbe(statuses);
    await using output = await open(context);
    const batches = ["a", "b"].map((source) => toBatch(source, 1, [count("n_total", 2)]));
    await assert.rejects(
      output.write(batches, never),
      (error) => error instanceof RetryLater && error.afterMs === 3000,
    );
    statuses.clear();
    await output.write(batches, never);
    assert.deepEqual(
      [...pushed.values()].map((shown) => shown.at(-1)?.result[0]?.["value"]),
      ["2", "2"],
    );
  });
});

suite("a page for PRTG", () => {
  test("appears with its first measurement, and says when nothing comes any more", async () => {
    const world = createWorld({ now: "2026-11-20T16:00:00Z" });
    await using output = await open(world.context(), { mode: "pull", staleAfter: "1m" });
    assert.deepEqual(await serve(output), {});
    const batch = { ...toBatch("s", 1), from: world.now() - 1000, to: world.now() };
    await output.write([batch], never);
    const { "/prtg/watchpost-s.json": fresh } = await serve(output);
    assert.equal(fresh?.result[0]?.["value"], "1");
    world.advance(61_000);
    const { "/prtg/watchpost-s.json": stale } = await serve(output);
    assert.deepEqual(stale, {
      error: "1",
      text: "nothing was measured since 2026-11-20T16:00:00.000Z",
    });
  });
});
