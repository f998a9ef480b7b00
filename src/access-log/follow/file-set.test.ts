import assert from "node:assert/strict";
import { suite, test } from "node:test";
import zlib from "node:zlib";
import { createWorld, type FakeWorld } from "../../../test/world.ts";
import { FileSet, type FileSetOptions } from "./file-set.ts";

const start = { kind: "start" } as const;
const end = { kind: "end" } as const;

suite("which files are followed", () => {
  test("those that a pattern names, also when they come later", async () => {
    const world = createWorld({ files: { "/v/a.log": "a\n", "/v/a.txt": "no\n" } });
    const reader = new Reader(world, { paths: ["/v/*.log", "/w/**/x[12].log"], first: end });
    assert.deepEqual(await reader.read(), []);
    world.disk.append("/v/a.log", "b\n");
    world.disk.append("/v/b.log", "c\n");
    world.disk.append("/w/x1.log", "d\n");
    world.disk.append("/w/1/2/x2.log", "e\n");
    assert.deepEqual((await reader.read(30)).toSorted(), ["b", "c", "d", "e"]);
    assert.deepEqual(new Set(reader.events), new Set(["file_appeared"]));
  });

  test("of dated names, those from now on; the last line of a past one needs no end", async () => {
    const world = createWorld({
      now: "2026-11-20T12:00:00Z",
      files: { "/v/2026-11-18.log": "old\n", "/v/2026-11-20.log": "old\n" },
    });
    const reader = new Reader(world, {
      paths: ["/v/%Y-%m-%d.log"],
      first: end,
      timeZone: "Europe/Berlin",
    });
    await reader.read();
    world.disk.append("/v/2026-11-18.log", "never\n");
    world.disk.append("/v/2026-11-20.log", "a\nb");
    assert.deepEqual(await reader.read(30), ["a"]);
    world.disk.append("/v/2026-11-21.log", "c\n");
    assert.deepEqual(await reader.read(150), ["c", "b"]);
    assert.equal(reader.position.files.length, 2);
  });

  test("a link is what it leads to, the old target to its end first", async () => {
    const world = createWorld({ files: { "/d/1.log": "a\n" } });
    world.disk.link("/v/log", "/d/1.log");
    const reader = new Reader(world, { paths: ["/v/log"], first: start });
    assert.deepEqual(await reader.read(), ["a"]);
    reader.stop();
    world.disk.append("/d/1.log", "b\n");
    world.disk.append("/d/2.log", "c\n");
    world.disk.link("/v/log", "/d/2.log");
    reader.start();
    assert.deepEqual(await reader.read(), ["b", "c"]);
  });

  test("a named pipe, over its writers", async () => {
    const world = createWorld();
    world.disk.makePipe("/v/pipe");
    const reader = new Reader(world, { paths: ["/v/pipe"], first: end });
    assert.deepEqual(await reader.read(), []);
    world.disk.append("/v/pipe", "a\nb");
    assert.deepEqual(await reader.read(), ["a"]);
    world.disk.append("/v/pipe", "c\n");
    assert.deepEqual(await reader.read(), ["bc"]);
    assert.deepEqual(reader.position.files, []);
  });
});

suite("the first start", () => {
  const generations = {
    "/v/a.log-20250101": "1\n",
    "/v/a.log.9": "2\n",
    "/v/other.log.1": "no\n",
    "/v/a.log.1": "4\n",
    "/v/a.log": "5\n",
  };

  test("reads older generations with backfill, the oldest first", async () => {
    const world = createWorld({ files: generations });
    world.disk.append("/v/a.log.2.gz", zlib.gzipSync("3a\n3b\n"));
    world.disk.append("/v/a.log.3.zst", zlib.zstdCompressSync("3\n"));
    const reader = new Reader(world, { paths: ["/v/a.log"], first: end, isBackfill: true });
    const lines = await reader.read(40);
    assert.deepEqual(
      lines.filter((line) => line !== "1"),
      ["2", "3", "3a", "3b", "4", "5"],
    );
    assert.ok(lines.includes("1"));
    reader.stop();
    reader.start();
    assert.deepEqual(await reader.read(40), []);
  });

  test("does not without it, and later rotations are no reason to", async () => {
    const world = createWorld({ files: generations });
    const reader = new Reader(world, { paths: ["/v/a.log"], first: start });
    assert.deepEqual(await reader.read(40), ["5"]);
    world.disk.rename("/v/a.log.1", "/v/a.log.2");
    world.disk.rename("/v/a.log", "/v/a.log.1");
    world.disk.append("/v/a.log", "6\n");
    assert.deepEqual(await reader.read(40), ["6"]);
  });
});

