// The vectors of HttpMonitor's own regression tests, and what it printed when it was run.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { type FakeWorld, createWorld } from "../../test/world.ts";
import { type Batch, ownSource } from "../core/batch.ts";
import type { OpenOutput } from "../core/component.ts";
import { count, noLabels, type TopSample } from "../core/sample.ts";
import { Top } from "../core/top.ts";
import { httpmonitor } from "./httpmonitor.ts";

const never = new AbortController().signal;
const start = "2016-11-20T16:01:00Z";
const startMs = Date.parse(start);

interface Told {
  readonly source?: string;
  readonly lengthS?: number;
  readonly backfill?: boolean;
  readonly status?: string;
  readonly tops?: Readonly<Record<string, readonly (readonly [string, number])[]>>;
}

/** One source's window of a second, so many seconds after the start. */
function second(at: number, hits: number, told: Told = {}): Batch {
  const { source = "shop", lengthS = 1, backfill = false, status = "200", tops = {} } = told;
  const from = startMs + at * 1000;
  return {
    source,
    service: "",
    seq: at + 1,
    from,
    to: from + lengthS * 1000,
    samples: [
      count("log_lines_total", hits, { outcome: "parsed" }),
      ...(hits === 0 ? [] : [count("http_requests_total", hits, { group: "a", status })]),
    ],
    tops: Object.entries(tops).map(([name, rows]) => toTop(name, rows)),
    events: [],
    more: false,
    partial: false,
    backfill,
  };
}

function toTop(name: string, rows: readonly (readonly [string, number])[]): TopSample {
  const value = new Top();
  rows.forEach(([key, times]) => value.add(key, times));
  return { name, labels: noLabels, value };
}

function tick(at: number): Batch {
  return second(at - 1, 0, { source: ownSource });
}

/** The hits of one second after the other. */
function seconds(frequencies: readonly number[]): Batch[] {
  return frequencies.map((hits, at) => second(at, hits));
}

function open(world: FakeWorld, options: object, state?: Uint8Array): Promise<OpenOutput> {
  const parsed = httpmonitor.options.parse({ timezone: "utc", alerts: [], ...options });
  return httpmonitor.open(parsed, world.context({ state }));
}

async function linesOf(options: object, batches: readonly Batch[]): Promise<readonly string[]> {
  const world = createWorld({ now: start });
  await using output = await open(world, options);
  await output.write(batches, never);
  return world.printed().split("\n").slice(0, -1);
}

/** As [what, hits, seconds after the start]. */
function toShort(line: string): string {
  const text: unknown = JSON.parse(line);
  const [, hits = "", time = ""] =
    /^High traffic (?:generated an alert - hits = (\d+), triggered|alert recovered) at (\S+)$/.exec(
      String(text),
    ) ?? [];
  return `${hits === "" ? "recovered" : hits} at :${time.slice(-2)}`;
}

function alert(threshold: number, windowS: number): object {
  return { alerts: [{ threshold, window: `${windowS}s` }] };
}

async function alertsOf(
  legacy: string,
  options: object,
  batches: readonly Batch[],
): Promise<readonly string[]> {
  return (await linesOf({ legacy, ...options }, batches)).map(toShort);
}

/** The second in which each window began, and its hits a second. */
async function tpsOf(legacy: string, batches: readonly Batch[]): Promise<readonly unknown[]> {
  const lines = await linesOf({ statistics: "2s", legacy }, batches);
  return lines.map((line) => [JSON.parse(line).time.slice(-2), JSON.parse(line).tps]);
}

/** One request for each target, and one by z. */
function toTold(...keys: readonly string[]): Told {
  return { tops: { http_targets: keys.map((key) => [key, 1]), http_users: [["z", 1]] } };
}

function problemOf(given: object): string | undefined {
  return httpmonitor.options.safeParse(given).error?.issues[0]?.message;
}

