import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toRemoteWriteText } from "../../test/remote-write-text.ts";
import { createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import type { OpenOutput } from "../core/component.ts";
import { Distribution } from "../core/distribution.ts";
import { RetryLater } from "../core/errors.ts";
import { type Sample, count, gauge } from "../core/sample.ts";
import { remoteWrite } from "./remote-write.ts";

const never = new AbortController().signal;

/** A request as the receiver sees it. */
interface Request {
  readonly lines: readonly string[];
  readonly headers: Headers;
  readonly version: string | null;
}

interface Receiver {
  readonly requests: readonly Request[];
  /** Of the requests that were answered with 2xx. */
  readonly lines: readonly string[];
  readonly reports: readonly (string | undefined)[];
  refused(): number;
  open(given?: object, remembered?: Remembered): Promise<OpenOutput>;
}

interface Remembered {
  readonly state?: Uint8Array | undefined;
  readonly progress?: Uint8Array | undefined;
}

/** Answers as it is told to, else that all is well. */
function createReceiver(
  answer: (request: Request) => Response | undefined = () => undefined,
): Receiver {
  const world = createWorld();
  const requests: Request[] = [];
  const lines: string[] = [];
  return {
    requests,
    lines,
    reports: world.reports,
    refused: world.refused,
    open: (given = {}, remembered = {}) => {
      const options = { url: "http://prometheus.example/write", protocol: "1.0", ...given };
      return remoteWrite.open(remoteWrite.options.parse(options), {
        ...world.context(remembered),
        fetch: async (_url, { body, headers }) => {
          assert.ok(body instanceof Uint8Array);
          const all = new Headers(headers);
          const version = all.get("x-prometheus-remote-write-version");
          const request = { lines: toRemoteWriteText(body).split("\n"), headers: all, version };
          requests.push(request);
          const response = answer(request) ?? new Response(null, { status: 204 });
          if (response.ok) {
            lines.push(...request.lines);
          }
          return response;
        },
      });
    },
  };
}

function toWindow(seq: number, samples: readonly Sample[], changes: Partial<Batch> = {}): Batch {
  const marks = { more: false, partial: false, backfill: false };
  const window = { from: seq * 1000, to: seq * 1000 + 1000 };
  return {
    source: "s",
    service: "",
    seq,
    ...window,
    samples,
    tops: [],
    events: [],
    ...marks,
    ...changes,
  };
}

function spread(name: string, values: readonly number[]): Sample {
  const value = new Distribution();
  values.forEach((each) => value.add(each));
  return { kind: "distribution", name, labels: {}, value };
}

function refuse(status: number, text = "no", headers = {}): Response {
  return new Response(text, { status, headers });
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

  test("a source that falls silent ends, dated where it was heard last, and goes on when it is back", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open();
    const tick = (seq: number, to: number): Batch =>
      toWindow(seq, [count("watchpost_cpu_seconds_total", 1)], {
        source: "watchpost",
        from: to - 1000,
        to,
      });
    await output.write([toWindow(1, [count("a_total", 1), gauge("g", 1)]), tick(1, 61_000)], never);
    assert.ok(!receiver.lines.some((line) => line.includes("stale")));
    await output.write([tick(2, 63_000), tick(3, 64_000)], never);
    const ends = receiver.lines.filter((line) => line.includes("stale"));
    assert.deepEqual(ends, ['a_total{source="s"} stale @2001', 'g{source="s"} stale @2001']);
    await output.write([toWindow(2, [count("a_total", 1)])], never);
    assert.equal(receiver.lines.at(-1), 'a_total{source="s"} 2 @3000');
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
    const options = remoteWrite.options.parse({ url: "http://a/", username: "u", password });
    assert.equal(options.username, "u");
  });
});

