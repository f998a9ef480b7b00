import assert from "node:assert/strict";
import { setImmediate as nextTurn } from "node:timers/promises";
import { suite, test } from "node:test";
import { createWorld } from "../../../test/world.ts";
import type { Connection, IncomingConnection, Network } from "../../core/network.ts";
import type { Sample } from "../../core/sample.ts";
import type { Look } from "../follow/line-input.ts";
import { messageBytesMax } from "./frame-decoder.ts";
import { parseSyslogAddress } from "./parse-syslog-address.ts";
import { SyslogInput, type SyslogOptions } from "./syslog-input.ts";

const [udp, tcp] = ["udp://127.0.0.1:5514", "tcp://127.0.0.1:5514"];
const header = "<134>Nov 20 17:03:21 lb1 haproxy[10835]: ";

interface Opened extends AsyncDisposable {
  readonly input: SyslogInput;
  readonly network: Network;
  readonly send: (text: string) => Promise<void>;
  readonly connect: () => Promise<Connection>;
  /** One connection, over which all of it is sent. */
  readonly stream: (text: string) => Promise<void>;
  /** All lines that are there, the last look, and whether one of the looks was partial. */
  readonly read: () => Promise<{
    readonly lines: readonly string[];
    readonly look: Look;
    readonly isPartial: boolean;
  }>;
}

const { signal } = new AbortController();

interface Given {
  readonly on?: string[];
  readonly blocksMax?: number;
  readonly saved?: unknown;
}

async function open(
  given: Partial<SyslogOptions> & Given = {},
  changes: (network: Network) => Partial<Network> = () => ({}),
): Promise<Opened> {
  const world = createWorld();
  const { network: plain } = world.context();
  const network = { ...plain, ...changes(plain) };
  const { on = [udp, tcp], blocksMax, saved, ...options } = given;
  const listen = on.map((text) => parseSyslogAddress(text)).filter((each) => each !== undefined);
  const syslog = { listen, programs: undefined, allow: [], ...options };
  const input = new SyslogInput(syslog, network, saved, blocksMax);
  const place = { host: "127.0.0.1", port: 5514 };
  return {
    input,
    network,
    send: async (text) => {
      await using sender = await network.openDatagram(place);
      await sender.send(Buffer.from(text, "latin1"));
    },
    connect: () => network.connect(place, { signal }),
    stream: async (text) => {
      await using connection = await network.connect(place, { signal });
      await connection.write(Buffer.from(text, "latin1"));
      await connection.end();
      await settle();
    },
    async read() {
      const lines: string[] = [];
      let isPartial = false;
      for (;;) {
        await settle();
        const look = await input.look(world.now());
        isPartial ||= look.isPartial;
        const found = look.stream?.lines();
        if (look.stream === undefined || found === undefined) {
          return { lines, look, isPartial };
        }
        const text = found.bytes.toString("latin1", found.from, found.to);
        lines.push(...text.split("\n").slice(0, -1));
        look.stream.consume(found.to);
        world.advance(1000);
      }
    },
    [Symbol.asyncDispose]: () => input[Symbol.asyncDispose](),
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await nextTurn();
  }
}