suite("what was destroyed", () => {
  test("is told to the byte when it was seen", async () => {
    const world = createWorld({ files: { "/v/a.log": "one\n" } });
    const reader = new Reader(world, { paths: ["/v/a.log"], first: start });
    await reader.read();
    world.disk.setFailing("/v/a.log", "EIO");
    world.disk.append("/v/a.log", "0123456789\n");
    await reader.read();
    assert.match(reader.problem ?? "", /a\.log: EIO.*; trying again/);
    reader.stop();
    world.disk.setFailing("/v/a.log", undefined);
    world.disk.truncate("/v/a.log");
    world.disk.append("/v/a.log", "2\n");
    reader.start();
    assert.deepEqual(await reader.read(40), ["2"]);
    // What could not be read was never found to be of the same file.
    assert.deepEqual(reader.events, ["file_truncated"]);
    assert.equal(reader.isPartial, true);
  });

  test("is read from a copy as far as there is one; the rest is lost", async () => {
    const world = createWorld({ files: { "/v/a.log": "one\n" } });
    const reader = new Reader(world, { paths: ["/v/a.log"], first: start });
    await reader.read();
    world.disk.append("/v/a.log", "two\n");
    world.disk.copy("/v/a.log", "/v/a.log.1");
    world.disk.append("/v/a.log", "three");
    // It is seen, and what is in front of it is read.
    assert.deepEqual(await reader.read(), ["two"]);
    world.disk.truncate("/v/a.log");
    world.disk.append("/v/a.log", "4\n");
    assert.deepEqual(await reader.read(40), ["4"]);
    assert.equal(reader.lostBytes, "three".length);
    assert.deepEqual(reader.events, ["file_truncated", "file_bytes_lost"]);
  });
});

