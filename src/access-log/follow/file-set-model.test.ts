// Logs that are rotated in every way, at random, in a file system in memory: whatever is still
// somewhere on the disk in the end was read once, and nothing was read twice.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import zlib from "node:zlib";
import * as fc from "fast-check";
import { createWorld, type FakeWorld } from "../../../test/world.ts";
import { FileSet, type FileSetOptions } from "./file-set.ts";
import type { Look } from "./line-input.ts";

const log = "/v/app.log";

type Step =
  | { readonly kind: "write"; readonly lines: number; readonly cut: number }
  | { readonly kind: "rename" | "reopen" | "copy" | "copytruncate" | "recreate" | "clear" | "cp" }
  | { readonly kind: "date" | "compress" | "remove"; readonly generation: number }
  | { readonly kind: "look"; readonly afterMs: number; readonly share: number }
  | { readonly kind: "commit" }
  | { readonly kind: "restart" };

const steps = fc.array(
  fc.oneof(
    {
      weight: 10,
      arbitrary: fc.record({
        kind: fc.constant("write" as const),
        lines: fc.integer({ min: 1, max: 30 }),
        cut: fc.nat(40),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          ...(["rename", "reopen", "copy", "copytruncate", "recreate", "clear", "cp"] as const),
        ),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constantFrom(...(["date", "compress", "compress", "remove"] as const)),
        generation: fc.nat(4),
      }),
    },
    {
      weight: 8,
      arbitrary: fc.record({
        kind: fc.constant("look" as const),
        afterMs: fc.constantFrom(1, 250, 3000, 12_000),
        share: fc.integer({ min: 1, max: 4 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("commit" as const) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("restart" as const) }) },
  ),
  { maxLength: 60 },
);

/** The same choices each time; others by --seed. */
const seed = Number(process.argv.find((each) => each.startsWith("--seed="))?.slice(7) ?? 20_261);
const runs = Number(process.argv.find((each) => each.startsWith("--runs="))?.slice(7) ?? 60);

suite("every line is read once, whatever rotation does", () => {
  for (const paths of [[log], ["/v/*.log"], ["/v/app.log*"], ["/*/*.log", "/v/*"]]) {
    test(`following ${paths.join(" and ")}`, async () => {
      await fc.assert(
        fc.asyncProperty(steps, async (taken) => {
          await runModel(taken, { paths, first: { kind: "start" } });
        }),
        { numRuns: runs, seed },
      );
    });
  }
});

suite("what the model has found", () => {
  test("a copy that nobody made room for, and a new name, before the first look", () =>
    runModel(
      [
        { kind: "write", lines: 1, cut: 1 },
        { kind: "copy" },
        { kind: "date", generation: 0 },
        { kind: "restart" },
        { kind: "look", afterMs: 1, share: 1 },
      ],
      { paths: ["/*/*.log", "/v/*"], first: { kind: "start" } },
    ));

  test("an empty generation that the next copy is written over", () =>
    runModel(
      [
        { kind: "copytruncate" },
        { kind: "write", lines: 1, cut: 0 },
        { kind: "look", afterMs: 3000, share: 1 },
        { kind: "cp" },
      ],
      { paths: [log], first: { kind: "start" } },
    ));
});

async function runModel(taken: readonly Step[], options: FileSetOptions): Promise<void> {
  const world = createWorld();
  const writer = new Writer(world);
  const reader = new Reader(world, options);
  await reader.look(1);
  reader.commit();
  for (const step of taken) {
    if (step.kind === "look") {
      world.advance(step.afterMs);
      await reader.look(step.share);
    } else if (step.kind === "commit") {
      reader.commit();
    } else if (step.kind === "restart") {
      await reader.restart();
    } else {
      writer.take(step);
    }
  }
  writer.take({ kind: "reopen" });
  // Long enough for searches, for grace, and for a scan.
  for (let rest = 0; rest < 100; rest++) {
    world.advance(500);
    await reader.look(1);
  }
  await reader.close();
  assert.deepEqual(reader.doubles, [], "read twice");
  const missing = [...writer.numbersOnDisk()].filter((number) => !reader.numbers.has(number));
  assert.deepEqual(missing, [], "not read");
  assert.equal(world.disk.opens, 0, "all is closed");
}

/** `12 345 xxxx 12;`: a piece of a line is not taken for one. */
const wholeLine = /^(\d+) (\d+) x* \1;$/;

class Writer {
  readonly #world: FakeWorld;
  /** Where it writes: it may not have noticed a rotation yet. */
  #path: string | undefined = log;
  #next = 1;
  /** The rest of a line, of which the beginning is written. */
  #rest = "";
  #dates = 20_260_101;

  constructor(world: FakeWorld) {
    this.#world = world;
    world.disk.append(log, "");
  }

  take(step: Exclude<Step, { kind: "look" | "commit" | "restart" }>): void {
    const { disk } = this.#world;
    switch (step.kind) {
      case "write":
        this.#write(step.lines, step.cut);
        return;
      case "rename":
        this.#rename(`${log}.1`);
        return;
      case "date":
        this.#rename(`${log}-${this.#dates++}`);
        return;
      case "reopen":
        this.#reopen();
        return;
      case "copy":
      case "copytruncate":
        this.#copy(step.kind === "copytruncate");
        return;
      case "cp":
        this.#copyOver();
        return;
      case "recreate":
        if (this.#path === log) {
          disk.remove(log);
          disk.append(log, "");
          this.#rest = "";
        }
        return;
      case "clear":
        disk.truncate(this.#path ?? log);
        return;
      case "compress":
        this.#compress(step.generation);
        return;
      case "remove":
        disk.remove(this.#generations()[step.generation] ?? "/v/none");
    }
  }

  /** Of all whole lines that are anywhere. */
  *numbersOnDisk(): Generator<number> {
    const { disk } = this.#world;
    for (const path of Object.keys(disk.texts())) {
      const bytes = disk.bytes(path) ?? Buffer.alloc(0);
      const text = (path.endsWith(".gz") ? zlib.gunzipSync(bytes) : bytes).toString();
      for (const line of text.split("\n")) {
        const [, number] = wholeLine.exec(line) ?? [];
        if (number !== undefined) {
          yield Number(number);
        }
      }
    }
  }

  #write(lines: number, cut: number): void {
    const { disk } = this.#world;
    const path = this.#path ?? log;
    let text = this.#rest;
    for (let line = 0; line < lines; line++) {
      const number = this.#next++;
      text += `${number} ${this.#world.now()} ${"x".repeat(number % 90)} ${number};\n`;
    }
    // What lacks nothing but its end is whole in a copy, and not yet in the log.
    const wanted = Math.max(0, text.length - cut);
    const end = text[wanted - 1] === ";" ? wanted - 1 : wanted;
    this.#rest = text.slice(end);
    disk.append(path, text.slice(0, end));
  }

  #reopen(): void {
    const { disk } = this.#world;
    if (this.#path !== log) {
      disk.append(this.#path ?? log, this.#rest);
      this.#rest = "";
    }
    this.#path = log;
    disk.append(log, "");
  }

  #rename(to: string): void {
    if (this.#path === log) {
      this.#shift();
      this.#world.disk.rename(log, to);
      this.#path = to;
    }
  }

  #copy(isTruncated: boolean): void {
    const { disk } = this.#world;
    if (this.#path === log) {
      this.#shift();
      disk.copy(log, `${log}.1`);
      if (isTruncated) {
        disk.truncate(log);
      }
    }
  }

  /** As `cp` does: the generation keeps its inode, and what was in it is gone. */
  #copyOver(): void {
    const { disk } = this.#world;
    if (this.#path === log && disk.bytes(`${log}.1`) !== undefined) {
      disk.truncate(`${log}.1`);
      disk.append(`${log}.1`, disk.text(log) ?? "");
      disk.truncate(log);
    } else {
      this.#copy(true);
    }
  }

  #compress(generation: number): void {
    const { disk } = this.#world;
    const path = this.#generations()[generation];
    if (path === undefined || path.endsWith(".gz") || path === this.#path) {
      return;
    }
    const bytes = disk.bytes(path) ?? Buffer.alloc(0);
    disk.copy(path, `${path}.gz`, true);
    disk.rewrite(`${path}.gz`, zlib.gzipSync(bytes));
    disk.remove(path);
  }

  /** Numbered ones one step further. */
  #shift(): void {
    const { disk } = this.#world;
    for (let generation = 8; generation >= 1; generation--) {
      for (const ending of ["", ".gz"]) {
        const from = `${log}.${generation}${ending}`;
        if (disk.bytes(from) !== undefined) {
          disk.rename(from, `${log}.${generation + 1}${ending}`);
        }
      }
    }
  }

  #generations(): string[] {
    return Object.keys(this.#world.disk.texts())
      .filter((path) => path !== log && path !== this.#path)
      .toSorted();
  }
}

