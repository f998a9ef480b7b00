import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { createWorld, type FakeWorld } from "../../test/world.ts";
import type { Observation } from "../core/component.ts";
import { FileSet, type FileSetOptions } from "./follow/file-set.ts";
import { followLog } from "./follow-log.ts";
import { parseSourceFormat } from "./parse-source-format.ts";
import type { ScanSpec } from "./scan/log-scanner.ts";
import { toLogTime } from "./format/to-log-time.ts";

const path = "/var/log/shop.log";
const everyMs = 2000;
const spec = toSpec("common");

test("a partial line waits for its end", async () => {
  const world = createWorld();
  const text = toLine(world.now());
  world.disk.append(path, text.slice(0, 30));
  world.schedule(3100, () => world.disk.append(path, text.slice(30)));
  assert.deepEqual(linesOf(await take(world, { count: 2 })), ["0 0 0", "1 0 0"]);
});

test("a line above 64 KiB is counted, and the lines around it are parsed", async () => {
  const world = createWorld();
  const line = toLine(world.now());
  for (const size of [64 * 1024 + 1, 300_000, 3_000_000]) {
    world.disk.append(path, `${line}${"x".repeat(size)}\n${line}`);
  }
  world.disk.append(path, `${"y".repeat(64 * 1024)}\n`);
  assert.deepEqual(linesOf(await take(world, { count: 1 })), ["6 1 3"]);
});

test("from: end begins behind the last whole line, and the first window is partial", async () => {
  const world = createWorld();
  const line = toLine(world.now());
  world.disk.append(path, line + line + line.slice(0, 9));
  world.schedule(300, () => world.disk.append(path, line.slice(9) + line));
  const observations = await take(world, { count: 2, from: "end" });
  assert.deepEqual(linesOf(observations), ["2 0 0", "0 0 0"]);
  assert.deepEqual(
    observations.map(({ partial }) => partial),
    [true, undefined],
  );
});

test("a slip in the path, mended, counts nothing twice and loses nothing", async () => {
  const world = createWorld();
  world.disk.append(path, toLine(world.now()).repeat(500));
  const [before] = await take(world, { count: 1, from: "end" });
  world.disk.append(path, toLine(world.now()));
  const followed = "/var/log/shpo.log";
  const [slip] = await take(world, { count: 1, from: "end", position: before?.position, followed });
  world.disk.append(path, toLine(world.now()));
  const [mended] = await take(world, { count: 1, from: "end", position: slip?.position });
  assert.deepEqual(linesOf([before, slip, mended]), ["0 0 0", "", "2 0 0"]);
});

test("a position that cannot be read is said and left aside, and the first window is partial", async () => {
  for (const position of [{ version: 3, files: ["start"] }, { workers: [] }, 7, "start"]) {
    const world = createWorld();
    world.disk.append(path, toLine(world.now()));
    const [first] = await take(world, { count: 1, position });
    assert.deepEqual([linesOf([first]), first?.partial], [["1 0 0"], true]);
    const [said, after] = world.reports;
    assert.match(said ?? "", /^the place where it stopped .* begins anew, as at its first start$/);
    assert.equal(after, undefined);
    const [second] = await take(world, { count: 1, position: first?.position });
    assert.deepEqual(linesOf([second]), ["0 0 0"]);
  }
});

test("a truncated file is read from its start, with an event", async () => {
  const world = createWorld();
  const line = toLine(world.now());
  world.disk.append(path, line + line);
  world.schedule(1100, () => {
    world.disk.truncate(path);
    world.disk.append(path, line);
  });
  const [observation] = await take(world, { count: 1 });
  assert.deepEqual(linesOf([observation]), ["3 0 0"]);
  assert.deepEqual(
    observation?.events?.map(({ name }) => name),
    ["file_truncated"],
  );
});

test("a renamed file is read to its end before the new one", async () => {
  const world = createWorld();
  const line = toLine(world.now());
  world.disk.append(path, line);
  world.schedule(600, () => {
    world.disk.append(path, line);
    world.disk.rename(path, `${path}.1`);
  });
  world.schedule(900, () => world.disk.append(`${path}.1`, line));
  world.schedule(1000, () => world.disk.append(path, line));
  world.schedule(1010, () => world.disk.append(`${path}.1`, line + line.trimEnd()));
  const observations = await take(world, { count: 4 });
  // The last line, which has no end, is one once nobody has added to it for a while.
  assert.deepEqual(linesOf(observations), ["5 0 0", "0 0 0", "1 0 0", "0 0 0"]);
  assert.deepEqual(
    observations[0]?.events?.map(({ name }) => name),
    ["file_rotated"],
  );
});

