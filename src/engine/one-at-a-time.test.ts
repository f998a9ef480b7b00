import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createFakeEnvironment } from "../../test/fake-environment.ts";
import { createOneAtATime } from "./one-at-a-time.ts";

const never = new AbortController().signal;

function create(): {
  readonly fake: ReturnType<typeof createFakeEnvironment>;
  readonly runner: ReturnType<typeof createOneAtATime>;
} {
  const fake = createFakeEnvironment();
  const { clock } = fake.environment;
  return { fake, runner: createOneAtATime({ clock, deadlineMs: 9_000, name: "look" }) };
}

suite("one at a time", () => {
  test("settles as the work does, and leaves nothing behind", async () => {
    const { fake, runner } = create();
    assert.equal(await runner.run(async () => 7, never), 7);
    await assert.rejects(
      runner.run(() => Promise.reject(new Error("refused")), never),
      /refused/,
    );
    await fake.settle();
    assert.deepEqual([fake.sleepers(), runner.isBusy], [0, false]);
  });

  test("rejects at the deadline whether or not the work heeds it, and lets nobody beside it", async () => {
    const { fake, runner } = create();
    const free = Promise.withResolvers<number>();
    let reason: unknown;
    const work = (signal: AbortSignal): Promise<number> => {
      signal.addEventListener("abort", () => (reason = signal.reason));
      return free.promise;
    };
    const late = assert.rejects(runner.run(work, never), /^Error: no result within 9s$/);
    await fake.advance(9_000);
    await late;
    assert.match(String(reason), /no result within 9s/);
    assert.equal(runner.isBusy, true);
    await assert.rejects(runner.run(work, never), /the look before this one has still not ended/);
    free.resolve(1);
    await fake.settle();
    assert.equal(await runner.run(async () => 2, never), 2);
  });

  test("once stopped, waits for the work, which decides how it ends", async () => {
    const { fake, runner } = create();
    const stop = new AbortController();
    const free = Promise.withResolvers<number>();
    let result: number | undefined;
    const run = async (): Promise<void> => {
      result = await runner.run(() => free.promise, stop.signal);
    };
    const running = run();
    stop.abort();
    await fake.advance(60_000);
    assert.equal(result, undefined);
    free.resolve(3);
    await running;
    assert.equal(result, 3);
    await assert.rejects(
      runner.run(async () => 4, stop.signal),
      { name: "AbortError" },
    );
  });
});