function toBreaking(text: string): IncomingConnection {
  async function* chunks(): AsyncIterable<Uint8Array> {
    yield Buffer.from(text);
    throw new Error("ECONNRESET");
  }
  return {
    peer: "127.0.0.1",
    chunks: chunks(),
    write: async () => {},
    end: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

suite("syslog messages are lines", () => {
  test("by datagram, with either header, and whatever ends them", async () => {
    await using opened = await open();
    const first = await opened.read();
    assert.equal(first.look.isPartial, true);
    assert.equal(first.look.isAtEnd, true);
    await opened.send(`${header}a`);
    await opened.send(`<134>1 2026-11-20T17:03:21Z lb1 haproxy 1 - - b\n`);
    await opened.send("<134>c\r\n\0");
    await opened.send(header);
    await opened.send(`${header}d\ne\n`);
    const { lines, isPartial } = await opened.read();
    assert.deepEqual(lines, ["a", "b", "c", "d e"]);
    assert.equal(isPartial, false);
    assert.deepEqual(toTexts(opened.input.takeSamples()), [
      "messages udp 5",
      "messages tcp 0",
      "dropped no_room 0",
      "connections 0",
    ]);
  });

  test("by connection, with either framing", async () => {
    await using opened = await open();
    await opened.read();
    await opened.stream(`${header}a\n${header}b\n${header}c`);
    await opened.stream(`${header.length + 1} ${header}d${header.length + 2} ${header}e\n`);
    const { lines } = await opened.read();
    assert.deepEqual(lines, ["a", "b", "c", "d", "e"]);
    assert.deepEqual(toTexts(opened.input.takeSamples()), [
      "messages udp 0",
      "messages tcp 5",
      "dropped no_room 0",
      "connections 0",
    ]);
  });

  test("of the programs that are named", async () => {
    await using opened = await open({ programs: ["haproxy", "lb"] });
    await opened.read();
    for (const text of ["haproxy[1]: a", "lb: b", "sshd[7]: c"]) {
      await opened.send(`<134>Nov 20 17:03:21 host ${text}`);
    }
    await opened.send("<134>d");
    const { lines, isPartial } = await opened.read();
    assert.deepEqual(lines, ["a", "b"]);
    assert.equal(isPartial, false);
    assert.ok(toTexts(opened.input.takeSamples()).includes("dropped program 2"));
  });
});

suite("what is not counted is said", () => {
  test("datagrams without room are dropped, and the window is partial", async () => {
    await using opened = await open({ blocksMax: 1 });
    await opened.read();
    const line = "x".repeat(60_000);
    for (let message = 0; message < 20; message++) {
      await opened.send(`<1>${line}`);
    }
    const look = await opened.input.look(Date.parse("2026-01-01T00:01:00Z"));
    assert.equal(look.isPartial, true);
    assert.equal(look.isAtEnd, false);
    const { lines } = await opened.read();
    assert.equal(lines.length, 8);
    assert.ok(toTexts(opened.input.takeSamples()).includes("dropped no_room 12"));
  });

  test("connections wait for room, and lose nothing", async () => {
    await using opened = await open({ blocksMax: 1 });
    await opened.read();
    const text = `<1>${"x".repeat(60_000)}\n`.repeat(20);
    await Promise.all([opened.stream(text), opened.stream(text)]);
    const { lines, isPartial } = await opened.read();
    assert.equal(lines.length, 40);
    assert.equal(isPartial, false);
    assert.ok(toTexts(opened.input.takeSamples()).includes("dropped no_room 0"));
  });

  test("messages that are too long, and connections that break off", async () => {
    await using opened = await open();
    await opened.read();
    await opened.stream(`<1>${"x".repeat(messageBytesMax)}\n<1>a`);
    await opened.stream("9 <1>b");
    await opened.stream("4 <1>c4x<1>d");
    const { lines, isPartial } = await opened.read();
    assert.deepEqual(lines, ["a", "c"]);
    assert.equal(isPartial, true);
    const texts = toTexts(opened.input.takeSamples());
    assert.ok(texts.includes("dropped too_long 1"));
    assert.ok(texts.includes("dropped malformed 2"));
  });

  test("a message that is too long, while its sender stays connected", async () => {
    await using opened = await open({ on: [tcp] });
    await opened.read();
    await using connection = await opened.connect();
    await connection.write(`<1>${"x".repeat(messageBytesMax)}\n<1>a\n`);
    const { lines, isPartial } = await opened.read();
    assert.deepEqual([lines, isPartial], [["a"], true]);
    assert.ok(toTexts(opened.input.takeSamples()).includes("dropped too_long 1"));
  });

  test("a message in which its connection breaks", async () => {
    const listens = Promise.withResolvers<(connection: IncomingConnection) => Promise<void>>();
    await using opened = await open({ on: [tcp] }, () => ({
      async listen(_, serve) {
        listens.resolve(serve);
        return { port: 5514, [Symbol.asyncDispose]: async () => {} };
      },
    }));
    await opened.read();
    const serve = await listens.promise;
    await assert.rejects(serve(toBreaking("<1>a\n<1>b")), /ECONNRESET/);
    const { lines, isPartial } = await opened.read();
    assert.deepEqual([lines, isPartial], [["a"], true]);
    assert.ok(toTexts(opened.input.takeSamples()).includes("dropped malformed 1"));
  });

  test("what HAProxy says that it had no room for", async () => {
    await using opened = await open();
    await opened.read();
    const notice = header.replace("<134>", "<133>");
    await opened.stream(`${header}a\n${notice}280 events dropped\n${notice}1 event dropped\n`);
    const { lines, isPartial } = await opened.read();
    assert.deepEqual([lines, isPartial], [["a"], true]);
    assert.ok(toTexts(opened.input.takeSamples()).includes("dropped sender 281"));
  });

  test("what the system has thrown away", async () => {
    let lost = 0;
    await using opened = await open({ on: [udp] }, (network) => ({
      receiveDatagrams: async (...given) => {
        const receiver = await network.receiveDatagrams(...given);
        return { ...receiver, countLost: async () => lost };
      },
    }));
    await opened.read();
    opened.input.takeSamples();
    lost = 7;
    const look = await opened.input.look(Date.parse("2026-01-01T00:01:00Z"));
    assert.equal(look.isPartial, true);
    assert.deepEqual(toTexts(opened.input.takeSamples()), [
      "messages udp 0",
      "dropped no_room 0",
      "dropped system 7",
    ]);
  });

  test("who is not allowed", async () => {
    await using opened = await open({ allow: ["192.0.2.0/24"] }, (network) => ({
      listen: (options, serve) =>
        network.listen(options, (connection) => serve({ ...connection, peer: "198.51.100.1" })),
      receiveDatagrams: (options, receive) =>
        network.receiveDatagrams(options, (bytes) => {
          receive(bytes, "198.51.100.1");
          receive(bytes, "192.0.2.7");
        }),
    }));
    await opened.read();
    await opened.send("<1>a");
    await opened.stream("<1>b\n");
    const { lines } = await opened.read();
    assert.deepEqual(lines, ["a"]);
    const texts = toTexts(opened.input.takeSamples());
    assert.ok(texts.includes("dropped not_allowed 1"));
    assert.ok(texts.includes("refused not_allowed 1"));
  });
});

test("an address that is taken is said and tried again, and the other one works", async () => {
  let isTaken = true;
  await using opened = await open({}, (network) => ({
    receiveDatagrams: async (...given) => {
      if (isTaken) {
        throw Object.assign(new Error("bind EADDRINUSE 127.0.0.1:5514"), { code: "EADDRINUSE" });
      }
      return await network.receiveDatagrams(...given);
    },
  }));
  const first = await opened.read();
  assert.match(opened.input.problem ?? "", /^cannot listen on udp:\/\/127\.0\.0\.1:5514: /);
  assert.deepEqual([opened.input.isBlind, first.look.isPartial], [false, true]);
  await opened.stream("<1>a\n");
  assert.deepEqual((await opened.read()).lines, ["a"]);
  isTaken = false;
  await opened.input.look(Date.parse("2026-01-01T00:01:00Z"));
  assert.equal(opened.input.problem, undefined);
  await opened.send("<1>b");
  assert.deepEqual((await opened.read()).lines, ["b"]);
});

test("what lines have said is kept for another life; the position of files is not its own", async () => {
  await using first = await open();
  await first.read();
  await first.send("<1>a");
  await nextTurn();
  const { stream } = await first.input.look(Date.parse("2026-01-01T00:01:00Z"));
  assert.ok(stream !== undefined);
  stream.state = { newestMs: 7, zoneMs: 8 };
  await using second = await open({ saved: structuredClone(first.input.position) });
  assert.deepEqual(second.input.position, { syslog: { newestMs: 7, zoneMs: 8 } });
  await using third = await open({ saved: { files: [] } });
  assert.deepEqual(third.input.position, { syslog: {} });
});

/** `messages udp 5` and so on. */
function toTexts(samples: readonly Sample[]): string[] {
  return samples.map(({ name, labels, value }) => {
    const kind = name.replace(/^watchpost_syslog_/, "").replace(/_(?:connections_)?total$/, "");
    assert.ok(typeof value === "number");
    return [kind, ...Object.values(labels), value].join(" ");
  });
}
