import assert from "node:assert/strict";
import { type Socket, connect } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import { suite, test } from "node:test";
import { appendBatches } from "../../test/engine-fixtures.ts";
import { toConfigText } from "../../test/start-engine.ts";
import {
  type SentEvent,
  type ServerWorld,
  connectEvents,
  createServer,
} from "../../test/start-server.ts";
import { gauge } from "../core/sample.ts";
import { clientsMax } from "./answer-stream.ts";
import { securityHeaders } from "./access.ts";

const live = "/api/v1/live";
const quiet = toConfigText([]);
const busy = toConfigText(
  ["a: { kind: counter, name: a }"],
  [],
  ["busy: { source: a, metric: n_total, over: 2s, above: 1/s }"],
);

async function listen({ app }: ServerWorld): Promise<string> {
  return app.listen({ host: "127.0.0.1", port: 0 });
}

function isBatch(source: string, seq: number): (event: SentEvent) => boolean {
  return ({ name, data }) => name === "batch" && data["source"] === source && data["seq"] === seq;
}

function seqs(events: readonly SentEvent[], source: string): unknown[] {
  return events
    .filter(({ name, data }) => name === "batch" && data["source"] === source)
    .map(({ data }) => data["seq"]);
}

/** Turns of the event loop, until it is so; whoever breaks it waits for ever, and the runner says where. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) {
    await nextTurn();
  }
}

suite("the live stream", () => {
  test("begins now, or as far back as is asked, and goes on with what comes", async () => {
    await using opened = await createServer({ config: quiet });
    const { node } = opened.world;
    const origin = await listen(opened);
    await appendBatches(node.journal, "s", 2);
    await node.advance(5_000);
    await appendBatches(node.journal, "s", 1);
    await node.advance(2_500);
    for (const [query, expected] of [
      ["", [4]],
      ["?since=3s", [3, 4]],
      ["?since=1h", [1, 2, 3, 4]],
    ] as const) {
      using client = await connectEvents(origin, `${live}${query}`);
      assert.equal(client.status, 200);
      assert.equal(client.headers["content-type"], "text/event-stream; charset=utf-8");
      assert.equal(client.headers["cache-control"], "no-store");
      const policy = "content-security-policy";
      assert.equal(client.headers[policy], securityHeaders[policy]);
      if (query === "") {
        await node.settle();
        await appendBatches(node.journal, "s", 1);
      }
      const events = await client.until(isBatch("s", 4));
      assert.deepEqual(seqs(events, "s"), expected);
      assert.ok(events.every(({ id }) => id !== undefined));
    }
  });

  test("goes on behind the last event that a client saw, without loss or repetition", async () => {
    await using opened = await createServer({ config: quiet });
    const { node } = opened.world;
    const origin = await listen(opened);
    await appendBatches(node.journal, "s", 300);
    const seen: unknown[] = [];
    let lastEventId: string | undefined;
    for (const stopAt of [1, 2, 77, 150, 299, 300, 301]) {
      const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
      if (stopAt === 301) {
        await appendBatches(node.journal, "s", 1);
      }
      using client = await connectEvents(origin, `${live}?since=1h`, headers);
      const events = await client.until(isBatch("s", stopAt));
      seen.push(...seqs(events, "s"));
      lastEventId = events.at(-1)?.id;
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 301 }, (_, i) => i + 1),
    );
  });

  test("tells what retention took from a client that was away", async () => {
    await using opened = await createServer({ config: quiet });
    const { node } = opened.world;
    const origin = await listen(opened);
    await appendBatches(node.journal, "s", 5);
    const start = node.journal.start();
    await node.advance(500);
    await node.journal.trim({ ageMs: 1, sizeBytes: 1e9 });
    await appendBatches(node.journal, "s", 1);
    using client = await connectEvents(origin, live, { "last-event-id": start });
    const [gap, next] = await client.until(isBatch("s", 6));
    assert.deepEqual([gap?.name, gap?.data], ["gap", { reason: "retention", batches: 5 }]);
    assert.equal(next?.name, "batch");
  });

  test("an id of another journal leads to a gap, and to as far back as is asked, not to the start", async () => {
    await using opened = await createServer({ config: quiet });
    const { node } = opened.world;
    const origin = await listen(opened);
    await appendBatches(node.journal, "s", 3);
    await node.advance(10_000);
    await appendBatches(node.journal, "s", 1);
    for (const id of ["nonsense", "0123456789abcdef:7", `${node.journal.epoch}:999`]) {
      using client = await connectEvents(origin, `${live}?since=1s`, { "last-event-id": id });
      const events = await client.until(isBatch("s", 4));
      assert.equal(events[0]?.name, "gap");
      assert.deepEqual(seqs(events, "s"), [4]);
    }
  });

  test("brings incidents as they open and clear, each as it is", async () => {
    await using opened = await createServer({ config: busy });
    const { node } = opened.world;
    const origin = await listen(opened);
    using client = await connectEvents(origin, live);
    await node.advance(4_500);
    const opening = (await client.until(({ name }) => name === "incident")).at(-1);
    assert.equal(opening?.data["rule"], "busy");
    assert.deepEqual([opening.data["clearedAt"], opening.id], [null, undefined]);
    await opened.world.reload(toConfigText(["a: { kind: counter, name: a }"]));
    const clearing = (await client.until(({ name }) => name === "incident")).at(-1);
    assert.deepEqual(
      [clearing?.data["id"], clearing?.data["clearReason"]],
      [opening.data["id"], "rule_removed"],
    );
  });

  test("waits for a client that reads slowly, holding little for it, and drops it in the end", async () => {
    await using opened = await createServer({ config: quiet });
    const { node } = opened.world;
    await listen(opened);
    const sockets: Socket[] = [];
    opened.app.server.on("connection", (socket) => sockets.push(socket));
    const large = [gauge("g", 1, { text: "x".repeat(200_000) })];
    await appendBatches(node.journal, "s", 150, () => large);
    const before = node.sleepers();
    const address = opened.app.server.address();
    assert.ok(typeof address === "object" && address !== null);
    const reader = connect(address.port, "127.0.0.1").pause();
    reader.on("error", () => {});
    reader.write(`GET ${live}?since=1h HTTP/1.1\r\nhost: localhost\r\n\r\n`);
    await until(() => sockets[0]?.writableNeedDrain ?? false);
    await node.settle();
    const [socket] = sockets;
    assert.ok(socket !== undefined && socket.writableLength < 1_000_000, "one event, not all");
    assert.ok(socket.bytesWritten < 20_000_000);
    await node.advance(31_000);
    await until(() => socket.destroyed);
    await node.settle();
    assert.equal(node.sleepers(), before, "nothing is left of it");
    reader.destroy();
  });

  test("a client that goes frees everything", async () => {
    await using opened = await createServer({ config: busy });
    const { node } = opened.world;
    const origin = await listen(opened);
    await node.settle();
    const before = node.sleepers();
    for (let i = 0; i < 5; i++) {
      const client = await connectEvents(origin, `${live}?since=1h`);
      await node.settle();
      assert.equal(node.sleepers(), before + 1, "its heartbeat");
      client[Symbol.dispose]();
      await until(() => node.sleepers() === before);
    }
    assert.deepEqual(node.log, []);
  });

  test("a silent stream is kept alive by comments", async () => {
    await using opened = await createServer({ config: quiet });
    const { node } = opened.world;
    const origin = await listen(opened);
    using client = await connectEvents(origin, live);
    node.journal.fail("append");
    await node.settle();
    const before = client.comments();
    await node.advance(16_000);
    await until(() => client.comments() > before);
  });

  test("stopping the server ends every stream at once", async () => {
    await using opened = await createServer({ config: quiet });
    const { node } = opened.world;
    const origin = await listen(opened);
    const clients = await Promise.all([1, 2, 3].map(() => connectEvents(origin, live)));
    await opened.app.close();
    const ended = await Promise.all(clients.map((client) => client.ended));
    assert.deepEqual(ended, [true, true, true], "ended, not cut off");
    assert.deepEqual(node.log, []);
  });

  test("has room for so many clients, and again for one when one goes", async () => {
    await using opened = await createServer({ config: quiet });
    const origin = await listen(opened);
    const clients = await Promise.all(
      Array.from({ length: clientsMax }, () => connectEvents(origin, live)),
    );
    const refused = await opened.app.inject(live);
    assert.equal(refused.statusCode, 503);
    assert.match(refused.json().detail, /200 live connections/);
    clients.pop()?.[Symbol.dispose]();
    for (;;) {
      using next = await connectEvents(origin, live);
      if (next.status === 200) {
        break;
      }
    }
    clients.forEach((client) => client[Symbol.dispose]());
  });

  test("a bad parameter is a problem, not a stream", async () => {
    await using opened = await createServer({ config: quiet });
    const answer = await opened.app.inject(`${live}?since=soon`);
    assert.equal(answer.statusCode, 400);
    assert.match(answer.json().detail, /^since is not a duration/);
  });
});
