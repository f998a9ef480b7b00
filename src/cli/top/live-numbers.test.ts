import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Observation } from "../../core/component.ts";
import { Distribution } from "../../core/distribution.ts";
import { count, type Sample } from "../../core/sample.ts";
import { Top } from "../../core/top.ts";
import { LiveNumbers, spansMs } from "./live-numbers.ts";
import { classOf, requestsOf } from "./tally.ts";

const startMs = Date.parse("2026-10-10T12:00:00Z");

function toWindow(second: number, requests: number, failed = 0): Observation {
  const durations = new Distribution();
  const top = new Top();
  durations.add(second, requests + 1);
  top.add(`/${second % 3}`, requests + 1);
  const samples: Sample[] = [
    count("http_requests_total", requests, { group: "a", status: "200" }),
    count("http_requests_total", failed, { group: "b", status: "503" }),
    count("http_response_bytes_total", 10 * requests, { group: "a" }),
    count("log_lines_total", requests + failed, { outcome: "parsed" }),
    {
      kind: "distribution",
      name: "http_request_duration_seconds",
      labels: { group: "a" },
      value: durations,
    },
  ];
  const from = startMs + second * 1000;
  return {
    from,
    to: from + 1000,
    samples,
    tops: [{ name: "http_targets", labels: {}, value: top }],
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

test("every span holds exactly its last windows, whatever their slots are", () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(5), { minLength: 1, maxLength: 500 }),
      fc.constantFrom("one", "two"),
      (requests, logs) => {
        const numbers = new LiveNumbers(1000);
        requests.forEach((each, second) => {
          const log = logs === "two" && second % 2 === 1 ? "b.log" : "a.log";
          numbers.add(log, toWindow(second, each, 1));
        });
        for (const [at, spanMs] of spansMs.entries()) {
          const span = numbers.span(at);
          assert.ok(span !== undefined);
          const first = (span.from - startMs) / 1000;
          const expected = requests.slice(first);
          const total = span.whole.total();
          assert.equal(requestsOf(total), sum(expected) + expected.length);
          assert.equal(classOf(total, "5"), expected.length);
          assert.equal(total.bytes, 10 * sum(expected));
          assert.equal(total.durations?.count, sum(expected) + expected.length);
          assert.equal(span.whole.tops.get("http_targets")?.total, total.durations?.count);
          assert.equal(
            sum(span.slots.map(({ tally }) => requestsOf(tally.total()))),
            requestsOf(total),
          );
          const bySource = [...span.bySource.values()].map(requestsOf);
          assert.equal(sum(bySource), requestsOf(total));
          // A slot that has begun before the span has is left out whole.
          assert.ok(span.to - span.from <= spanMs);
          assert.ok(span.to - span.from > Math.min(spanMs, requests.length * 1000) - span.slotMs);
          assert.ok(span.slots.length <= 120);
        }
      },
    ),
    { numRuns: 40 },
  );
});

test("what is shown does not change while counting goes on", () => {
  const numbers = new LiveNumbers(1000);
  numbers.add("a.log", toWindow(0, 3));
  const before = numbers.span(1);
  numbers.add("a.log", toWindow(1, 4));
  assert.equal(requestsOf(before?.slots[0]?.tally.total() ?? assert.fail()), 3);
  assert.equal(requestsOf(numbers.span(1)?.whole.total() ?? assert.fail()), 7);
});

test("events are kept, the newest first, and no more than fifty", () => {
  const numbers = new LiveNumbers(1000);
  for (let at = 0; at < 60; at++) {
    const event = { at, name: "file_rotated", labels: {}, text: `rotated ${at}` };
    numbers.add("a.log", { ...toWindow(at, 0), events: [event] });
  }
  assert.equal(numbers.events.length, 50);
  assert.deepEqual([numbers.events[0]?.at, numbers.events[0]?.source], [59, "a.log"]);
});

test("one log being behind is not the end of the other", () => {
  const numbers = new LiveNumbers(1000);
  numbers.add("a.log", toWindow(100, 1));
  numbers.add("b.log", toWindow(50, 1));
  assert.equal(numbers.endOf("a.log"), startMs + 101_000);
  assert.equal(numbers.endOf("b.log"), startMs + 51_000);
  assert.equal(numbers.endOf("c.log"), 0);
  assert.deepEqual(numbers.range, { from: startMs + 50_000, to: startMs + 101_000 });
});
