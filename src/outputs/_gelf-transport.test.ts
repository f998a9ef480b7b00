import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { gunzipSync, inflateSync } from "node:zlib";
import * as fc from "fast-check";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import type { Batch } from "../core/batch.ts";
import type { OpenOutput, OutputContext } from "../core/component.ts";
import { Permanent, RetryLater } from "../core/errors.ts";
import type { Connection } from "../core/network.ts";
import { gauge } from "../core/sample.ts";
import { compressions } from "./_gelf-transport.ts";
import { compress, toDatagrams } from "./_gelf-udp.ts";
import { gelf } from "./gelf.ts";

const never = new AbortController().signal;
const udp = "udp://g.example:12201";
const url = "http://g.example:12201/gelf";

function open(context: OutputContext, given: object = {}): Promise<OpenOutput> {
  return gelf.open(gelf.options.parse({ host: "g.example", ...given }), context);
}

async function openDatagram(): Promise<never> {
  throw new Error("getaddrinfo ENOTFOUND g.example");
}

suite("GELF over UDP", () => {
  test("a message in chunks is whole again when they are put together", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 20_000 }),
        fc.constantFrom(512, 1420, 8192),
        (bytes, chunkBytes) => {
          const datagrams = toDatagrams(Uint8Array.from(bytes), chunkBytes);
          assert.ok(datagrams.every(({ length }) => length <= chunkBytes));
          if (datagrams.length === 1) {
            assert.deepEqual(Buffer.concat(datagrams), Buffer.from(bytes));
            return;
          }
          const ids = datagrams.map((each) => Buffer.from(each.subarray(0, 10)).toString("hex"));
          assert.equal(new Set(ids).size, 1);
          assert.match(ids[0] ?? "", /^1e0f/);
          datagrams.forEach((each, i) => {
            assert.deepEqual([...each.subarray(10, 12)], [i, datagrams.length]);
          });
          const data = datagrams.map((each) => each.subarray(12));
          assert.deepEqual(Buffer.concat(data), Buffer.from(bytes));
        },
      ),
    );
  });

  test("takes up to 128 chunks, and says what it leaves out", async () => {
    assert.equal(toDatagrams(new Uint8Array(128 * 1408), 1420).length, 128);
    assert.deepEqual(toDatagrams(new Uint8Array(128 * 1408 + 1), 1420), []);
    const world = createWorld();
    await using output = await open(world.context(), { chunkSize: 512 });
    const labels = { long: "x".repeat(70_000) };
    await output.write([toBatch("s", 1, [gauge("g_a", 1, labels), gauge("g_b", 1)])], never);
    assert.equal(world.sent[udp]?.length, 1);
    assert.match(world.reports.at(-1) ?? "", /^1 messages were left out: .* use transport tcp$/);
    await output.write([toBatch("s", 2)], never);
    assert.equal(world.reports.at(-1), undefined);
  });

  test("is compressed as asked", () => {
    const expand = { none: String, gzip: gunzipSync, zlib: inflateSync };
    for (const compression of compressions) {
      const bytes = compress("é".repeat(1000), compression);
      assert.equal(String(expand[compression](Buffer.from(bytes))), "é".repeat(1000));
    }
  });

  test("a name that does not resolve is tried again", async () => {
    const context = createWorld().context();
    await using output = await open({ ...context, network: { ...context.network, openDatagram } });
    await assert.rejects(output.write([toBatch("s", 1)], never), /ENOTFOUND/);
  });
});

interface FakeReceiver {
  readonly context: OutputContext;
  /** Status and headers of the answers to come; 202 when there are none left. */
  readonly answers: { status: number; body?: string; headers?: Record<string, string> }[];
  /** Values of `_g_a` in the bodies of requests that were taken, in order. */
  readonly taken: unknown[];
}

function createReceiver(): FakeReceiver {
  const answers: FakeReceiver["answers"] = [];
  const taken: unknown[] = [];
  const context: OutputContext = {
    ...createWorld().context(),
    async fetch(asked, { method, body, redirect }) {
      assert.deepEqual([asked, method, redirect], [url, "POST", "manual"]);
      const { status, headers = {}, body: text = "" } = answers.shift() ?? { status: 202 };
      if (status === 202) {
        taken.push(JSON.parse(typeof body === "string" ? body : "{}")["_g_a"]);
      }
      return new Response(text, { status, headers });
    },
  };
  return { context, answers, taken };
}

/** Three messages, with the values `first` and the two after it. */
function toThree(seq: number, first: number): Batch {
  const samples = [0, 1, 2].map((i) => gauge("g_a", first + i, { k: String(i) }));
  return toBatch("s", seq, samples);
}

function isRefusal(error: unknown): boolean {
  return error instanceof Permanent && error.message === "g.example:12201 answers 413: too large";
}