for (const legacy of ["off", "strict"]) {
  suite(`alerts with legacy: ${legacy}`, () => {
    test("2, 4, 4, 3, 2, 1 hits over (3, 2)", async () => {
      const batches = seconds([2, 4, 4, 3, 2, 1]);
      assert.deepEqual(await alertsOf(legacy, alert(3, 2), batches), [
        "3 at :01",
        "recovered at :04",
      ]);
    });

    test("2, 4, 3, 3, 5, 2, 1, 1 hits over (3, 3) and (4, 2)", async () => {
      const batches = seconds([2, 4, 3, 3, 5, 2, 1, 1]);
      assert.deepEqual(await alertsOf(legacy, alert(3, 3), batches), [
        "3 at :02",
        "recovered at :06",
      ]);
      assert.deepEqual(await alertsOf(legacy, alert(4, 2), batches), [
        "4 at :04",
        "recovered at :05",
      ]);
      const both = { alerts: [alert(3, 3), alert(4, 2)].flatMap((one) => Object.values(one)[0]) };
      assert.deepEqual(await alertsOf(legacy, both, batches), [
        "3 at :02",
        "4 at :04",
        "recovered at :05",
        "recovered at :06",
      ]);
    });

    test("the average always divides by the window: hits at t, t, t+1 over 3 are 2/3, then 1", async () => {
      const batches = seconds([2, 1, 1]);
      assert.deepEqual(
        await alertsOf(legacy, alert(1, 3), batches.slice(0, 2)),
        legacy === "off" ? ["1 at :01"] : [],
      );
      assert.deepEqual(await alertsOf(legacy, alert(1, 3), batches), ["1 at :01"]);
    });

    test("late lines count in their own second, which is not judged again", async () => {
      const batches = [second(0, 2), second(1, 2), second(2, 4), second(1, 2), second(3, 1)];
      const after = [...batches, second(4, 0), second(5, 1)];
      assert.deepEqual((await alertsOf(legacy, alert(3, 3), after)).slice(0, 1), [
        legacy === "off" ? "3 at :03" : "3 at :02",
      ]);
    });

    test("the texts are those of HttpMonitor, in the zone that is asked for", async () => {
      const batches = seconds([7, 0, 1, 1]);
      assert.deepEqual(
        await linesOf({ legacy, ...alert(3, 2), timezone: "Europe/Madrid" }, batches),
        [
          '"High traffic generated an alert - hits = 3, triggered at 2016-11-20T17:01:00"',
          '"High traffic alert recovered at 2016-11-20T17:01:02"',
        ],
      );
    });
  });
}

suite("in silence", () => {
  const busyThenSilent = [second(0, 10), ...[1, 2, 3, 4, 5].map((at) => second(at, 0))];

  test("the clock lets an alert recover; strictly it stays", async () => {
    const options = { ...alert(3, 2) };
    assert.deepEqual((await linesOf(options, busyThenSilent)).map(toShort), [
      "5 at :00",
      "recovered at :02",
    ]);
    const strict = { ...options, legacy: "strict" };
    assert.deepEqual(await linesOf(strict, busyThenSilent), []);
    const later = [...busyThenSilent, second(60, 1), second(61, 1)];
    assert.deepEqual((await linesOf(strict, later)).map(toShort), ["5 at :00", "recovered at :00"]);
  });

  test("of a source that has stopped telling, ticks are the clock", async () => {
    const batches = [second(0, 10), tick(5), tick(11), tick(12), tick(13)];
    assert.deepEqual((await linesOf(alert(3, 2), batches)).map(toShort), [
      "5 at :00",
      "recovered at :02",
    ]);
    assert.deepEqual(await linesOf(alert(3, 2), batches.slice(0, 3)), [
      '"High traffic generated an alert - hits = 5, triggered at 2016-11-20T16:01:00"',
    ]);
  });

  test("statistics are written, strictly only when a line comes", async () => {
    assert.deepEqual(await tpsOf("off", busyThenSilent), [
      ["00", 5],
      ["02", 0],
      ["04", 0],
    ]);
    assert.deepEqual(await tpsOf("strict", [...busyThenSilent, second(9, 1), second(11, 1)]), [
      ["00", 5],
      ["09", 0.5],
    ]);
  });

  test("of hours, in which nobody watched, is not written about", async () => {
    const batches = [second(0, 2), second(1, 0, { lengthS: 7200 }), second(7201, 4)];
    const lines = await linesOf({ statistics: "2s" }, [...batches, second(7202, 0)]);
    const times = lines.map((line) => String(JSON.parse(line).time).slice(11));
    assert.deepEqual(times, ["16:01:00", "18:01:00"]);
  });
});

suite("statistics", () => {
  test("are what HttpMonitor printed when it was run, under both names of the rate", async () => {
    const tops = {
      http_targets: [
        ["/pages/create?x=1", 6],
        ["/api/user", 4],
        ["/api/help", 2],
        ["/last", 2],
        ["(malformed)", 50],
      ],
      http_users: [["frank", 2]],
    } as const;
    const codes = ["200", "304", "404", "503"].map((status, at) => [status, [4, 4, 2, 2][at] ?? 0]);
    const whole = second(0, 0, { tops });
    const samples = [...codes, ["101", 1], ["none", 1]].map(([status, hits]) =>
      count("http_requests_total", Number(hits), { group: "a", status: String(status) }),
    );
    const printed = async (rate: string): Promise<string | undefined> =>
      (await linesOf({ statistics: "2s", rate }, [{ ...whole, samples }, second(1, 0)]))[0];
    const rest =
      '"most_hits": ["/pages/create?x=1", "/api/user", "/api/help"], "most_active_users": [null, "frank"], ' +
      '"status_codes": {"2xx": 4, "3xx": 4, "4xx": 2, "5xx": 2}';
    const time = '"time": "2016-11-20T16:01:00"';
    assert.equal(
      await printed("transactions_per_second"),
      `{${time}, "transactions_per_second": 7.0, ${rest}}`,
    );
    assert.equal(await printed("tps"), `{${time}, "tps": 7.0, ${rest}}`);
    assert.equal(
      await printed("both"),
      `{${time}, "transactions_per_second": 7.0, ${rest}, "tps": 7.0}`,
    );
  });

  test("name those that were seen first where they are equally frequent", async () => {
    const batches = [second(0, 2, toTold("/c", "/b")), second(1, 2, toTold("/a", "/b"))];
    const [line = ""] = await linesOf({ statistics: "2s" }, batches);
    assert.deepEqual(JSON.parse(line).most_hits, ["/b", "/c", "/a"]);
    assert.deepEqual(JSON.parse(line).most_active_users, [null, "z"]);
  });

  test("add up tenths as floats do only when that is asked for", async () => {
    const batches = [second(0, 3), second(10, 1), second(20, 1)];
    const rates = async (legacy: string): Promise<number> =>
      JSON.parse((await linesOf({ statistics: "10s", legacy }, batches))[0] ?? "").tps;
    assert.deepEqual([await rates("off"), await rates("strict")], [0.3, 0.1 + 0.1 + 0.1]);
  });

  test("escape what is not ASCII, as Python does", async () => {
    const tops = { http_targets: [['/ä"😀\x7f', 1]] } as const;
    const [line = ""] = await linesOf({ statistics: "1s" }, [second(0, 1, { tops })]);
    assert.ok(line.includes(String.raw`["/\u00e4\"\ud83d\ude00\u007f"]`), line);
  });
});

