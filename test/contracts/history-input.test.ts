// What every history does with what is wrong, late, too much or comes twice.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { count, gauge } from "../../src/core/sample.ts";
import {
  batch,
  day,
  historyAdapters,
  hour,
  minute,
  second,
  slice,
  values,
} from "./_history-adapters.ts";

const start = Date.UTC(2026, 0, 5, 8);

for (const { name, open } of historyAdapters) {
  suite(`history, what it is given: ${name}`, () => {
    test("what cannot be kept is refused and counted: the rest of its batch is taken", async () => {
      const now = start;
      await using history = open({ now: () => now });
      await history.consume(
        slice(
          batch({ seq: 1, to: now }, gauge("load", Number.NaN), count("hits", Infinity)),
          batch({ seq: 2, to: now }, gauge("load", 1)),
          batch({ seq: 3, to: now + 2 * hour }, gauge("load", 2)),
          batch({ seq: 4, to: now - 800 * day }, gauge("load", 3)),
        ),
      );
      const { samplesRefused } = await history.status();
      assert.deepEqual(samplesRefused, { seriesMax: 0, invalid: 2, outOfRange: 2 });
      const range = { from: now - hour, to: now, stepMs: minute };
      const answer = await history.query({ metric: "load", ...range, aggregate: "avg" });
      assert.deepEqual(values(answer), [[now - minute, 1]]);
    });

    test("a clock that was set back changes what is late, and loses nothing", async () => {
      await using history = open({ now: () => start });
      await history.consume(
        slice(
          batch({ seq: 1, to: start + 30 * minute }, count("hits", 1)),
          batch({ seq: 2, to: start }, count("hits", 2)),
        ),
      );
      await history.flush();
      await history.consume(slice(batch({ seq: 3, to: start + 10 * second }, count("hits", 4))));
      const range = { from: start - hour, to: start + hour };
      const sum = await history.queryInstant({ metric: "hits", ...range, aggregate: "sum" });
      assert.deepEqual(values(sum), [[start - hour, 7]]);
    });

    test("more series than allowed are refused, counted, and do not harm the others", async () => {
      await using history = open({ now: () => start, seriesMax: 3 });
      const samples = Array.from({ length: 8 }, (_, id) => count("hits", 1, { id: `${id}` }));
      await history.consume(slice(batch({ seq: 1, to: start }, ...samples)));
      await history.consume(slice(batch({ seq: 2, to: start }, ...samples)));
      const { series, seriesRefused, samplesRefused } = await history.status();
      assert.deepEqual([series, seriesRefused, samplesRefused.seriesMax], [3, 5, 10]);
      const range = { from: start - minute, to: start };
      const sum = await history.queryInstant({ metric: "hits", ...range, aggregate: "sum" });
      assert.deepEqual(values(sum), [[start - minute, 6]]);
    });

    test("a label value of 10 kB is cut, and its series stay apart", async () => {
      await using history = open({ now: () => start });
      const long = "ä".repeat(5000);
      const samples = [`${long}1`, `${long}2`].map((path) => count("hits", 1, { path }));
      await history.consume(slice(batch({ seq: 1, to: start }, ...samples)));
      const [paths] = await history.labels({ metric: "hits" }, 10);
      assert.equal(paths?.label, "path");
      assert.equal(paths.values.length, 2);
      for (const value of paths.values) {
        assert.match(value, /^ä+…[0-9a-f]{16}$/u);
        assert.ok(Buffer.byteLength(value) <= 1024);
      }
    });

    test("a batch that was taken is not taken again", async () => {
      await using history = open({ now: () => start });
      const one = slice(batch({ seq: 1, to: start }, count("hits", 1)));
      await history.consume(one);
      await history.consume(one);
      await history.flush();
      await history.consume(one);
      const range = { from: start - minute, to: start };
      const sum = await history.queryInstant({ metric: "hits", ...range, aggregate: "sum" });
      assert.deepEqual(values(sum), [[start - minute, 1]]);
    });

    test("a journal that was made anew counts from one again, and repeats nothing", async () => {
      await using history = open({ now: () => start + hour });
      const first = [1, 2, 3].map((seq) =>
        batch({ seq, to: start + seq * minute }, count("hits", 1)),
      );
      await history.consume(slice(...first));
      const again = [2, 3, 4, 5].map((minutes, at) =>
        batch({ seq: at + 1, to: start + minutes * minute }, count("hits", 1)),
      );
      await history.consume({ ...slice(...again), gaps: [{ reason: "epoch" }] });
      await history.flush();
      const range = { from: start, to: start + hour };
      const sum = await history.queryInstant({ metric: "hits", ...range, aggregate: "sum" });
      assert.deepEqual(values(sum), [[start, 5]]);
    });
  });
}
