import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import type { Files } from "../core/component.ts";
import { jsonFile } from "./json-file.ts";

const never = new AbortController().signal;
const file = "/a.ndjson";

/** As on a full disk: of each text, so many bytes are taken before it fails. */
function createTightFiles(inner: Files, room: { bytes: number }): Files {
  return {
    open: (path) => inner.open(path),
    stat: (path) => inner.stat(path),
    replace: (path, text) => inner.replace(path, text),
    list: (folder) => inner.list(folder),
    realPath: (path) => inner.realPath(path),
    openStream: (path) => inner.openStream(path),
    watch: (folder, onChange) => inner.watch(folder, onChange),
    async openAppend(path) {
      const opened = await inner.openAppend(path);
      return {
        stat: () => opened.stat(),
        sync: () => opened.sync(),
        [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
        async append(text) {
          await opened.append(text.slice(0, room.bytes));
          if (text.length > room.bytes) {
            throw new Error("ENOSPC: no space left on device");
          }
        },
      };
    },
  };
}

function seqsIn(text: string | undefined): unknown[] {
  return (text ?? "").split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line).seq];
    } catch {
      return [];
    }
  });
}

suite("a file of JSON lines", () => {
  for (const bytes of [0, 1, 20]) {
    test(`stays readable by lines after a write of which ${bytes} bytes were taken`, async () => {
      const world = createWorld();
      const room = { bytes: 1e9 };
      const files = createTightFiles(world.disk, room);
      await using output = await jsonFile.open({ path: file }, { ...world.context(), files });
      await output.write([toBatch("a", 1)], never);
      room.bytes = bytes;
      await assert.rejects(output.write([toBatch("a", 2)], never), /ENOSPC/);
      await assert.rejects(output.write([toBatch("a", 2)], never), /ENOSPC/);
      room.bytes = 1e9;
      await output.write([toBatch("a", 2)], never);
      await output.write([toBatch("a", 3)], never);
      assert.deepEqual(seqsIn(world.disk.text(file)), [1, 2, 3]);
    });
  }

  test("follows a rotation", async () => {
    const world = createWorld();
    await using output = await jsonFile.open({ path: file }, world.context());
    await output.write([toBatch("a", 1)], never);
    world.disk.rename(file, `${file}.1`);
    await output.write([toBatch("a", 2)], never);
    world.disk.remove(file);
    await output.write([toBatch("a", 3)], never);
    assert.deepEqual(seqsIn(world.disk.text(`${file}.1`)), [1]);
    assert.deepEqual(seqsIn(world.disk.text(file)), [3]);
  });
});
