import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { noonS, openForPeers, openMunin, spoolfetch, toBatch } from "../../test/munin-node.ts";
import { parseMuninText } from "../../test/munin-text.ts";
import { type FakeWorld, createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import { count } from "../core/sample.ts";
import { Spool } from "./_munin-spool.ts";

const never = new AbortController().signal;

suite("the spool", () => {
  test("tells a master what is new since it asked, and again when it asks again", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    await output.write(
      [1, 2, 3].map((n) => wave(n)),
      never,
    );
    assert.deepEqual(await times(world, 0), [10, 20, 30]);
    assert.deepEqual(await times(world, 0), [10, 20, 30]);
    assert.deepEqual(await times(world, noonS + 30), undefined);
    await output.write(
      [4, 5].map((n) => wave(n)),
      never,
    );
    assert.deepEqual(await times(world, noonS + 30), [40, 50]);
    assert.deepEqual(await times(world, noonS + 30), [40, 50]);
    assert.deepEqual(await times(world, noonS + 50), undefined);
  });

  test("a source that was late is not passed over", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    await output.write(
      [
        ...[1, 2].map((n) => wave(n, "late")),
        ...Array.from({ length: 200 }, (_, i) => wave(i + 1)),
      ],
      never,
    );
    await spoolfetch(world, 0);
    await output.write(
      [3, 4].map((n) => wave(n, "late")),
      never,
    );
    const values = (await spoolfetch(world, noonS + 2000)).get("late_n_total")?.values.get("value");
    assert.deepEqual(
      values?.map(([atS]) => atS - noonS),
      [30, 40],
    );
  });

  test("survives a restart, and so does what was told", async () => {
    const [world, other] = [createWorld(), createWorld()];
    await using before = await openMunin(world);
    await before.write(
      [1, 2, 3].map((n) => wave(n)),
      never,
    );
    await spoolfetch(world, 0);
    await using after = await openMunin(other, {}, before.state?.());
    assert.deepEqual(await times(other, noonS + 30), undefined);
    await after.write([wave(4)], never);
    assert.deepEqual(await times(other, noonS + 30), [40]);
  });

  test("tells a master whose visits it does not know what may be new to it", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    await output.write(
      Array.from({ length: 100 }, (_, i) => wave(i + 1)),
      never,
    );
    const told = await times(world, noonS + 990);
    assert.ok(Array.isArray(told));
    assert.deepEqual([told[0], told.at(-1), told.length], [400, 1000, 61]);
  });

  test("keeps what no master has fetched, for as long as asked, and says when that was too short", async () => {
    const world = createWorld();
    await using output = await openMunin(world, { keep: "20m" });
    await output.write(
      Array.from({ length: 300 }, (_, i) => wave(i + 1)),
      never,
    );
    assert.deepEqual(await times(world, 0).then((all) => Array.isArray(all) && all.length), 121);
    assert.deepEqual(world.reports, []);
    await spoolfetch(world, noonS + 3000);
    await output.write(
      Array.from({ length: 200 }, (_, i) => wave(i + 301)),
      never,
    );
    assert.match(world.reports.at(-1) ?? "", /no master has asked for 20m/);
  });

  test("forgets what every master has", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    await output.write(
      Array.from({ length: 300 }, (_, i) => wave(i + 1)),
      never,
    );
    await spoolfetch(world, 0);
    await spoolfetch(world, noonS + 3000);
    const size = output.state?.()?.length ?? 0;
    await output.write([wave(301)], never);
    assert.ok((output.state?.()?.length ?? 0) < size / 3);
  });

  test("waits for the slower of two masters", async () => {
    const allow = ["192.0.2.0/24"];
    const { talk, write } = await openForPeers({ allow });
    await write(Array.from({ length: 300 }, (_, i) => wave(i + 1)));
    await talk("192.0.2.7", "spoolfetch 0\n");
    await talk("192.0.2.8", "spoolfetch 0\n");
    await talk("192.0.2.7", `spoolfetch ${noonS + 3000}\n`);
    await write([wave(301)]);
    const all = parseMuninText(cutGreeting(await talk("192.0.2.8", "spoolfetch 0\n")));
    assert.equal(all.get("s_n_total")?.values.get("value")?.length, 301);
  });

  test("takes nothing that is older than what it has told", async () => {
    const world = createWorld();
    await using output = await openMunin(world);
    const old = { ...wave(1), backfill: true };
    await output.write([...[1, 2].map((n) => wave(n)), old, wave(3)], never);
    const points = (await spoolfetch(world, 0)).get("s_n_total")?.values.get("value");
    assert.deepEqual(points?.at(-1), [noonS + 30, "0.3"]);
  });

  test("has room for so many values, and drops the oldest first", () => {
    const spool = new Spool({ resolutionS: 10, keepS: 1e6, slotsMax: 100, valuesMax: 10 });
    for (let n = 1; n <= 8; n++) {
      spool.add(wave(n, "a"));
      spool.add(
        toBatch(
          "b",
          n,
          ["x", "y"].map((to) => count("n_total", 1, { to })),
        ),
      );
    }
    assert.equal(
      spool.trim(() => false),
      10,
    );
    const kept = [...spool.sources].map(({ points }) => points.map(({ atS }) => atS - noonS));
    assert.deepEqual(kept, [
      [60, 70, 80],
      [60, 70, 80],
    ]);
  });

  test("has room for so many lines, and says so", async () => {
    const world = createWorld();
    await using output = await openMunin(world, { linesMax: 3 });
    const samples = ["a", "b", "c", "d"].map((to) => count("n_total", 1, { to }));
    await output.write(
      [1, 2].map((n) => toBatch("s", n, samples)),
      never,
    );
    assert.deepEqual(
      [...((await spoolfetch(world, 0)).get("s_n_total")?.values.keys() ?? [])],
      ["a", "b", "c"],
    );
    assert.match(world.reports.at(-1) ?? "", /no room for more than 3 lines/);
  });

  test("whatever the windows, what it tells adds up to what was counted", async () => {
    const window = fc.record({ seconds: fc.integer({ min: 1, max: 40 }), n: fc.nat(1000) });
    await fc.assert(
      fc.asyncProperty(fc.array(window, { minLength: 1, maxLength: 30 }), async (windows) => {
        const world = createWorld();
        await using output = await openMunin(world);
        let atS = noonS;
        const batches = [...windows, { seconds: 20, n: 0 }, { seconds: 10, n: 0 }].map(
          ({ seconds, n }, i) => {
            const from = atS * 1000;
            atS += seconds;
            return toBatch("s", i + 1, [count("n_total", n)], { from, to: atS * 1000 });
          },
        );
        await output.write(batches, never);
        const points = (await spoolfetch(world, 0)).get("s_n_total")?.values.get("value") ?? [];
        const sum = points.reduce((all, [at, rate], i) => {
          const spanS = at - (points[i - 1]?.[0] ?? noonS);
          return all + Number(rate) * Math.max(i === 0 ? 10 : 0, spanS);
        }, 0);
        const counted = windows.reduce((all, { n }) => all + n, 0);
        assert.ok(Math.abs(sum - counted) < 1e-6, `${sum} of ${counted}`);
      }),
      { numRuns: 100 },
    );
  });
});

function cutGreeting(text: string): string {
  return text.slice(text.indexOf("\n") + 1);
}

function wave(n: number, source = "s"): Batch {
  return toBatch(source, n, [count("n_total", n)]);
}

/** The seconds since noon of which the spool tells who has those before. */
async function times(world: FakeWorld, afterS: number): Promise<unknown> {
  const points = (await spoolfetch(world, afterS)).get("s_n_total")?.values.get("value");
  return points?.map(([atS]) => atS - noonS);
}
