import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { suite, test } from "node:test";
import { createReceiver, toWindow } from "../../test/remote-write-receiver.ts";
import { toRemoteWriteText } from "../../test/remote-write-text.ts";
import { createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import { Distribution } from "../core/distribution.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import { compressSnappy } from "./_snappy.ts";
import { remoteWrite } from "./remote-write.ts";

const never = new AbortController().signal;

function spread(name: string, values: readonly number[]): Sample {
  const value = new Distribution();
  values.forEach((each) => value.add(each));
  return { kind: "distribution", name, labels: {}, value };
}

function tick(seq: number, to: number): Batch {
  const samples = [count("watchpost_cpu_seconds_total", 1)];
  return toWindow(seq, samples, { source: "watchpost", from: to - 1000, to });
}

suite("remote-write: what is sent", () => {
  test("each window is a look at everything of its source, as a scrape would be", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    await output.write(
      [toWindow(1, [count("a_total", 1), gauge("g", 5)]), toWindow(2, [count("b_total", 2)])],
      never,
    );
    assert.deepEqual(receiver.lines.toSorted(), [
      'a_total{source="s"} 0 @1001',
      'a_total{source="s"} 1 @2000',
      'a_total{source="s"} 1 @3000',
      'b_total{source="s"} 0 @2001',
      'b_total{source="s"} 2 @3000',
      'g{source="s"} 5 @2000',
      'g{source="s"} stale @3000',
    ]);
  });

  test("a window in parts is one look", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    const part = { from: 1000, to: 2000 };
    await output.write(
      [toWindow(1, [gauge("a", 1)], { ...part, more: true }), toWindow(2, [gauge("b", 2)], part)],
      never,
    );
    assert.deepEqual(receiver.lines, ['a{source="s"} 1 @2000', 'b{source="s"} 2 @2000']);
  });

  test("late windows count, and never go back in time", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    const late = { from: 0, to: 1000, backfill: true };
    await output.write([toWindow(1, [count("a_total", 1), gauge("g", 1)])], never);
    await output.write([toWindow(2, [count("a_total", 5), gauge("g", 7)], late)], never);
    await output.write([toWindow(3, [gauge("g", 2)])], never);
    assert.deepEqual(receiver.lines.slice(3), [
      'a_total{source="s"} 6 @4000',
      'g{source="s"} 2 @4000',
    ]);
  });

  test("goes on from where the clock was set back to", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    const ahead = { from: 3_600_000, to: 3_601_000 };
    await output.write([toWindow(1, [gauge("g", 1)], ahead)], never);
    await output.write([toWindow(2, [gauge("g", 2)]), toWindow(3, [gauge("g", 3)])], never);
    assert.deepEqual(receiver.lines.slice(1), ['g{source="s"} 2 @3000', 'g{source="s"} 3 @4000']);
  });

  test("a source that falls silent ends, dated where it was heard last, and goes on when it is back", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    await output.write([toWindow(1, [count("a_total", 1), gauge("g", 1)]), tick(1, 61_000)], never);
    assert.ok(!receiver.lines.some((line) => line.includes("stale")));
    await output.write([tick(2, 63_000), tick(3, 64_000)], never);
    const ends = receiver.lines.filter((line) => line.includes("stale"));
    assert.deepEqual(ends, ['a_total{source="s"} stale @2001', 'g{source="s"} stale @2001']);
    await output.write([toWindow(2, [count("a_total", 1)])], never);
    assert.equal(receiver.lines.at(-1), 'a_total{source="s"} 2 @3000');
  });

  test("histograms end as such, of either form", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open({ histograms: "both" });
    const batches = [toWindow(1, [spread("t_seconds", [1])]), tick(1, 61_000), tick(2, 63_000)];
    await output.write(batches, never);
    const ends = receiver.lines.filter((line) => line.endsWith("stale @2001"));
    assert.equal(ends.length, 21);
    assert.ok(ends.includes('t_seconds{source="s"} stale @2001'));
  });

  test("histograms are classic unless asked for otherwise", async () => {
    const samples = [spread("t_seconds", [-1, 0, 0.25, 0.5, 0.5])];
    const sent = async (histograms: string): Promise<readonly string[]> => {
      const receiver = createReceiver();
      await using output = await receiver.open({ histograms });
      await output.write([toWindow(1, samples)], never);
      return receiver.lines.filter((line) => line.endsWith("@2000"));
    };
    const classic = await sent("classic");
    const native =
      't_seconds{source="s"} histogram(count 5, sum 0.25, schema 6, zero 1, n0: 1, -128: 1, -64: 2) @2000';
    assert.equal(classic.length, 20);
    assert.ok(classic.includes('t_seconds_bucket{le="0.25",source="s"} 3 @2000'));
    assert.ok(classic.includes('t_seconds_bucket{le="+Inf",source="s"} 5 @2000'));
    assert.ok(classic.includes('t_seconds_sum{source="s"} 0.25 @2000'));
    assert.deepEqual(await sent("native"), [native]);
    assert.deepEqual((await sent("both")).toSorted(), [...classic, native].toSorted());
  });

  test("what is no number is sent as such, and what cannot be counted is left out", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    const gauges = [NaN, Infinity, -Infinity].map((value, i) => gauge(`g${i}`, value));
    const counts = [NaN, Infinity, -1].map((value, i) => count(`n${i}_total`, value));
    await output.write([toWindow(1, [...gauges, ...counts])], never);
    assert.deepEqual(receiver.lines, [
      'g0{source="s"} NaN @2000',
      'g1{source="s"} Infinity @2000',
      'g2{source="s"} -Infinity @2000',
    ]);
    assert.equal(receiver.refused(), 3);
  });

  test("names are legal, differ, and stay the same over a restart", async () => {
    const receiver = createReceiver();
    const first = await receiver.open();
    await first.write(
      [toWindow(1, [gauge("a.b", 1), gauge("c-d", 1, { "x-y": "", le: "1" })])],
      never,
    );
    const second = await receiver.open({}, { state: first.state?.() });
    const samples = [gauge("a_b", 2), gauge("a.b", 3), gauge("a.b", 4, { k: "" })];
    await second.write([toWindow(2, samples)], never);
    const digest = hash("sha256", "a_b").slice(0, 8);
    assert.deepEqual(receiver.lines, [
      'a_b{source="s"} 1 @2000',
      'c_d{exported_le="1",source="s"} 1 @2000',
      'a_b{source="s"} 3 @3000',
      `a_b_${digest}{source="s"} 2 @3000`,
      'c_d{exported_le="1",source="s"} stale @3000',
    ]);
    assert.equal(receiver.refused(), 1);
    assert.match(receiver.reports.at(-1) ?? "", /others have their name and labels/);
  });

  test("says who it is", async () => {
    const receiver = createReceiver();
    const headers = { "X-Scope-OrgID": "team" };
    await using output = await receiver.open({ headers });
    await output.write([toWindow(1, [gauge("g", 1)])], never);
    const sent = Object.fromEntries(receiver.requests[0]?.headers ?? []);
    assert.deepEqual(sent, {
      "content-encoding": "snappy",
      "content-type": "application/x-protobuf",
      "user-agent": "watchpost",
      "x-prometheus-remote-write-version": "0.1.0",
      "x-scope-orgid": "team",
    });
  });

  test("passwords and tokens are never both there", () => {
    const password = { env: "P" };
    const problems = [
      { username: "u" },
      { password },
      { bearer: password, username: "u", password },
    ].map((given) => remoteWrite.options.safeParse({ url: "http://a/", ...given }).success);
    assert.deepEqual(problems, [false, false, false]);
  });

  for (const [given, authorization] of [
    [{ username: "u", password: { env: "P" } }, "Basic dTpww6Q="],
    [{ bearer: { env: "P" } }, "Bearer pä"],
  ] as const) {
    test(`shows ${authorization.split(" ")[0]} authorization`, async () => {
      const options = remoteWrite.options.parse({ url: "http://a/", protocol: "1.0", ...given });
      options.password?.resolve("pä");
      options.bearer?.resolve("pä");
      const seen: unknown[] = [];
      await using output = await remoteWrite.open(options, {
        ...createWorld().context(),
        fetch: async (_url, { headers }) => {
          seen.push(new Headers(headers).get("authorization"));
          return new Response(null, { status: 204 });
        },
      });
      await output.write([toWindow(1, [gauge("g", 1)])], never);
      assert.deepEqual(seen, [authorization]);
    });
  }

  test("the reader of these tests reads what protoc has read", () => {
    const request =
      "220022085f5f6e616d655f5f22176170705f687474705f72657175657374735f746f74616c2204636f646522033230302212526571" +
      "756573747320616e7377657265642e220872657175657374732a250a040102030412170900000000000c904010fdfaa7adca2b189d" +
      "a6a4adca2b2a0408011805";
    assert.equal(
      toRemoteWriteText(compressSnappy(Buffer.from(request, "hex"))),
      'app_http_requests_total{code="200"} 1027 @1497428000125 since 1497427940125',
    );
  });
});
