import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { inventAnswers, inventSeries, shop, start } from "./invented-answers.ts";
import { toPastProbe } from "./past-probe.ts";

suite("past probe", () => {
  test("steps of one outcome are one span; in a longer step both may have been", () => {
    const answers = inventAnswers([
      ["up", [inventSeries({}, [1, 1, 0.5, 0, null, null])]],
      ["unknown", [inventSeries({}, [0, 0, 1, 0, 2, null])]],
    ]);
    const { outcomes, upRatio } = toPastProbe(answers, shop);
    const spans = outcomes.map(({ from, to, outcome }) => [from - start, to - start, outcome]);
    assert.deepEqual(spans, [
      [0, 20_000, "up"],
      [20_000, 30_000, "down"],
      [30_000, 40_000, "down"],
      [40_000, 50_000, "unknown"],
    ]);
    assert.equal(outcomes[1]?.upRatio, 0.5);
    assert.equal(upRatio, 2.5 / 4);
  });

  test("a check that does not look every step is up between its looks", () => {
    const up = [inventSeries({}, [1, null, null, 1, null, null])];
    const { outcomes } = toPastProbe(inventAnswers([["up", up]]), { id: "shop", everyMs: 30_000 });
    assert.deepEqual(outcomes, [{ from: start, to: start + 60_000, outcome: "up", upRatio: 1 }]);
  });

  test("phases come with the total last", () => {
    const phases = [inventSeries({ phase: "total" }, [3]), inventSeries({ phase: "connect" }, [1])];
    const probe = toPastProbe(inventAnswers([["phases", phases]]), shop);
    assert.deepEqual(
      probe.phases.series.map(({ label }) => label),
      ["connect", "total"],
    );
    assert.deepEqual(probe.phases.columns.y, [[1], [3]]);
    assert.equal(probe.upRatio, null);
  });
});
