// Files that come, go and are compressed while nobody looks, or before their turn has come.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import zlib from "node:zlib";
import { createWorld, type FakeWorld } from "../../../test/world.ts";
import { FileSet, type FileSetOptions } from "./file-set.ts";

suite("what was written while nobody looked is read", () => {
  test("a dated log that was read in part and compressed since", async () => {
    const { world, follow, restart } = await start("/v/access-%Y-%m-%d.log", {
      "/v/access-2026-01-01.log": lines(1, 20),
    });
    world.disk.append("/v/access-2026-01-01.log", lines(21, 30));
    compress(world, "/v/access-2026-01-01.log");
    world.disk.append("/v/access-2026-01-02.log", lines(31, 40));
    await restart();
    assert.deepEqual(await follow(), numbers(1, 40));
  });

  for (const [pattern, nameOf] of [
    ["/v/access-%Y-%m-%d.log", (day: number) => `/v/access-2026-01-0${day}.log`],
    ["/v/access-*.log", (serial: number) => `/v/access-00000${serial}.log`],
  ] as const) {
    test(`files of ${pattern} that were compressed before anybody saw them`, async () => {
      const { world, follow, restart } = await start(pattern, { [nameOf(1)]: lines(1, 20) });
      world.advance(5000);
      world.disk.append(nameOf(2), lines(21, 30));
      compress(world, nameOf(2));
      world.disk.append(nameOf(3), lines(31, 40));
      await restart();
      assert.deepEqual(await follow(), numbers(1, 40));
    });
  }

  for (const isCompressed of [false, true]) {
    const what = isCompressed ? "rotated and compressed" : "rotated";
    test(`a new log that was ${what} before it was found`, async () => {
      const { world, follow, restart } = await start("/v/site-*.log", {
        "/v/site-1.log": lines(1, 5),
      });
      world.advance(5000);
      world.disk.append("/v/site-2.log", lines(6, 20));
      world.disk.rename("/v/site-2.log", "/v/site-2.log.1");
      if (isCompressed) {
        compress(world, "/v/site-2.log.1");
      }
      world.disk.append("/v/site-2.log", lines(21, 30));
      await restart();
      assert.deepEqual(await follow(), numbers(1, 30));
    });
  }

  test("but nothing that is older than the last look", async () => {
    const { world, follow, restart } = await start("/v/site-*.log", {
      "/v/site-2.log.1": lines(1, 5),
      "/v/site-1.log": lines(6, 10),
    });
    world.disk.append("/v/site-2.log", lines(11, 20));
    await restart();
    assert.deepEqual(await follow(), numbers(6, 20));
  });
});

for (const isRestarted of [false, true]) {
  const when = isRestarted ? "also over a restart" : "with many generations beside it";
  test(`a file that is replaced before its turn comes, ${when}`, async () => {
    const { world, follow, restart, look } = await start("/v/app.log", { "/v/app.log": "" });
    let last = 0;
    const write = (): void => world.disk.append("/v/app.log", lines(last + 1, (last += 5)));
    let day = 20_260_101;
    const rotate = (): void => {
      world.disk.rename("/v/app.log", `/v/app.log-${day++}`);
      write();
      world.advance(100);
    };
    // More than are remembered as read.
    for (let generation = 0; generation < 8; generation++) {
      await follow();
      rotate();
    }
    await follow();
    write();
    rotate();
    while ((await look()) === undefined) {
      world.advance(250);
    }
    rotate();
    if (isRestarted) {
      await restart();
    }
    assert.deepEqual(await follow(), numbers(1, last));
  });
}

interface Started {
  readonly world: FakeWorld;
  /** Reads for two minutes; the numbers of all lines so far, in order of size. */
  readonly follow: () => Promise<readonly number[]>;
  /** Another life with the position of this one. */
  readonly restart: () => Promise<void>;
  readonly look: () => Promise<unknown>;
}

async function start(path: string, files: Readonly<Record<string, string>>): Promise<Started> {
  const world = createWorld({ files });
  world.advance(5000);
  const options: FileSetOptions = { paths: [path], first: { kind: "start" } };
  let set = new FileSet(options, world.disk, undefined);
  const found: number[] = [];
  const follow = async (): Promise<readonly number[]> => {
    for (let rest = 0; rest < 240; rest++) {
      const { stream, pauseMs } = await set.look(world.now());
      const read = stream?.lines();
      if (stream !== undefined && read !== undefined) {
        const text = read.bytes.toString("latin1", read.from, read.to);
        found.push(...[...text.matchAll(/line (\d+)/g)].map(([, number]) => Number(number)));
        stream.consume(read.to);
      }
      world.advance(pauseMs > 0 ? 500 : 0);
    }
    return found.toSorted((a, b) => a - b);
  };
  await follow();
  return {
    world,
    follow,
    async restart() {
      const position = structuredClone(set.position);
      await set[Symbol.asyncDispose]();
      set = new FileSet(options, world.disk, position);
    },
    look: async () => (await set.look(world.now())).stream,
  };
}

function numbers(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function lines(first: number, last: number): string {
  return numbers(first, last)
    .map((number) => `line ${number} ${"x".repeat(40)}\n`)
    .join("");
}

function compress({ disk }: FakeWorld, path: string): void {
  const bytes = disk.bytes(path) ?? Buffer.alloc(0);
  disk.copy(path, `${path}.gz`, true);
  disk.rewrite(`${path}.gz`, zlib.gzipSync(bytes));
  disk.remove(path);
}
