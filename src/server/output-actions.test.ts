// What can be asked of outputs: a test, and to send again.
import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createServer, type ServerWorld } from "../../test/start-server.ts";
import { toConfigText } from "../../test/start-engine.ts";

const config = toConfigText(
  ["a: { kind: counter, name: a }"],
  ["x: { kind: list, name: x }", "y: { kind: page, name: y }"],
);
const testUrl = "/api/v1/outputs/test";
const repeatUrl = "/api/v1/outputs/repeat";

interface Body {
  readonly text?: string;
  readonly detail?: string;
  readonly batches?: number;
}

async function ask(
  { app }: ServerWorld,
  url: string,
  payload: object | string,
  headers: Readonly<Record<string, string>> = { "content-type": "application/json" },
): Promise<{ readonly status: number; readonly body: Body }> {
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  const answer = await app.inject({ url, method: "POST", payload: text, headers });
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

suite("an output", () => {
  test("is tried beside what it sends anyway", async () => {
    await using opened = await createServer({ config });
    const { status, body } = await ask(opened, testUrl, { output: "x" });
    assert.equal(status, 200);
    assert.partialDeepStrictEqual(body, { isTaken: true });
    assert.match(body.text ?? "", /^no error; look there for the source watchpost-test/);
    const sent = opened.world.puppets.written.get("x") ?? [];
    assert.ok(sent.some(({ source }) => source === "watchpost-test"));
  });

  test("that fails says why", async () => {
    await using opened = await createServer({ config });
    opened.world.puppets.onOpen.set("y", () => {
      throw new Error("the receiver is on fire");
    });
    const { status, body } = await ask(opened, testUrl, { output: "y" });
    assert.equal(status, 200);
    assert.deepEqual(body, { isTaken: false, text: "the receiver is on fire" });
  });

  test("whose receiver never answers is given up, and is tried once at a time", async () => {
    await using opened = await createServer({ config });
    const { node, puppets } = opened.world;
    const answer = Promise.withResolvers<void>();
    puppets.onOpen.set("y", () => answer.promise);
    const first = ask(opened, testUrl, { output: "y" });
    await node.settle();
    const second = await ask(opened, testUrl, { output: "y" });
    await node.advance(30_000);
    answer.resolve();
    const texts = [second, await first].map(({ body }) => body.text);
    assert.deepEqual(texts, [
      "the test before this one has still not ended",
      "no result within 30s",
    ]);
  });

  test("sends again what was appended since", async () => {
    await using opened = await createServer({ config });
    const { world } = opened;
    await world.node.advance(3000);
    const first = (world.puppets.written.get("x") ?? []).filter(({ source }) => source === "a");
    assert.ok(first.length > 0);
    const from = new Date(first[0]?.from ?? 0).toISOString();
    const { status, body } = await ask(opened, repeatUrl, { output: "x", from });
    assert.equal(status, 200);
    assert.ok((body.batches ?? 0) >= first.length);
    await world.node.advance(1000);
    const all = (world.puppets.written.get("x") ?? []).filter(({ source }) => source === "a");
    const again = all.filter(({ seq }) => seq === first[0]?.seq);
    assert.equal(again.length, 2);
  });

  test("that is behind sends what is due first, too, when it is to send again", async () => {
    await using opened = await createServer({ config });
    const { world } = opened;
    const now = (): string => new Date(world.node.environment.clock.now()).toISOString();
    await world.node.advance(1000);
    world.puppets.onOpen.set("x", () => {
      throw new Error("the receiver is down");
    });
    await ask(opened, repeatUrl, { output: "x", from: now() });
    await world.node.advance(3000);
    world.puppets.onOpen.delete("x");
    const { status } = await ask(opened, repeatUrl, { output: "x", from: now() });
    assert.equal(status, 200);
    await world.node.advance(2000);
    const sent = (world.puppets.written.get("x") ?? []).filter(({ source }) => source === "a");
    const seqs = new Set(sent.map(({ seq }) => seq));
    const last = Math.max(...seqs);
    assert.ok(last >= 5);
    assert.equal(seqs.size, last);
  });

  test("that a reload takes away meanwhile is not started again", async () => {
    await using opened = await createServer({ config });
    const { world, hub } = opened;
    const without = toConfigText(["a: { kind: counter, name: a }"]);
    const reloaded = hub.engine.reload(world.puppets.parse(without));
    const repeated = hub.engine.repeatOutput("x", 0);
    await assert.rejects(repeated, /there is no output x/);
    await reloaded;
    const opens = world.puppets.events.filter((event) => event === "open x");
    assert.equal(opens.length, 1);
  });

  test("whose destination would count twice does not", async () => {
    await using opened = await createServer({ config });
    const from = "2026-11-20T16:00:00Z";
    const { status, body } = await ask(opened, repeatUrl, { output: "y", from });
    assert.equal(status, 409);
    assert.match(body.detail ?? "", /counts twice/);
    assert.equal((await ask(opened, repeatUrl, { output: "gone", from })).status, 404);
    assert.equal((await ask(opened, repeatUrl, { output: "x", from: "monday" })).status, 400);
  });
});

test("another site gets nothing done by the browser of a reader", async () => {
  await using opened = await createServer({ config });
  const json = { "content-type": "application/json" };
  const body = JSON.stringify({ output: "x" });
  for (const [headers, status] of [
    [{ ...json, "sec-fetch-site": "cross-site" }, 403],
    [{ ...json, "sec-fetch-site": "same-site" }, 403],
    [{ ...json, "sec-fetch-site": "same-origin" }, 200],
    [{ "content-type": "text/plain" }, 415],
    [{ "content-type": "application/x-www-form-urlencoded" }, 415],
  ] as const) {
    assert.equal((await ask(opened, testUrl, body, headers)).status, status, String(status));
  }
  const preflight = await opened.app.inject({ url: testUrl, method: "OPTIONS" });
  assert.equal(preflight.headers["access-control-allow-origin"], undefined);
});