suite("rotation", () => {
  test("twice while it was stopped: both generations are read, in their order", async () => {
    const world = createWorld({ files: { "/v/a.log": "1\n" } });
    const reader = new Reader(world, { paths: ["/v/a.log"], first: start });
    await reader.read();
    reader.stop();
    world.disk.append("/v/a.log", "2\n");
    world.disk.append("/v/a.log.2.gz", zlib.gzipSync(world.disk.bytes("/v/a.log") ?? ""));
    world.disk.remove("/v/a.log");
    world.disk.append("/v/a.log.1", "3\n");
    world.disk.append("/v/a.log", "4\n");
    reader.start();
    assert.deepEqual(await reader.read(40), ["2", "3", "4"]);
    assert.equal(reader.lostBytes, 0);
  });

  test("of a copy and its equal original, the original is read: it is written on", async () => {
    const world = createWorld({ files: { "/v/a.log": "" } });
    const reader = new Reader(world, { paths: ["/*/*.log", "/v/*"], first: start });
    await reader.read();
    reader.stop();
    world.disk.append("/v/a.log", "1");
    world.disk.copy("/v/a.log", "/v/a.log.1");
    world.disk.rename("/v/a.log.1", "/v/a.log.2");
    world.disk.rename("/v/a.log", "/v/a.log-20260101");
    reader.start();
    assert.deepEqual(await reader.read(1), []);
    world.disk.append("/v/a.log-20260101", "23\n");
    world.disk.append("/v/a.log", "");
    assert.deepEqual(
      (await reader.read(100)).filter((line) => line !== "1"),
      ["123"],
    );
  });

  test("over an empty generation, as cp does: what was read is not read again there", async () => {
    const world = createWorld({ files: { "/v/a.log": "" } });
    const reader = new Reader(world, { paths: ["/v/a.log*"], first: start });
    await reader.read(1);
    world.disk.copy("/v/a.log", "/v/a.log.1");
    world.disk.truncate("/v/a.log");
    world.disk.append("/v/a.log", "1\n");
    assert.deepEqual(await reader.read(1), ["1"]);
    world.disk.append("/v/a.log", "2\n");
    world.disk.truncate("/v/a.log.1");
    world.disk.append("/v/a.log.1", "1\n2\n");
    world.disk.truncate("/v/a.log");
    assert.deepEqual(await reader.read(40), ["2"]);
    assert.equal(reader.lostBytes, 0);
  });

  test("the grace time is over when nothing comes any more", async () => {
    const world = createWorld({ files: { "/v/a.log": "1\n" } });
    const reader = new Reader(world, { paths: ["/v/a.log"], first: start });
    await reader.read();
    world.disk.rename("/v/a.log", "/v/a.log.1");
    world.disk.append("/v/a.log", "2\n");
    const lines: string[] = [];
    for (const line of ["a", "b", "c", "d"]) {
      lines.push(...(await reader.read(14)));
      world.disk.append("/v/a.log.1", `${line}\n`);
    }
    lines.push(...(await reader.read(14)));
    assert.deepEqual(lines, ["2", "a", "b", "c", "d"]);
    await reader.read(30);
    assert.equal(world.disk.opens, 1);
  });

  test("a damaged archive is told of, and what is in front of the damage is read", async () => {
    const world = createWorld({ files: { "/v/a.log": "1\n" } });
    const bytes = zlib.gzipSync("a\nb\n");
    world.disk.append("/v/a.log.1.gz", bytes.subarray(0, bytes.length - 9));
    const reader = new Reader(world, { paths: ["/v/a.log"], first: end, isBackfill: true });
    assert.deepEqual((await reader.read(40)).slice(-1), ["1"]);
    assert.match(reader.problem ?? "", /a\.log\.1\.gz: is damaged or incomplete/);
  });
});

/** Reads what there is, as a source would. */
class Reader {
  events: string[] = [];
  lostBytes = 0;
  isPartial = false;
  readonly #world: FakeWorld;
  readonly #options: FileSetOptions;
  #set: FileSet;

  constructor(world: FakeWorld, options: FileSetOptions) {
    this.#world = world;
    this.#options = options;
    this.#set = new FileSet(options, world.disk, undefined);
  }

  get problem(): string | undefined {
    return this.#set.problem;
  }

  get position(): FileSet["position"] {
    return this.#set.position;
  }

  stop(): void {
    void this.#set[Symbol.asyncDispose]();
  }

  start(): void {
    const position: unknown = structuredClone(this.#set.position);
    this.#set = new FileSet(this.#options, this.#world.disk, position);
  }

  /** So many looks, with pauses. */
  async read(looks = 4): Promise<string[]> {
    const lines: string[] = [];
    for (let look = 0; look < looks; look++) {
      for (let more = true; more;) {
        const { found, pauseMs } = await this.look();
        lines.push(...found);
        more = pauseMs === 0;
      }
      this.#world.advance(500);
    }
    return lines;
  }

  async look(): Promise<{ readonly found: readonly string[]; readonly pauseMs: number }> {
    const { stream, pauseMs, isPartial } = await this.#set.look(this.#world.now());
    this.isPartial ||= isPartial;
    this.events.push(...this.#set.takeEvents().map(({ name }) => name));
    for (const { name, value } of this.#set.takeSamples(this.#world.now())) {
      this.lostBytes += name === "watchpost_log_lost_bytes_total" ? Number(value) : 0;
    }
    const lines = stream?.lines();
    if (stream === undefined || lines === undefined) {
      return { found: [], pauseMs };
    }
    const text = lines.bytes.toString("latin1", lines.from, lines.to);
    stream.consume(lines.to);
    return { found: text.replace(/\n$/, "").split("\n"), pauseMs };
  }
}