test("another file under the same path and inode is noticed on restart", async () => {
  const world = createWorld();
  const line = toLine(world.now());
  world.disk.append(path, line + line);
  const [before] = await take(world, { count: 1 });
  world.disk.truncate(path);
  world.disk.append(path, line.replace("127.0.0.1", "127.0.0.2").repeat(3));
  const [after] = await take(world, { count: 1, position: before?.position });
  assert.equal(after?.samples.find(({ labels }) => labels["outcome"] === "parsed")?.value, 3);
  assert.deepEqual(
    after?.events?.map(({ name }) => name),
    ["file_truncated"],
  );
  assert.equal(after?.partial, true);
});

test("what keeps it from reading is reported until it is well again", async () => {
  const world = createWorld();
  world.disk.makeFolder(path);
  world.schedule(3000, () => world.disk.remove(path));
  world.schedule(5000, () => {
    world.disk.setReadable(path, false);
    world.disk.append(path, toLine(world.now()));
  });
  world.schedule(7000, () => world.disk.setReadable(path, true));
  world.schedule(9000, () => world.disk.remove(path));
  const observations = await take(world, { count: 8 });
  assert.deepEqual(
    observations.map(({ partial = false }) => partial),
    [true, true, true, true, false, false, false, false],
  );
  assert.deepEqual(world.reports, [
    `${path}: is a folder; name the log files in it`,
    `${path}: no such file; waiting for it`,
    `${path}: EACCES: permission denied, open '${path}'; trying again`,
    undefined,
    `${path}: the file is gone; waiting for a new one`,
  ]);
  assert.equal(sum(observations, "log_lines_total"), 1);
});

test("a silent log yields windows without requests, and after a pause a long one", async () => {
  const world = createWorld();
  world.disk.append(path, toLine(world.now()));
  const first = await take(world, { count: 2 });
  assert.deepEqual(linesOf(first), ["1 0 0", "0 0 0"]);
  world.advance(3_600_000);
  const [long] = await take(world, { count: 1, position: first[1]?.position });
  assert.equal(long?.from, first[1]?.to);
  assert.ok(long !== undefined && long.to > world.now() - 5000);
});

test("old windows are backfill", async () => {
  const world = createWorld();
  world.disk.append(path, toLine(world.now() - 600_000) + toLine(world.now()));
  const observations = await take(world, { count: 3 });
  assert.deepEqual(
    observations.map(({ backfill = false }) => backfill),
    [true, false, false],
  );
});

function toSpec(format: string): ScanSpec {
  const found = parseSourceFormat(format);
  assert.ok(found.format !== undefined, found.problem);
  return { ...found, groups: { rules: [] } };
}

type Write = "good" | "late" | "early" | "bad" | "long";
type Step =
  | { readonly kind: "write"; readonly lines: readonly Write[]; readonly cuts: readonly number[] }
  | { readonly kind: "rotate"; readonly reopenAfterMs: number }
  | { readonly kind: "pause"; readonly ms: number };

const steps = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: writes() },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant("rotate" as const), reopenAfterMs: fc.nat(700) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("pause" as const), ms: fc.nat(6000) }) },
  ),
  { maxLength: 25 },
);
const lives = fc.array(
  fc.record({
    count: fc.integer({ min: 2, max: 5 }),
    // The last observation was yielded, but the process was killed before it was committed.
    isLastLost: fc.boolean(),
    downMs: fc.nat(3000),
  }),
  { maxLength: 8 },
);

test("whatever is written, and whenever it is killed, every line counts exactly once", async () => {
  await fc.assert(
    fc.asyncProperty(steps, lives, async (written, lived) => {
      const world = createWorld();
      const { wanted, endMs } = scheduleWrites(world, written);
      const committed: Observation[] = [];
      for (const life of lived) {
        const taken = await take(world, { ...life, position: committed.at(-1)?.position });
        committed.push(...(life.isLastLost ? taken.slice(0, -1) : taken));
        world.advance(life.downMs);
      }
      const untilMs = Math.max(endMs, world.now()) + 70_000;
      while ((committed.at(-1)?.to ?? 0) < untilMs) {
        committed.push(...(await take(world, { count: 3, position: committed.at(-1)?.position })));
      }
      assert.deepEqual(totalsOf(committed), wanted);
      for (const [index, { from }] of committed.entries()) {
        assert.ok(index === 0 || from === committed[index - 1]?.to, "windows follow one another");
      }
    }),
    { numRuns: 60 },
  );
});

function writes(): fc.Arbitrary<Step> {
  const line = fc.oneof(
    { weight: 20, arbitrary: fc.constant<Write>("good") },
    { weight: 2, arbitrary: fc.constantFrom<Write>("late", "early", "bad") },
    { weight: 1, arbitrary: fc.constant<Write>("long") },
  );
  return fc.record({
    kind: fc.constant("write" as const),
    lines: fc.array(line, { minLength: 1, maxLength: 12 }),
    cuts: fc.array(fc.nat(2000), { maxLength: 3 }),
  });
}