suite("remote-write: which version", () => {
  const written = { "x-prometheus-remote-write-samples-written": "2" };

  test("2.0 tells since when a counter counts", async () => {
    const receiver = createReceiver(() => refuse(200, "", written));
    await using output = await receiver.open({ protocol: "auto" });
    await output.write([toWindow(1, [count("a_total", 1)])], never);
    assert.deepEqual(receiver.lines, [
      'a_total{source="s"} 0 @1001 since 1000',
      'a_total{source="s"} 1 @2000 since 1000',
    ]);
    assert.equal(
      receiver.requests[0]?.headers.get("content-type"),
      "application/x-protobuf;proto=io.prometheus.write.v2.Request",
    );
  });

  for (const [name, answer] of [
    ["takes it without a word", undefined],
    ["says 415", refuse(415)],
    ["says 400", refuse(400)],
  ] as const) {
    test(`a receiver that ${name} gets 1.0 from then on`, async () => {
      const receiver = createReceiver(({ version }) => (version === "2.0.0" ? answer : undefined));
      await using output = await receiver.open({ protocol: "auto" });
      await output.write([toWindow(1, [gauge("g", 1)])], never);
      await output.write([toWindow(2, [gauge("g", 2)])], never);
      const versions = receiver.requests.map(({ version }) => version);
      assert.deepEqual(versions, ["2.0.0", "0.1.0", "0.1.0"]);
      assert.deepEqual([receiver.refused(), receiver.reports], [0, []]);
    });
  }

  test("one that fails is asked again, in 2.0", async () => {
    let isDown = true;
    const receiver = createReceiver(() => (isDown ? refuse(503) : refuse(200, "", written)));
    await using output = await receiver.open({ protocol: "auto" });
    await assert.rejects(output.write([toWindow(1, [gauge("g", 1)])], never), /503/);
    isDown = false;
    await output.write([toWindow(1, [gauge("g", 1)])], never);
    assert.deepEqual(
      receiver.requests.map(({ version }) => version),
      ["2.0.0", "2.0.0"],
    );
  });

  test("what it wrote less than it got is refused, and not sent again", async () => {
    const receiver = createReceiver(() => refuse(400, "out of bounds", written));
    await using output = await receiver.open({ protocol: "2.0" });
    await output.write([toWindow(1, [gauge("a", 1), gauge("b", 1), gauge("c", 1)])], never);
    assert.equal(receiver.requests.length, 1);
    assert.equal(receiver.refused(), 1);
    assert.match(receiver.reports.at(-1) ?? "", /out of bounds; what is refused is left out/);
  });
});

suite("remote-write: what is refused", () => {
  const isBad = (line: string): boolean => line.startsWith("bad");

  test("is found among the others, which arrive in order", async () => {
    const receiver = createReceiver(({ lines }) =>
      lines.some(isBad) ? refuse(400, "out of bounds") : undefined,
    );
    await using output = await receiver.open();
    const windows = [1, 2, 3].map((seq) =>
      toWindow(seq, [
        ...Array.from({ length: 50 }, (_, i) => gauge(`g${i}`, seq)),
        gauge("bad", seq),
      ]),
    );
    await output.write(windows, never);
    assert.equal(receiver.lines.length, 150);
    checkOrder(receiver.lines);
    assert.equal(receiver.refused(), 3);
    assert.match(receiver.reports.at(-1) ?? "", /400: out of bounds; what is refused/);
    await output.write([toWindow(4, [gauge("g", 1)])], never);
    assert.equal(receiver.refused(), 4, "the end of the series, which is refused likewise");
    await output.write([toWindow(5, [gauge("g", 1)])], never);
    assert.equal(receiver.reports.at(-1), undefined);
  });

  test("takes a limited number of requests to find", async () => {
    const receiver = createReceiver(() => refuse(400));
    await using output = await receiver.open();
    const samples = Array.from({ length: 1000 }, (_, i) => gauge(`g${i}`, 1));
    await output.write([toWindow(1, samples)], never);
    assert.ok(receiver.requests.length < 100);
    assert.equal(receiver.refused(), 1000);
  });

  test("for its size is sent in parts", async () => {
    const receiver = createReceiver(({ lines }) => (lines.length > 10 ? refuse(413) : undefined));
    await using output = await receiver.open();
    const samples = Array.from({ length: 100 }, (_, i) => gauge(`g${i}`, 1));
    await output.write([toWindow(1, samples)], never);
    assert.equal(receiver.lines.length, 100);
    assert.deepEqual([receiver.refused(), receiver.reports], [0, []]);
  });

  for (const status of [401, 403, 404, 302, 408, 500, 503]) {
    test(`with ${status} is tried again`, async () => {
      const receiver = createReceiver(() => refuse(status));
      await using output = await receiver.open();
      await assert.rejects(output.write([toWindow(1, [gauge("g", 1)])], never), {
        name: "Error",
        message: new RegExp(String(status)),
      });
    });
  }

  test("with 429 is tried again as late as is asked for", async () => {
    const receiver = createReceiver(() => refuse(429, "", { "retry-after": "7" }));
    await using output = await receiver.open();
    await assert.rejects(output.write([toWindow(1, [gauge("g", 1)])], never), (error) => {
      assert.ok(error instanceof RetryLater);
      return error.afterMs === 7000;
    });
  });

  test("the second time, as being there already, was taken when its answer was lost", async () => {
    let isLost = true;
    const receiver = createReceiver(() => {
      if (isLost) {
        throw new TypeError("fetch failed");
      }
      return refuse(400, "out of order sample");
    });
    await using output = await receiver.open();
    await assert.rejects(output.write([toWindow(1, [gauge("g", 1)])], never));
    isLost = false;
    await output.write([toWindow(1, [gauge("g", 1)])], never);
    assert.deepEqual([receiver.refused(), receiver.reports], [0, []]);
  });
});

