import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createFakeEnvironment } from "../../test/fake-environment.ts";
import { createTaskGroup } from "./task-group.ts";

const stopMaxMs = 2_000;

/** Ends when it is told to. */
async function wait(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
}

suite("a group of tasks", () => {
  test("stops each by its own signal, and all at the same time", async () => {
    const fake = createFakeEnvironment();
    const group = createTaskGroup({ ...fake, stopMaxMs });
    const ended: string[] = [];
    for (const name of ["a", "b", "c"]) {
      group.start(name, async (signal) => {
        await wait(signal);
        ended.push(name);
      });
    }
    await group.stop("b");
    assert.deepEqual(ended, ["b"]);
    await group.stop("b");
    await group.stop("never started");
    await group.stopAll();
    assert.deepEqual([ended, fake.log, fake.sleepers()], [["b", "a", "c"], [], 0]);
  });

  test("a task that fails is logged, unless it was being stopped, and can be started again", async () => {
    const fake = createFakeEnvironment();
    const group = createTaskGroup({ ...fake, stopMaxMs });
    group.start("a", async () => {
      throw new Error("broken");
    });
    group.start("b", async (signal) => {
      await wait(signal);
      throw new Error("cut off");
    });
    await fake.settle();
    await group.stopAll();
    assert.deepEqual(fake.log, ["error a stopped: broken"]);
    group.start("a", wait);
    assert.throws(() => group.start("a", wait), /a is running already/);
    await group.stopAll();
  });

  test("a task that does not stop is left behind and named; its name is free again", async () => {
    const fake = createFakeEnvironment();
    const group = createTaskGroup({ ...fake, stopMaxMs });
    group.start("deaf", () => new Promise(() => {}));
    group.start("quick", wait);
    const stopping = group.stopAll();
    await fake.advance(stopMaxMs);
    await stopping;
    assert.deepEqual(fake.log, ["error deaf has not stopped within 2s; it is left behind"]);
    group.start("deaf", wait);
    await group.stopAll();
  });
});
