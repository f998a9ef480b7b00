import assert from "node:assert/strict";
import { existsSync, readdirSync, readlinkSync } from "node:fs";
import { suite, test } from "node:test";
import type { Connection, IncomingConnection, ListenOptions, Listening } from "../core/network.ts";
import { systemNetwork } from "./system-network.ts";

const host = "127.0.0.1";
const { signal } = new AbortController();

function listen(
  serve: (connection: IncomingConnection) => Promise<void>,
  changes: Partial<ListenOptions> = {},
): Promise<Listening> {
  const bounds = { connectionsMax: 8, idleMs: 60_000 };
  return systemNetwork.listen({ host, port: 0, ...bounds, ...changes }, serve);
}

async function echo(connection: IncomingConnection): Promise<void> {
  await connection.write(`${connection.peer}:`);
  for await (const chunk of connection.chunks) {
    await connection.write(chunk);
  }
}

function connect({ port }: Listening): Promise<Connection> {
  return systemNetwork.connect({ host, port }, { signal });
}

/** All that comes until the other side ends or breaks off. */
async function readAll(connection: Connection): Promise<string> {
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of connection.chunks) {
      chunks.push(chunk);
    }
  } catch {
    // Broken off.
  }
  return Buffer.concat(chunks).toString();
}

suite("a socket for datagrams", () => {
  test("hands over what comes, with its sender, and says what was lost", async () => {
    const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const got: string[] = [];
    await using receiver = await systemNetwork.receiveDatagrams(
      { host, port: 0, bufferBytes: 65_536 },
      (bytes, peer) => {
        got.push(`${peer} ${Buffer.from(bytes).toString()}`);
        (got.length === 1 ? first : second).resolve();
      },
    );
    await using sender = await systemNetwork.openDatagram({ host, port: receiver.port });
    await sender.send(Buffer.from("a"));
    await first.promise;
    await sender.send(Buffer.from("b"));
    await second.promise;
    assert.deepEqual(got, ["127.0.0.1 a", "127.0.0.1 b"]);
    assert.ok([0, undefined].includes(await receiver.countLost()));
  });

  test("cannot have an address that another one has", async () => {
    const options = { host, port: 0, bufferBytes: 65_536 };
    await using first = await systemNetwork.receiveDatagrams(options, () => {});
    const before = countSockets();
    for (let attempt = 0; attempt < 5; attempt++) {
      const again = systemNetwork.receiveDatagrams({ ...options, port: first.port }, () => {});
      await assert.rejects(again, { code: "EADDRINUSE" });
    }
    assert.equal(countSockets(), before);
  });
});

/** Of this process, where the system says so. */
function countSockets(): number {
  const folder = "/proc/self/fd";
  const open = existsSync(folder) ? readdirSync(folder) : [];
  return open.filter((fd) => isSocket(`${folder}/${fd}`)).length;
}

function isSocket(link: string): boolean {
  try {
    return readlinkSync(link).startsWith("socket:");
  } catch {
    return false; // It was closed meanwhile, as the folder's own is.
  }
}

suite("a listening socket", () => {
  test("says when one was too many", async () => {
    const refused = Promise.withResolvers<void>();
    await using listening = await listen(echo, {
      connectionsMax: 1,
      refused: () => refused.resolve(),
    });
    await using first = await connect(listening);
    await first.write("a");
    await using second = await connect(listening);
    await refused.promise;
    assert.equal(await readAll(second), "");
  });

  test("serves each connection to its end", async () => {
    await using listening = await listen(echo);
    const talks = ["a", "b"].map(async (text) => {
      await using connection = await connect(listening);
      await connection.write(text);
      await connection.end();
      return await readAll(connection);
    });
    assert.deepEqual(await Promise.all(talks), ["127.0.0.1:a", "127.0.0.1:b"]);
  });

  test("names an IPv4 peer as such, also when it listens on IPv6", async () => {
    await using listening = await listen(echo, { host: "::" });
    await using connection = await connect(listening);
    await connection.end();
    assert.equal(await readAll(connection), "127.0.0.1:");
  });

  test("closes a connection that is not served to its end, and goes on", async () => {
    await using listening = await listen(async () => {
      throw new Error("no");
    });
    for (let i = 0; i < 2; i++) {
      await using connection = await connect(listening);
      assert.equal(await readAll(connection), "");
    }
  });

  test("closes what nothing goes over, and what is one too many", async () => {
    await using listening = await listen(echo, { idleMs: 50, connectionsMax: 1 });
    await using first = await connect(listening);
    await using second = await connect(listening);
    assert.equal(await readAll(second), "");
    assert.equal(await readAll(first), "127.0.0.1:");
  });

  test("closes what is still connected when it stops, and may stop twice", async () => {
    const listening = await listen(echo);
    await using connection = await connect(listening);
    await listening[Symbol.asyncDispose]();
    await listening[Symbol.asyncDispose]();
    await readAll(connection);
    await assert.rejects(connect(listening), { code: "ECONNREFUSED" });
  });

  test("says that its address is taken", async () => {
    await using listening = await listen(echo);
    await assert.rejects(listen(echo, { port: listening.port }), { code: "EADDRINUSE" });
  });
});

async function refuse(): Promise<never> {
  throw new Error("no TLS here");
}

suite("a connection that begins in the clear", () => {
  test("goes on where the negotiation stopped reading, without TLS when that is said", async () => {
    await using listening = await listen(async (connection) => {
      await connection.write("hello");
      for await (const chunk of connection.chunks) {
        await connection.write(`[${Buffer.from(chunk).toString()}]`);
      }
    });
    const heard: string[] = [];
    await using connection = await systemNetwork.connect(
      { host, port: listening.port },
      {
        signal,
        async negotiateTls(plain) {
          for await (const chunk of plain.chunks) {
            heard.push(Buffer.from(chunk).toString());
            break;
          }
          return false;
        },
      },
    );
    await connection.write("more");
    await connection.end();
    assert.deepEqual([heard, await readAll(connection)], [["hello"], "[more]"]);
  });

  test("is closed when the negotiation fails", async () => {
    const ended = Promise.withResolvers<void>();
    await using listening = await listen(async (connection) => {
      await readAll(connection);
      ended.resolve();
    });
    const connecting = systemNetwork.connect(
      { host, port: listening.port },
      { signal, negotiateTls: refuse },
    );
    await assert.rejects(connecting, /no TLS here/);
    await ended.promise;
  });
});