class Reader {
  numbers = new Set<number>();
  doubles: number[] = [];
  readonly #world: FakeWorld;
  readonly #options: FileSetOptions;
  #set: FileSet;
  #committed: { readonly position: unknown; readonly numbers: ReadonlySet<number> };

  constructor(world: FakeWorld, options: FileSetOptions) {
    this.#world = world;
    this.#options = options;
    this.#set = new FileSet(options, world.disk, undefined);
    this.#committed = { position: undefined, numbers: new Set() };
  }

  /** Looks until there is a pause; takes 1/share of the lines of each look. */
  async look(share: number): Promise<void> {
    for (let looks = 0; looks < 1000; looks++) {
      const look = await this.#set.look(this.#world.now());
      assert.match(this.#set.problem ?? "", /^(?:.*(?:no such file|the file is gone);.*)?$/);
      this.#count(look, share);
      if (look.pauseMs > 0) {
        return;
      }
    }
    assert.fail("it never comes to its end");
  }

  commit(): void {
    const position = structuredClone(this.#set.position);
    this.#committed = { position, numbers: new Set(this.numbers) };
  }

  async restart(): Promise<void> {
    await this.close();
    this.numbers = new Set(this.#committed.numbers);
    this.#set = new FileSet(this.#options, this.#world.disk, this.#committed.position);
  }

  async close(): Promise<void> {
    await this.#set[Symbol.asyncDispose]();
  }

  #count({ stream }: Look, share: number): void {
    const lines = stream?.lines();
    if (stream === undefined || lines === undefined) {
      return;
    }
    const { bytes, from } = lines;
    const half = bytes.indexOf("\n", from + Math.floor((lines.to - from) / share) - 1) + 1;
    const to = half > from && half <= lines.to ? half : lines.to;
    let newestMs = stream.state?.newestMs;
    for (const line of bytes.toString("latin1", from, to).split("\n")) {
      const [, number, timeMs] = wholeLine.exec(line) ?? [];
      if (number !== undefined) {
        if (this.numbers.has(Number(number))) {
          this.doubles.push(Number(number));
        }
        this.numbers.add(Number(number));
        newestMs = Math.max(newestMs ?? 0, Number(timeMs));
      }
    }
    stream.consume(to);
    stream.state = { ...stream.state, ...(newestMs !== undefined && { newestMs }) };
  }
}