interface Totals {
  readonly parsed: number;
  readonly unparsed: number;
  readonly tooLong: number;
  readonly requests: number;
  readonly bytes: number;
  readonly targets: number;
}

/** Plans the life of a log file; returns what has to be counted in the end. */
function scheduleWrites(
  world: FakeWorld,
  written: readonly Step[],
): { readonly wanted: Totals; readonly endMs: number } {
  world.disk.append(path, "");
  let afterMs = 0;
  let rotatedMs = -Infinity;
  let bytes = 0;
  const counts = { good: 0, late: 0, early: 0, bad: 0, long: 0 };
  for (const step of written) {
    if (step.kind === "pause") {
      afterMs += step.ms;
    } else if (step.kind === "rotate") {
      // A killed process finds the file again under one other name, not under two.
      afterMs = Math.max(afterMs, rotatedMs + 20_000) + 1;
      rotatedMs = afterMs;
      world.schedule(afterMs, () => {
        world.disk.append(path, "");
        world.disk.rename(path, `${path}.1`);
      });
      afterMs += step.reopenAfterMs + 1;
      world.schedule(afterMs, () => world.disk.append(path, ""));
    } else {
      let text = "";
      for (const line of step.lines) {
        counts[line]++;
        const sizeBytes = counts.good * 7;
        bytes += line === "bad" || line === "long" ? 0 : sizeBytes;
        text += toText(line, world.now() + afterMs, sizeBytes);
      }
      const cuts = [0, ...step.cuts, text.length].toSorted((a, b) => a - b);
      for (const [index, from] of cuts.entries()) {
        const piece = text.slice(from, cuts[index + 1]);
        afterMs += 130;
        world.schedule(afterMs, () => world.disk.append(path, piece));
      }
    }
  }
  const parsed = counts.good + counts.late + counts.early;
  return {
    endMs: world.now() + afterMs,
    wanted: {
      parsed,
      unparsed: counts.bad,
      tooLong: counts.long,
      requests: parsed,
      bytes,
      targets: parsed,
    },
  };
}

const shiftsMs = { good: 0, late: -30_000, early: 45_000 };

function toText(line: Write, atMs: number, sizeBytes: number): string {
  if (line === "bad" || line === "long") {
    return line === "bad" ? "\0 garbage\n" : `${"z".repeat(70_000)}\n`;
  }
  return toLine(atMs + shiftsMs[line], sizeBytes);
}

function totalsOf(observations: readonly Observation[]): Totals {
  const lines = (outcome: string): number => sum(observations, "log_lines_total", outcome);
  return {
    parsed: lines("parsed"),
    unparsed: lines("unparsed"),
    tooLong: lines("too_long"),
    requests: sum(observations, "http_requests_total"),
    bytes: sum(observations, "http_response_bytes_total"),
    targets: observations
      .flatMap(({ tops = [] }) => tops)
      .filter(({ name }) => name === "http_targets")
      .reduce((total, { value }) => total + value.total, 0),
  };
}

function sum(observations: readonly Observation[], name: string, outcome?: string): number {
  let total = 0;
  for (const sample of observations.flatMap(({ samples }) => samples)) {
    const isWanted = outcome === undefined || sample.labels["outcome"] === outcome;
    if (sample.kind === "count" && sample.name === name && isWanted) {
      total += sample.value;
    }
  }
  return total;
}

/** "parsed unparsed too_long" of each. */
function linesOf(observations: readonly (Observation | undefined)[]): string[] {
  return observations.map((observation) =>
    (observation?.samples ?? [])
      .flatMap((sample) =>
        sample.name === "log_lines_total" ? [JSON.stringify(sample.value)] : [],
      )
      .join(" "),
  );
}

interface Taken {
  readonly count: number;
  readonly position?: unknown;
  /** Another path than usual, as after a slip in the configuration. */
  readonly followed?: string;
  readonly from?: "start" | "end";
}

/**
 * One life of the source: as many observations as wanted, their positions as a journal would bring
 * them back.
 */
async function take(
  world: FakeWorld,
  { count, position, from = "start", followed = path }: Taken,
): Promise<Observation[]> {
  const stop = new AbortController();
  const context = world.context({ signal: stop.signal, position, everyMs });
  const taken: Observation[] = [];
  const given: FileSetOptions = { paths: [followed], first: { kind: from } };
  const open = (saved: unknown): FileSet => new FileSet(given, world.disk, saved);
  for await (const observation of followLog({ open, spec }, context)) {
    taken.push({ ...observation, position: structuredClone(observation.position) });
    if (taken.length >= count) {
      break;
    }
  }
  stop.abort();
  return taken;
}

function toLine(atMs: number, sizeBytes = 1): string {
  return `127.0.0.1 - - [${toLogTime(atMs)}] "GET /a HTTP/1.1" 200 ${sizeBytes}\n`;
}
