import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { appendBatches, toOutputConfig } from "../../test/engine-fixtures.ts";
import { createFakeNode } from "../../test/fake-environment.ts";
import type { Output } from "../core/component.ts";
import type { ReaderState } from "../journal/journal.ts";
import { toReaderName } from "./output-reader.ts";
import { OutputSet } from "./output-set.ts";

/** Each life's writes wait for the next of `holds`, as long as there are some. */
function toOutput(holds: Promise<void>[], lives: number[]): Output {
  return {
    name: "test",
    summary: "Takes batches.",
    options: z.strictObject({}),
    examples: [{ title: "", options: {}, batches: [], expect: {} }],
    async open() {
      const life = lives.push(0) - 1;
      return {
        async write(batches) {
          await holds.shift();
          lives[life] = (lives[life] ?? 0) + batches.length;
        },
        state: () => Uint8Array.of(life),
        async [Symbol.asyncDispose]() {},
      };
    },
  };
}

suite("the outputs", () => {
  test("one that was left behind leaves its successor's cursor and state alone", async () => {
    const node = createFakeNode();
    const { journal, environment } = node;
    const hold = Promise.withResolvers<void>();
    const lives: number[] = [];
    const kinds = [toOutput([hold.promise], lives)];
    const outputs = new OutputSet({
      kinds,
      journal,
      environment,
      describe: () => undefined,
      stopMaxMs: 1_000,
    });
    outputs.start(toOutputConfig(), () => new Map());
    await appendBatches(journal, "shop", 1);
    await node.settle();
    const stopping = outputs.stop("out");
    await node.advance(1_000);
    await stopping;
    assert.match(node.log.join(), /left behind/);
    outputs.start(toOutputConfig(), () => new Map());
    await appendBatches(journal, "shop", 2);
    await node.advance(6_000);
    await appendBatches(journal, "shop", 1);
    await node.settle();
    const saved = async (): Promise<ReaderState | undefined> =>
      journal.loadReader(toReaderName("out"));
    const before = await saved();
    assert.deepEqual(before?.state, Uint8Array.of(1));
    hold.resolve();
    await node.advance(1_000);
    assert.deepEqual(lives, [1, 4]);
    assert.deepEqual(await saved(), before);
    await outputs.stopAll();
  });
});
