import assert from "node:assert/strict";
import test from "node:test";
import type { Entry } from "./format/fields.ts";
import { parseFormat } from "./format/parse-format.ts";
import { parseLineSlowly } from "./format/parse-line-slowly.ts";
import { createLogGenerator, logPhases } from "./log-generator.ts";

const startMs = Date.parse("2026-03-01T12:00:00Z");
const cycleMs = logPhases.reduce((sum, { lengthMs }) => sum + lengthMs, 0);
const generator = createLogGenerator({ seed: 7, startMs });
const timed =
  '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent ' +
  '"$http_referer" "$http_user_agent" $request_time';
const { format } = parseFormat(timed);

test("the same seed gives the same lines, however the time is cut", () => {
  const whole = generator.linesFor(startMs, startMs + 30_000);
  const again = createLogGenerator({ seed: 7, startMs });
  const pieces = [0, 333, 1000, 1001, 29_999, 30_000].flatMap((to, index, cuts) =>
    again.linesFor(startMs + (cuts[index - 1] ?? 0), startMs + to),
  );
  assert.deepEqual(pieces, whole);
  assert.notDeepEqual(
    createLogGenerator({ seed: 8, startMs }).linesFor(startMs, startMs + 30_000),
    whole,
  );
});

test("every phase has its rate, its durations and its failures", () => {
  let fromMs = startMs;
  for (const phase of logPhases) {
    assert.equal(generator.phaseAt(fromMs), phase);
    const lines = generator.linesFor(fromMs, fromMs + phase.lengthMs);
    fromMs += phase.lengthMs;
    const expected = (phase.requestsPerSecond * phase.lengthMs) / 1000;
    assert.ok(Math.abs(lines.length - expected) < expected * 0.2, `${phase.name}: ${lines.length}`);
    const entries = lines.flatMap((line) => parse(line) ?? []);
    const failures = entries.filter(({ status = 0 }) => status >= 500).length / entries.length;
    assert.ok(Math.abs(failures - phase.failing) < 0.1, `${phase.name}: ${failures} failing`);
    const slow = entries.filter(({ duration = 0 }) => duration > 0.25).length;
    assert.equal(slow / entries.length > 0.3, phase.slowness > 10, `${phase.name}: ${slow} slow`);
  }
  assert.equal(generator.phaseAt(startMs + cycleMs), logPhases[0]);
});

test("a few lines are malformed, and times never go back", () => {
  const lines = generator.linesFor(startMs, startMs + 2 * cycleMs);
  const unparsed = lines.filter((line) => parse(line) === undefined).length;
  assert.ok(unparsed > 0 && unparsed < lines.length / 100, `${unparsed} of ${lines.length}`);
  const times = lines.flatMap((line) => parse(line)?.time ?? []);
  assert.deepEqual(
    times,
    times.toSorted((a, b) => a - b),
  );
});

function parse(line: string): Entry | undefined {
  assert.ok(format);
  const outcome = parseLineSlowly(format, line);
  return outcome.kind === "entry" ? outcome.entry : undefined;
}
