import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import type { OutputContext } from "../core/component.ts";
import { Permanent, RetryLater } from "../core/errors.ts";
import { gauge } from "../core/sample.ts";
import { Secret } from "../core/secret.ts";
import { toInfluxLines } from "./_influx-lines.ts";
import { influx } from "./influx.ts";

const never = new AbortController().signal;
const given = { url: "http://i:8086/", database: "d", compression: "none" } as const;

interface Exchange {
  readonly bodies: string[];
  readonly urls: string[];
  readonly headers: Headers[];
  readonly reports: (string | undefined)[];
  readonly refused: number[];
  readonly clock: { now: number };
  write(batches: readonly Batch[]): Promise<void>;
}

/** Talks to something that gives these answers, and 204 when there are none left. */
async function talk(
  answers: readonly { status: number; body?: string; headers?: Record<string, string> }[],
  more: object = {},
): Promise<Exchange> {
  const left = [...answers];
  const told: Omit<Exchange, "write"> = {
    bodies: [],
    urls: [],
    headers: [],
    reports: [],
    refused: [],
    clock: { now: 0 },
  };
  const context: OutputContext = {
    ...createWorld().context(),
    now: () => told.clock.now,
    async fetch(url, { body, headers }) {
      told.urls.push(url);
      told.bodies.push(typeof body === "string" ? body : "");
      told.headers.push(new Headers(headers));
      const { status, body: text = "", headers: own = {} } = left.shift() ?? { status: 204 };
      return new Response(status === 204 ? null : text, { status, headers: own });
    },
    report: (problem) => void told.reports.push(problem),
    countRefused: (samples) => void told.refused.push(samples),
  };
  const options = { ...influx.options.parse(given), ...more };
  const output = await influx.open(options, context);
  return { ...told, write: (batches) => output.write(batches, never) };
}

suite("influx", () => {
  test("counts the points of a partial write that are lost, and says why", async () => {
    const conflict =
      '{"error":"partial write: field type conflict: input field \\"value\\" on measurement \\"a\\" is type float, already exists as type integer dropped=2"}';
    const exchange = await talk([
      { status: 400, body: conflict },
      { status: 400, body: '{"error":"partial write: unable to parse \'x\': missing fields"}' },
    ]);
    await exchange.write([toBatch("s", 1)]);
    await exchange.write([toBatch("s", 2)]);
    await exchange.write([toBatch("s", 3)]);
    assert.deepEqual(exchange.refused, [2, 1]);
    assert.match(exchange.reports[0] ?? "", /^i:8086 answers 400.*already exists as type integer/);
    assert.equal(exchange.bodies.length, 3, "nothing is sent again");
    assert.equal(exchange.reports.at(-1), exchange.reports[1], "it is shown for a while");
    exchange.clock.now += 3_600_000;
    await exchange.write([toBatch("s", 4)]);
    assert.equal(exchange.reports.at(-1), undefined);
  });

  for (const [status, kind] of [
    [400, Permanent],
    [413, Permanent],
    [429, RetryLater],
    [404, Error],
    [401, Error],
    [503, Error],
  ] as const) {
    test(`throws ${kind.name} for ${status}`, async () => {
      const exchange = await talk([
        { status, headers: status === 429 ? { "retry-after": "3" } : {} },
      ]);
      await assert.rejects(exchange.write([toBatch("s", 1)]), (error) => {
        assert.ok(error instanceof Error);
        return error.constructor === kind;
      });
      assert.deepEqual(exchange.refused, []);
    });
  }

  test("sends five thousand lines at once", async () => {
    const exchange = await talk([]);
    const samples = Array.from({ length: 5_001 }, (_, i) => gauge("g", i, { i: String(i) }));
    await exchange.write([toBatch("s", 1, samples)]);
    assert.deepEqual(
      exchange.bodies.map((body) => body.split("\n").length - 1),
      [5_000, 1],
    );
  });

  test("names itself as each version wants it", async () => {
    const password = new Secret({ env: "P" });
    password.resolve("pä:ss");
    const one = await talk([], { username: "u", password, retentionPolicy: "week" });
    await one.write([toBatch("s", 1)]);
    assert.equal(one.urls[0], "http://i:8086/write?precision=ns&db=d&rp=week");
    const basic = one.headers[0]?.get("authorization")?.replace("Basic ", "") ?? "";
    assert.equal(Buffer.from(basic, "base64").toString(), "u:pä:ss");
    const more = { database: undefined, bucket: "b", org: "a b", token: password };
    const two = await talk([], more);
    await two.write([toBatch("s", 1)]);
    assert.equal(two.urls[0], "http://i:8086/api/v2/write?precision=ns&bucket=b&org=a+b");
    assert.equal(two.headers[0]?.has("authorization"), true);
  });

  test("refuses options that do not belong together", () => {
    const url = "http://i:8086";
    const token = { env: "T" };
    for (const options of [
      { url },
      { url, database: "d", bucket: "b", token },
      { url, bucket: "b" },
      { url, database: "d", username: "u" },
    ]) {
      assert.ok(!influx.options.safeParse(options).success);
    }
    assert.ok(influx.options.safeParse({ url, bucket: "b", token }).success);
  });
});

suite("lines for InfluxDB", () => {
  const [from, to] = [0, 1_795_190_410_000];

  test("escape what means something, and replace what would end a line", () => {
    const samples = [gauge("a, b", 1, { "k=1,": "v w", empty: "", time: "x", source: "y" })];
    const [line = ""] = toInfluxLines({ ...toBatch("s 1", 7, samples), from, to });
    assert.equal(
      line,
      "a\\,\\ b,exported_source=y,exported_time=x,k\\=1\\,=v\\ w,source=s\\ 1 value=1 1795190410000000007",
    );
    const nasty = toInfluxLines(toBatch("s", 1, [gauge("#n\n\\", 1, { "a\n": "b\\" })]));
    assert.match(
      nasty[0] ?? "",
      /^_n___[0-9a-f]{8},a__[0-9a-f]{8}=b__[0-9a-f]{8},source=s value=1 /,
    );
  });

  test("are different points for windows that end together", () => {
    const lines = [1, 2, 1].flatMap((seq) =>
      toInfluxLines({ ...toBatch("s", seq, [gauge("g", 1)]), from, to }),
    );
    assert.equal(new Set(lines).size, 2);
  });

  test("hold events as text, and nothing that is no number", () => {
    const events = [{ at: 5, name: "e", labels: {}, text: 'a "b" \\\nc' }];
    const batch = { ...toBatch("s", 3, [gauge("g", NaN), gauge("h", -Infinity)]), events };
    assert.deepEqual(toInfluxLines(batch), [
      String.raw`watchpost_event,event=e,source=s text="a \"b\" \\ c" 5003000`,
    ]);
  });
});
