import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { createLogGenerator } from "../../access-log/log-generator.ts";
import { parseSourceFormat } from "../../access-log/parse-source-format.ts";
import { createSlowParser } from "../../access-log/format/parse-line-slowly.ts";
import { createWorld } from "../../../test/world.ts";
import { findStart } from "./find-start.ts";
import { createTailFiles } from "./tail-files.ts";

const { format } = parseSourceFormat("combined");
const nowMs = Date.parse("2026-10-10T12:00:00Z");

async function readAll(file: {
  read(into: Uint8Array, offset: number): Promise<number>;
}): Promise<string> {
  const bytes = Buffer.alloc(1 << 22);
  return bytes.toString("utf8", 0, await file.read(bytes, 0));
}

test("a file begins where it is said to, until it is truncated", async () => {
  const { disk } = createWorld({ files: { "/a.log": "old\nnew\n", "/b.log": "whole\n" } });
  const files = createTailFiles(disk, async (_file, path) => (path === "/a.log" ? 4 : 0));
  await using tail = await files.open("/a.log");
  assert.equal(await readAll(tail), "new\n");
  assert.equal((await tail.stat()).sizeBytes, 4);
  await using other = await files.open("/b.log");
  assert.equal(await readAll(other), "whole\n");
  disk.truncate("/a.log", 0);
  disk.append("/a.log", "x\n");
  assert.equal((await files.stat("/a.log"))?.sizeBytes, 0, "shorter than anything that was read");
  assert.equal((await files.stat("/a.log"))?.sizeBytes, 2);
  assert.equal(await readAll(tail), "x\n");
});

suite("the beginning of the last minutes is found", () => {
  test("with every line of that time behind it, and few others", async () => {
    assert.ok(format !== undefined);
    const startMs = nowMs - 900_000;
    const lines = createLogGenerator({ seed: 3, startMs }).linesFor(startMs, nowMs);
    const parser = createSlowParser(format);
    const times = lines.map((line) => {
      const outcome = parser.parse(line);
      return outcome.kind === "entry" ? (outcome.entry.time ?? 0) : 0;
    });
    const text = `${lines.join("\n")}\n`;
    const { disk } = createWorld({ files: { "/a.log": text } });
    await using file = await disk.open("/a.log");
    for (const ageMs of [0, 1000, 60_000, 300_000, 7_200_000]) {
      const sinceMs = nowMs - ageMs;
      const query = { format, timeZone: undefined, sinceMs, bytesMax: 1 << 30 };
      const start = await findStart(file, query);
      const before = text.slice(0, start).split("\n").length - 1;
      assert.ok(start === 0 || text[start - 1] === "\n");
      assert.ok(times.slice(0, before).every((time) => time < sinceMs));
      const tooEarly = times.slice(before).filter((time) => time > 0 && time < sinceMs);
      assert.ok(tooEarly.length < 1000, "64 KiB, and some, of lines of 100 bytes");
    }
  });

  test("never more than is allowed, in whatever the file holds", async () => {
    assert.ok(format !== undefined);
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 300 }), fc.nat(400), async (text, bytesMax) => {
        const { disk } = createWorld({ files: { "/a.log": text } });
        await using file = await disk.open("/a.log");
        const { sizeBytes } = await file.stat();
        const query = { format, timeZone: "Europe/Berlin", sinceMs: nowMs, bytesMax };
        const start = await findStart(file, query);
        assert.ok(start <= sizeBytes && sizeBytes - start <= bytesMax);
      }),
    );
  });
});