suite("remote-write: over failures and restarts", () => {
  test("what was taken is not sent again when another shard fails", async () => {
    let failing = 3;
    const receiver = createReceiver(() => (failing-- === 1 ? refuse(500) : undefined));
    await using output = await receiver.open({ shards: 3, samplesMax: 2 });
    const samples = ["a", "b", "c", "d", "e"].map((name) => gauge(name, 1));
    const windows = [toWindow(1, samples), toWindow(2, samples)];
    await assert.rejects(output.write(windows, never));
    assert.equal(output.state?.(), undefined);
    await output.write([...windows, toWindow(3, samples)], never);
    assert.equal(new Set(receiver.lines).size, 15);
    assert.equal(receiver.lines.length, 15);
    checkOrder(receiver.lines);
    assert.ok(output.state?.() !== undefined);
  });

  test("a state that is older than the progress counts again, and sends nothing again", async () => {
    const receiver = createReceiver();
    const windows = [1, 2, 3, 4].map((seq) => toWindow(seq, [count("a_total", seq)]));
    const first = await receiver.open();
    await first.write(windows.slice(0, 1), never);
    const state = first.state?.();
    await first.write(windows.slice(1, 3), never);
    const second = await receiver.open({}, { state, progress: first.progress?.() });
    await second.write(windows.slice(1), never);
    assert.deepEqual(receiver.lines, [
      'a_total{source="s"} 0 @1001',
      'a_total{source="s"} 1 @2000',
      'a_total{source="s"} 3 @3000',
      'a_total{source="s"} 6 @4000',
      'a_total{source="s"} 10 @5000',
    ]);
  });

  const step = fc.record({
    counts: fc.array(fc.tuple(fc.nat(6), fc.nat(9)), { maxLength: 6 }),
    /** Requests until one is lost, and whether the receiver had taken it. */
    failAfter: fc.option(fc.nat(4), { nil: undefined, freq: 2 }),
    isTaken: fc.boolean(),
    restart: fc.constantFrom("no", "no", "no", "clean", "killed"),
    savesState: fc.boolean(),
  });

  test("each series is in order and ends with its total, whatever happens", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        let left = Infinity;
        let isTaken = false;
        const stored: string[] = [];
        const receiver = createReceiver(({ lines }) => {
          if (left-- <= 0) {
            left = Infinity;
            stored.push(...(isTaken ? lines : []));
            throw new TypeError("fetch failed");
          }
          stored.push(...lines);
          return undefined;
        });
        const options = { shards: 2, samplesMax: 3 };
        let output = await receiver.open(options);
        let remembered: Remembered = {};
        /** What the journal gives again after a kill. */
        let again: Batch[] = [];
        const totals = new Map<string, number>();
        for (const [i, { counts, failAfter, restart, savesState, ...failing }] of steps.entries()) {
          const seq = i + 1;
          counts.forEach(([n, value]) => totals.set(`n${n}`, (totals.get(`n${n}`) ?? 0) + value));
          again.push(
            toWindow(
              seq,
              counts.map(([n, value]) => count(`n${n}`, value)),
            ),
          );
          left = failAfter ?? Infinity;
          isTaken = failing.isTaken;
          for (let tries = 0; ; tries++) {
            try {
              await output.write(again, never);
              break;
            } catch {
              assert.ok(tries < 3);
            }
          }
          remembered = { ...remembered, progress: output.progress?.() };
          if (savesState || restart === "clean") {
            remembered = { ...remembered, state: output.state?.() };
            again = [];
          }
          if (restart !== "no") {
            output = await receiver.open(options, remembered);
          }
        }
        const unique = [...new Set(stored)];
        checkOrder(unique);
        for (const [name, total] of totals) {
          const last = unique.findLast((line) => line.startsWith(`${name}{`));
          assert.equal(Number(last?.split(" ")[1]), total);
        }
        const looks = unique.filter((line) => line.startsWith("n0{") && line.endsWith("000"));
        const first = steps.findIndex(({ counts }) => counts.some(([n]) => n === 0));
        assert.equal(looks.length, first < 0 ? 0 : steps.length - first);
      }),
      { numRuns: 300 },
    );
  });
});

/** Each series' samples in order of time, and none twice. */
function checkOrder(lines: readonly string[]): void {
  const times = Map.groupBy(lines, (line) => line.slice(0, line.indexOf("}")));
  for (const [series, of] of times) {
    const ats = of.map((line) => Number(line.slice(line.lastIndexOf("@") + 1)));
    assert.deepEqual(
      ats,
      [...new Set(ats)].toSorted((a, b) => a - b),
      series,
    );
  }
}