test("several logs are one; a second is judged when all have told of it", async () => {
  const other = { source: "blog" };
  const batches = [
    second(0, 0, other),
    second(0, 0),
    second(1, 3),
    second(2, 0),
    second(1, 3, other),
  ];
  const lines = await linesOf(alert(3, 2), batches);
  assert.deepEqual(lines.map(toShort), ["3 at :01"]);
});

test("a source that is no log is not waited for", async () => {
  const check = { ...second(0, 0, { source: "home", lengthS: 30 }), samples: [] };
  const batches = [{ ...check, from: startMs - 30_000, to: startMs + 1 }, second(0, 9), tick(2)];
  const lines = await linesOf(alert(3, 2), batches);
  assert.deepEqual(lines.map(toShort), ["4 at :00"]);
});

test("what happened before it was there is not its business", async () => {
  const world = createWorld({ now: start });
  await using output = await open(world, alert(1, 1));
  await output.write([second(-5, 9), second(-1, 9)], never);
  await output.write([second(0, 9, { backfill: true }), second(1, 0), second(2, 0)], never);
  assert.equal(world.printed(), "");
});

test("it goes on over restarts at any point as if nothing had happened", async () => {
  const batch = fc.record({ hits: fc.nat(6), isTick: fc.boolean() });
  await fc.assert(
    fc.asyncProperty(
      fc.array(batch, { maxLength: 40 }),
      fc.constantFrom("off", "strict"),
      fc.nat(40),
      async (items, legacy, cut) => {
        const batches = items.map(({ hits, isTick }, at) => (isTick ? tick(at) : second(at, hits)));
        const options = { legacy, statistics: "3s", alerts: [{ threshold: 2, window: "4s" }] };
        const world = createWorld({ now: start });
        {
          await using first = await open(world, options);
          await first.write(batches.slice(0, cut), never);
          const state = first.state?.();
          world.advance(cut * 1000);
          await using next = await open(world, options, state);
          await next.write(batches.slice(cut), never);
        }
        const lines = await linesOf(options, batches);
        assert.deepEqual(world.printed(), lines.map((line) => `${line}\n`).join(""));
      },
    ),
  );
});

test("what cannot be written is written the next time, and not counted twice", async () => {
  const world = createWorld({ now: start });
  const context = world.context();
  let isFull = true;
  const parsed = httpmonitor.options.parse({ ...alert(3, 2), timezone: "utc" });
  await using output = await httpmonitor.open(parsed, {
    ...context,
    print: async (text) => {
      if (isFull) {
        throw new Error("the pipe is broken");
      }
      await context.print(text);
    },
  });
  const batches = [second(0, 3), second(1, 3)];
  await assert.rejects(output.write(batches, never), /pipe/);
  isFull = false;
  await output.write(batches, never);
  assert.equal(world.printed().split("\n").length, 2);
});

test("other windows begin anew, other alerts go on", async () => {
  const world = createWorld({ now: start });
  await using first = await open(world, { statistics: "10s", ...alert(2, 2) });
  await first.write([second(0, 9)], never);
  const state = first.state?.();
  world.advance(2000);
  await using second2 = await open(world, { statistics: "2s" }, state);
  await second2.write([second(2, 1), second(3, 0)], never);
  assert.match(world.printed(), /"time": "2016-11-20T16:01:02", "transactions_per_second": 0\.5/);
});

test("options that cannot work are refused", () => {
  assert.match(problemOf({ to: "file" }) ?? "", /name the file/);
  assert.match(problemOf({ to: "log" }) ?? "", /leads nowhere/);
  assert.match(problemOf({ statistics: "1500ms" }) ?? "", /whole seconds/);
  assert.match(problemOf({ timezone: "Europe/Nowhere" }) ?? "", /no time zone/);
  assert.equal(problemOf({ to: "log", log: { stdout: true } }), undefined);
});
