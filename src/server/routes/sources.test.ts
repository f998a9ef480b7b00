import assert from "node:assert/strict";
import test from "node:test";
import { createServer } from "../../../test/start-server.ts";

test("a source says what it looks at, and why it fails or what it checks is down", async () => {
  await using opened = await createServer();
  await opened.world.node.advance(1_500);
  const shown = async (): Promise<unknown[]> => {
    const { sources } = (await opened.app.inject("/api/v1/sources")).json();
    return [sources[0].target, sources[0].problem];
  };
  const target = "the beat of a";
  assert.deepEqual(await shown(), [target, null]);
  const [status] = opened.world.engine.sources;
  Object.assign(status ?? {}, { remark: "it refused the connection" });
  assert.deepEqual(await shown(), [target, "it refused the connection"]);
  Object.assign(status ?? {}, { problem: "the disk is full" });
  assert.deepEqual(await shown(), [target, "the disk is full"]);
});
