import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ApiError, type QueryReply } from "./api.ts";
import { createPast, type Past, type PastOptions, type PastRequest } from "./past.ts";
import { lastRanges } from "./ranges.ts";

const start = Date.UTC(2026, 10, 20, 16);
const hour = lastRanges[1];

const request: PastRequest = {
  source: undefined,
  group: undefined,
  range: hour,
  isCompared: false,
  hasLogs: true,
  hasChecks: false,
  hasBalancers: false,
};

const reply: QueryReply = { from: "", to: "", stepMs: 10_000, series: [] };

interface World {
  readonly past: Past;
  /** The parameters of every query so far. */
  readonly asked: string[];
  /** How long each pause was to be. */
  readonly pauses: number[];
  now: number;
  /** What the server does: it answers by default. */
  answer: () => Promise<QueryReply>;
  /** It has taken too long. */
  losePatience(): Promise<void>;
  /** Ends the pause; resolves when everything that follows has been done. */
  resume(): Promise<void>;
}

function createWorld(): World {
  const asked: string[] = [];
  const pauses: number[] = [];
  const patience = Promise.withResolvers<void>();
  let wake: (() => void) | undefined;
  const world = { asked, pauses, now: start, answer: () => Promise.resolve(reply) };
  const options: PastOptions = {
    api: {
      async query(params) {
        asked.push(params);
        return { body: await world.answer(), serverNow: undefined };
      },
      heatMap: () => Promise.reject(new TypeError("unexpected")),
      tops: () => Promise.reject(new TypeError("unexpected")),
    },
    now: () => world.now,
    patience: () => patience.promise,
    pause(ms, signal) {
      pauses.push(ms);
      return new Promise((resolve) => {
        wake = resolve;
        signal.addEventListener("abort", () => resolve());
      });
    },
  };
  return Object.assign(world, {
    past: createPast(options),
    async losePatience() {
      patience.resolve();
      await settle();
    },
    async resume() {
      wake?.();
      await settle();
    },
  });
}

function namesOf(past: Past): string[] {
  return [...(past.answers.value?.replies.keys() ?? [])];
}

/** Everything that waits for nothing but promises has been done. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

suite("past", () => {
  test("a view that ends now is asked for again, at the pace of its steps", async () => {
    const world = createWorld();
    world.past.show(request);
    assert.equal(world.past.isLoading.value, true);
    await settle();
    assert.equal(world.past.isLoading.value, false);
    assert.equal(world.past.answers.value?.view.range.to, start);
    assert.deepEqual(world.pauses, [10_000]);
    world.now += 10_000;
    await world.resume();
    assert.equal(world.past.answers.value?.view.range.to, start + 10_000);
    world.past.show(undefined);
    await settle();
  });

  test("a view that ended is asked for once", async () => {
    const world = createWorld();
    world.past.show({ ...request, range: { kind: "fixed", from: start - 60_000, to: start } });
    await settle();
    assert.notEqual(world.past.answers.value, undefined);
    assert.deepEqual(world.pauses, []);
  });

  test("nobody sees the answer to a question that was replaced", async () => {
    const world = createWorld();
    const { promise, resolve } = Promise.withResolvers<QueryReply>();
    world.answer = () => promise;
    world.past.show(request);
    world.past.show(undefined);
    resolve(reply);
    await settle();
    assert.equal(world.past.answers.value, undefined);
  });

  test("what is shown stays until another range is there, not another source", async () => {
    const world = createWorld();
    world.past.show({ ...request, source: "shop", hasLogs: false });
    await settle();
    const first = world.past.answers.value;
    world.past.show({ ...request, source: "shop", hasLogs: false, range: lastRanges[2] });
    assert.equal(world.past.answers.value, first);
    world.past.show({ ...request, source: "other", hasLogs: false });
    assert.equal(world.past.answers.value, undefined);
    world.past.show(undefined);
    await settle();
  });

  test("when it takes long, what has come is shown, and the rest as it comes", async () => {
    const world = createWorld();
    const { promise, resolve } = Promise.withResolvers<QueryReply>();
    world.answer = () => (world.asked.length === 1 ? Promise.resolve(reply) : promise);
    world.past.show(request);
    await settle();
    assert.equal(world.past.isLoading.value, true);
    await world.losePatience();
    assert.deepEqual(namesOf(world.past), ["requests"]);
    assert.equal(world.past.answers.value?.isComplete, false);
    assert.equal(world.past.isLoading.value, false);
    resolve(reply);
    await settle();
    assert.equal(world.past.answers.value?.isComplete, true);
    assert.equal(namesOf(world.past).length, world.asked.length);
    world.past.show(undefined);
    await settle();
  });

  test("what fails is said once, and what was known stays", async () => {
    const world = createWorld();
    world.past.show(request);
    await settle();
    const known = world.past.answers.value?.replies;
    world.answer = () => Promise.reject(new ApiError(400, "too many points", "QUERY_TOO_LARGE"));
    await world.resume();
    assert.equal(world.past.answers.value?.problems.length, 1);
    assert.match(world.past.answers.value?.problems[0] ?? "", /too many points.*shorter range/);
    assert.equal(world.past.answers.value?.replies, known);
    world.answer = () => Promise.resolve(reply);
    await world.resume();
    assert.deepEqual(world.past.answers.value?.problems, []);
    world.past.show(undefined);
    await settle();
  });
});
