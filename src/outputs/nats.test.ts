import assert from "node:assert/strict";
import { suite, test } from "node:test";
import * as fc from "fast-check";
import { toBatch } from "../../test/engine-fixtures.ts";
import { createWorld } from "../../test/world.ts";
import type { OpenOutput } from "../core/component.ts";
import { Permanent } from "../core/errors.ts";
import type { IncomingConnection } from "../core/network.ts";
import { type NatsWord, createNatsParser, toPublish } from "./_nats-protocol.ts";
import { nats } from "./nats.ts";

const never = new AbortController().signal;

/** What a server does with each line that it hears: `say` goes back, and "end" ends the connection. */
type OnLine = (
  line: string,
  say: (text: string) => Promise<void>,
) => Promise<"end" | void> | "end" | void;

interface FakeServer {
  readonly lines: string[];
  connections: number;
  open(options?: object): Promise<OpenOutput>;
}

/** A server that introduces itself, answers pings and does what it is told besides. */
async function createServer(onLine: OnLine, info: object = { headers: true }): Promise<FakeServer> {
  const context = createWorld().context();
  const server: FakeServer = {
    lines: [],
    connections: 0,
    open: (options = {}) =>
      nats.open(nats.options.parse({ servers: "127.0.0.1:4222", ...options }), context),
  };
  const place = { host: "127.0.0.1", port: 4222, connectionsMax: 9, idleMs: 1_000 };
  await context.network.listen(place, async (connection: IncomingConnection) => {
    server.connections++;
    const say = (text: string): Promise<void> => connection.write(text);
    await say(`INFO ${JSON.stringify(info)}\r\n`);
    for await (const chunk of connection.chunks) {
      for (const line of Buffer.from(chunk).toString().split("\r\n").slice(0, -1)) {
        server.lines.push(line);
        if ((await onLine(line, say)) === "end") {
          return;
        }
      }
    }
  });
  return server;
}

/** Lets everybody in and takes everything. */
const pong: OnLine = (line, say) => (line === "PING" ? say("PONG\r\n") : undefined);

/** Where a stream has to answer. */
function replyOf(line: string): string | undefined {
  return /^HPUB \S+ (_INBOX\.\S+) /.exec(line)?.[1];
}

/** A stream that says this of each message. */
function streamSaying(payload: string): OnLine {
  return async (line, say) => {
    await pong(line, say);
    const reply = replyOf(line);
    if (reply !== undefined) {
      await say(`MSG ${reply} 1 ${payload.length}\r\n${payload}\r\n`);
    }
  };
}

