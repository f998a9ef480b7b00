import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { ReaderStatus } from "./api.ts";
import { formatLag, formatLoss, toBatchRate, toOutputStatus } from "./outputs.ts";

const well: ReaderStatus = {
  name: "output:graylog",
  output: { id: "graylog", kind: "gelf", isRepeatable: false, isAsked: false },
  doneBatches: 40,
  lagBatches: 0,
  lagMs: 0,
  errors: 0,
  lastError: null,
  lastSuccessAt: "2026-11-20T16:00:00.000Z",
  missedBatches: 0,
  droppedBatches: 0,
  refusedSamples: 0,
};

function plain(status: ReaderStatus): string {
  return formatLag(status).replaceAll("\u00a0", " ");
}

suite("an output", () => {
  test("fails, is behind, waits or is well", () => {
    assert.equal(toOutputStatus(well).word, "ok");
    assert.equal(toOutputStatus({ ...well, lagMs: 90_000 }).word, "behind");
    assert.equal(toOutputStatus({ ...well, lastSuccessAt: null }).word, "waiting");
    assert.equal(toOutputStatus({ ...well, lagMs: 90_000, lastError: "refused" }).word, "failing");
  });

  test("says how far it is behind", () => {
    assert.equal(plain(well), "caught up");
    assert.equal(plain({ ...well, lagBatches: 1, lagMs: 400 }), "1 batch");
    assert.equal(
      plain({ ...well, lagBatches: 1200, lagMs: 61_000 }),
      "1,200 batches, the oldest 1 min 1 s old",
    );
  });

  test("says what will never arrive", () => {
    assert.equal(formatLoss(well), undefined);
    assert.equal(
      formatLoss({ ...well, missedBatches: 3, refusedSamples: 7 }),
      "3 batches were deleted before they were sent; 7 samples were refused for good",
    );
  });

  test("has a rate between two looks, unless the node began anew in between", () => {
    const first = { at: 0, readers: [well] };
    const later = { ...well, doneBatches: 60 };
    assert.equal(toBatchRate(undefined, first, well), null);
    assert.equal(toBatchRate(first, { at: 10_000, readers: [later] }, later), 2);
    const restarted = { ...well, doneBatches: 5 };
    assert.equal(toBatchRate(first, { at: 10_000, readers: [restarted] }, restarted), null);
  });
});
