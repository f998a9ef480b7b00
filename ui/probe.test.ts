import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { SampleJson } from "./api.ts";
import {
  createProbe,
  foldProbe,
  listPhases,
  type Outcome,
  type Probe,
  type ProbeWindow,
  toSpans,
  toUpRatio,
} from "./probe.ts";

const up: SampleJson = { name: "check_up", kind: "gauge", labels: {}, value: 1 };
const down: SampleJson = { ...up, value: 0 };
const unknown: SampleJson = { name: "check_unknown_total", kind: "count", labels: {}, value: 1 };

function phase(name: string, value: number): SampleJson {
  return { name: "check_duration_seconds", kind: "gauge", labels: { phase: name }, value };
}

function fold(...samples: readonly SampleJson[]): Probe {
  const probe = createProbe();
  foldProbe(probe, samples);
  return probe;
}

function look(endSeconds: number, outcome: Outcome | null): ProbeWindow {
  const to = endSeconds * 1000;
  return { from: to - 100, to, probe: { outcome, phases: new Map() } };
}

suite("probe", () => {
  test("up and down are said by the gauge, and unknown by its count", () => {
    assert.equal(fold(up).outcome, "up");
    assert.equal(fold(down).outcome, "down");
    assert.equal(fold(unknown).outcome, "unknown");
    assert.equal(fold({ ...unknown, value: 0 }).outcome, null);
    assert.equal(fold().outcome, null);
  });

  test("phases keep their order, with the total at the end", () => {
    const probe = fold(phase("total", 0.4), phase("dns", 0.1), phase("connect", 0.2));
    const windows = [{ from: 0, to: 1, probe }];
    assert.deepEqual(listPhases(windows), ["dns", "connect", "total"]);
    assert.equal(probe.phases.get("connect"), 0.2);
  });

  test("equal outcomes run together, and missing looks leave a hole", () => {
    const looks = [look(30, "up"), look(60, "up"), look(90, "down"), look(300, "down")];
    assert.deepEqual(toSpans(looks, 30_000), [
      { from: 0, to: 60_000, outcome: "up" },
      { from: 60_000, to: 90_000, outcome: "down" },
      { from: 270_000, to: 300_000, outcome: "down" },
    ]);
  });

  test("a batch that is no look is passed over", () => {
    const looks = [look(30, "up"), look(45, null), look(60, "up")];
    assert.deepEqual(toSpans(looks, 30_000), [{ from: 0, to: 60_000, outcome: "up" }]);
  });

  test("what is unknown counts neither as up nor as down", () => {
    const spans = toSpans([look(30, "up"), look(60, "unknown"), look(90, "down")], 30_000);
    assert.equal(toUpRatio(spans), 0.5);
    assert.equal(toUpRatio([]), null);
  });
});