suite("nats", () => {
  test("keeps one connection, and opens another when that has ended", async () => {
    let isEnding = false;
    const server = await createServer(async (line, say) => {
      if (isEnding && line.startsWith("HPUB")) {
        isEnding = false;
        return "end";
      }
      return pong(line, say);
    });
    await using output = await server.open();
    await output.write([toBatch("s", 1)], never);
    await output.write([toBatch("s", 2)], never);
    assert.equal(server.connections, 1);
    isEnding = true;
    await assert.rejects(output.write([toBatch("s", 3)], never), /closed the connection/);
    await output.write([toBatch("s", 3)], never);
    assert.equal(server.connections, 2);
  });

  test("answers pings of the server", async () => {
    const server = await createServer(async (line, say) => {
      await pong(line, say);
      if (line.startsWith("HPUB")) {
        await say("PING\r\n");
      }
    });
    await using output = await server.open();
    await output.write([toBatch("s", 1)], never);
    await output.write([toBatch("s", 2)], never);
    assert.ok(server.lines.includes("PONG"));
  });

  test("says what the server says when it does not let us in", async () => {
    const server = await createServer((_, say) => say("-ERR 'Authorization Violation'\r\n"));
    await using output = await server.open();
    await assert.rejects(
      output.write([toBatch("s", 1)], never),
      (error) =>
        error instanceof Error &&
        !(error instanceof Permanent) &&
        error.message === "127.0.0.1:4222 says: Authorization Violation",
    );
  });

  test("drops what is larger than the server takes", async () => {
    const server = await createServer(pong, { headers: true, max_payload: 100 });
    await using output = await server.open();
    await assert.rejects(output.write([toBatch("s", 1)], never), Permanent);
    assert.ok(!server.lines.some((line) => line.startsWith("HPUB")));
  });

  test("sends no headers to a server that knows none", async () => {
    const server = await createServer(pong, {});
    await using output = await server.open({ subject: "a.{service}.{source}" });
    await output.write([toBatch("s.1 *", 1)], never);
    assert.match(
      server.lines.find((line) => line.startsWith("PUB")) ?? "",
      /^PUB a\.-\.s_1___\w{8} \d+$/,
    );
  });

  test("asks the next server when one fails", async () => {
    const server = await createServer(pong);
    await using output = await server.open({ servers: ["127.0.0.1:1", "127.0.0.1:4222"] });
    await assert.rejects(output.write([toBatch("s", 1)], never), { code: "ECONNREFUSED" });
    await output.write([toBatch("s", 1)], never);
    assert.equal(server.connections, 1);
  });

  test("with jetstream, a message is delivered when its stream says so", async () => {
    const server = await createServer(streamSaying('{"stream":"S","seq":7,"duplicate":true}'));
    await using output = await server.open({ jetstream: true });
    await output.write([toBatch("s", 1), toBatch("s", 2)], never);
    assert.equal(new Set(server.lines.map(replyOf).filter(Boolean)).size, 2);
  });

  for (const [payload, kind, message] of [
    [
      '{"error":{"code":503,"description":"maximum messages exceeded"}}',
      Error,
      /does not store watchpost\.s: maximum/,
    ],
    [
      '{"error":{"code":400,"description":"message size exceeds maximum allowed"}}',
      Permanent,
      /message size/,
    ],
    ['{"hello":1}', Error, /is no stream/],
  ] as const) {
    test(`with jetstream, ${payload} is ${kind.name}`, async () => {
      const server = await createServer(streamSaying(payload));
      await using output = await server.open({ jetstream: true });
      await assert.rejects(output.write([toBatch("s", 1)], never), (error) => {
        assert.ok(error instanceof Error);
        assert.match(error.message, message);
        return error.constructor === kind;
      });
    });
  }

  test("with jetstream, no stream at all is tried again", async () => {
    const server = await createServer(async (line, say) => {
      await pong(line, say);
      const reply = replyOf(line);
      await say(reply === undefined ? "" : `HMSG ${reply} 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n`);
    });
    await using output = await server.open({ jetstream: true });
    await assert.rejects(
      output.write([toBatch("s", 1)], never),
      /no stream that takes watchpost\.s/,
    );
  });
});

suite("the protocol of NATS", () => {
  test("is read the same however its bytes are cut", () => {
    const text =
      'INFO {"max_payload":5}\r\nPING\r\n+OK\r\nMSG a.b 1 4\r\n{\r\né\r\nHMSG c 1 16 16\r\nNATS/1.0 503\r\n\r\n\r\n' +
      "HMSG c 1 r 12 14\r\nNATS/1.0\r\n\r\nhi\r\n-ERR 'No'\r\nPONG\r\n";
    const bytes = Buffer.from(text.replace("1 4\r\n{\r\né", "1 5\r\n{\r\né"));
    const whole = createNatsParser()(bytes);
    assert.deepEqual(
      whole.map(({ kind }) => kind),
      ["info", "ping", "message", "status", "message", "error", "pong"],
    );
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: bytes.length })), (cuts) => {
        const parse = createNatsParser();
        const words: NatsWord[] = [];
        const at = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        at.slice(1).forEach((end, i) => words.push(...parse(bytes.subarray(at[i], end))));
        assert.deepEqual(words, whole);
      }),
    );
  });

  test("is not what somebody else says", () => {
    assert.throws(
      () => createNatsParser()(Buffer.from("HTTP/1.1 400 Bad Request\r\n")),
      /not the protocol/,
    );
    assert.throws(() => createNatsParser()(Buffer.alloc(2 ** 21, "x")), /not the protocol/);
  });

  test("counts bytes", () => {
    const message = { subject: "s", id: "i", payload: "é" };
    assert.equal(toPublish(message, { headers: false }), "PUB s 2\r\né\r\n");
    assert.equal(
      toPublish(message, { headers: true }, "r"),
      "HPUB s r 28 30\r\nNATS/1.0\r\nNats-Msg-Id: i\r\n\r\né\r\n",
    );
  });
});
