import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import {
  type Remembered,
  checkOrder,
  createReceiver,
  refuse,
  toWindow,
} from "../../test/remote-write-receiver.ts";
import type { Batch } from "../core/batch.ts";
import { RetryLater } from "../core/errors.ts";
import { count, gauge } from "../core/sample.ts";

const never = new AbortController().signal;

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

function isBad(line: string): boolean {
  return line.startsWith("bad");
}

suite("remote-write: what is refused", () => {
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

  test("a series that ends and begins again stays in its shard", async () => {
    const receiver = createReceiver();
    await using output = await receiver.open({ shards: 8, samplesMax: 2 });
    const names = ["a", "b", "c", "d"];
    const windows = Array.from({ length: 30 }, (_, seq) =>
      toWindow(seq + 1, seq % 2 === 0 ? names.map((name) => gauge(name, seq)) : []),
    );
    await output.write(windows, never);
    assert.equal(receiver.lines.length, names.length * 30);
    checkOrder(receiver.lines);
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