suite("GELF over HTTP", () => {
  test("goes on behind the last message that was taken", async () => {
    const { context, answers, taken } = createReceiver();
    await using output = await open(context, { transport: "http" });
    answers.push(
      { status: 202 },
      { status: 202 },
      { status: 202 },
      { status: 202 },
      { status: 503 },
    );
    const batches = [toThree(1, 1), toThree(2, 4)];
    await assert.rejects(output.write(batches, never), /g\.example:12201 answers 503/);
    await output.write(batches, never);
    assert.deepEqual(taken, [1, 2, 3, 4, 5, 6]);
  });

  test("a message that is refused for good costs no other, and its batch is named as dropped", async () => {
    const { context, answers, taken } = createReceiver();
    await using output = await open(context, { transport: "http" });
    answers.push({ status: 202 }, { status: 413, body: "too large\r\nby far" });
    const [one, two] = [toThree(1, 1), toThree(2, 4)];
    await assert.rejects(output.write([one, two], never), isRefusal);
    await assert.rejects(output.write([one], never), isRefusal);
    await output.write([two], never);
    assert.deepEqual(taken, [1, 3, 4, 5, 6]);
  });

  test("waits as long as it is asked to", async () => {
    const { context, answers } = createReceiver();
    await using output = await open(context, { transport: "http" });
    const later = new Date(context.now() + 90_000).toUTCString();
    for (const [given, afterMs] of [
      ["7", 7000],
      [later, 90_000],
    ] as const) {
      answers.push({ status: 429, headers: { "retry-after": given } });
      await assert.rejects(
        output.write([toThree(1, 1)], never),
        (error) => error instanceof RetryLater && error.afterMs === afterMs,
      );
    }
    answers.push({ status: 429, headers: { "retry-after": "soon" } });
    await assert.rejects(
      output.write([toThree(1, 1)], never),
      (error) => error instanceof Error && !(error instanceof RetryLater),
    );
  });

  for (const status of [301, 401, 403, 404, 405, 408, 500]) {
    test(`keeps everything while the answer is ${status}`, async () => {
      const { context, answers } = createReceiver();
      await using output = await open(context, { transport: "http" });
      answers.push({ status });
      await assert.rejects(
        output.write([toThree(1, 1)], never),
        (error) => error instanceof Error && !(error instanceof Permanent),
      );
    });
  }
});

interface FakeConnection {
  readonly connection: Connection;
  readonly received: string[];
  /** The other side ends, or breaks. */
  close(error?: Error): void;
  /** It reads no more. */
  isStuck: boolean;
}

/** Answers our end with its own, as receivers do. */
function createConnection(): FakeConnection {
  const closed = Promise.withResolvers<void>();
  const received: string[] = [];
  const fake: FakeConnection = {
    received,
    isStuck: false,
    close: (error) => (error === undefined ? closed.resolve() : closed.reject(error)),
    connection: {
      async write(bytes) {
        received.push(Buffer.from(bytes).toString());
      },
      async end() {
        if (!fake.isStuck) {
          closed.resolve();
        }
      },
      // oxlint-disable-next-line require-yield -- a receiver of GELF says nothing
      chunks: (async function* () {
        await closed.promise;
      })(),
      [Symbol.asyncDispose]: async () => closed.resolve(),
    },
  };
  return fake;
}

function withConnections(connections: readonly FakeConnection[]): OutputContext {
  const context = createWorld().context();
  const left = [...connections];
  const connect = async (): Promise<Connection> => {
    const next = left.shift();
    assert.ok(next !== undefined, "no more connections are opened");
    return next.connection;
  };
  return { ...context, network: { ...context.network, connect } };
}

suite("GELF over TCP", () => {
  test("each write is confirmed by the end of its connection", async () => {
    const [one, two] = [createConnection(), createConnection()];
    await using output = await open(withConnections([one, two]), { transport: "tcp" });
    await output.write([toThree(1, 1), toThree(2, 4)], never);
    await output.write([toThree(3, 7)], never);
    await output.write([toBatch("s", 4, [])], never);
    assert.deepEqual(
      [one, two].map(({ received }) => received.join("").split("\0").length - 1),
      [6, 3],
    );
  });

  test("a connection that breaks, or ends too early, is no confirmation", async () => {
    const [broken, early, good] = [createConnection(), createConnection(), createConnection()];
    await using output = await open(withConnections([broken, early, good]), { transport: "tcp" });
    broken.isStuck = true;
    const write = output.write([toThree(1, 1)], never);
    setImmediate(() => broken.close(new Error("ECONNRESET")));
    await assert.rejects(write, /g\.example:12201 /);
    early.close();
    await assert.rejects(output.write([toThree(1, 1)], never), /closed the connection before/);
    await output.write([toThree(1, 1)], never);
    assert.equal(good.received.length, 1);
  });

  test("without confirmation, one connection is kept until it ends", async () => {
    const [one, two] = [createConnection(), createConnection()];
    const context = withConnections([one, two]);
    await using output = await open(context, { transport: "tcp", confirm: false });
    await output.write([toThree(1, 1)], never);
    await output.write([toThree(2, 4)], never);
    one.close();
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    await output.write([toThree(3, 7)], never);
    assert.deepEqual([one.received.length, two.received.length], [2, 1]);
  });
});
