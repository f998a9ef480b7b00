// Receivers that stop and start at random: over TCP and HTTP nothing is lost, and what arrives is in order.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import type net from "node:net";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { waitFor } from "./harness.ts";
import { createRandom } from "./random.ts";
import { startNode } from "./servers/node.ts";
import {
  type OwnReceiver,
  createBodyServer,
  createTextServer,
  startOwnReceiver,
} from "./servers/own-receiver.ts";

const outageMs = 10_000;
const linesPerStep = 20;
/** Each is a message of its own in each window. */
const groups = 50;

test("nothing is lost and order is kept while receivers stop and start at random", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const random = createRandom(seed);
  await using tcp = await createReceiver(listenTcp);
  await using web = await createReceiver(listenHttp);
  await using node = await startNode(
    (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 200ms, groups: [{ match: "^/(?<group>g[0-9]+)" }] }
outputs:
  tcp: { kind: gelf, transport: tcp, host: 127.0.0.1, port: ${tcp.port}, only: http_requests_total }
  web: { kind: gelf, transport: http, host: 127.0.0.1, port: ${web.port}, only: http_requests_total }
`,
  );

  const until = performance.now() + outageMs;
  const outages = [tcp, web].map((receiver) => stopAndStart(receiver, random, until));
  let lines = 0;
  while (performance.now() < until) {
    const step = Array.from({ length: linesPerStep }, () => toLine(lines++ % groups));
    await appendFile(node.join("access.log"), step.join(""));
    await sleep(20);
  }
  await Promise.all(outages);

  for (const { name, receiver } of [
    { name: "tcp", receiver: tcp },
    { name: "http", receiver: web },
  ]) {
    const count = (): number => sumLines(receiver.messages);
    const options = { process: node.process, timeoutMs: 150_000 };
    await waitFor(`${lines} lines over ${name}`, () => count() >= lines, options);
    assert.equal(count(), lines, `${name}: each line is counted once`);
    const times = toFirsts(receiver.messages).map((text) => readMessage(text).timestamp);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
      `${name}: in order`,
    );
    t.diagnostic(
      `${name}: ${receiver.stops} stops, ${receiver.messages.length} messages, ` +
        `${receiver.messages.length - toFirsts(receiver.messages).length} repeated`,
    );
    assert.ok(receiver.stops > 2);
  }
});

test("what a receiver had taken and not read when it was killed is sent again", async () => {
  let isDeaf = true;
  let connections = 0;
  await using receiver = await createReceiver((messages) => {
    const server = listenTcp(messages);
    server.on("connection", (socket) => {
      connections++;
      if (isDeaf) {
        socket.pause();
      }
    });
    return server;
  });
  await using node = await startNode(
    (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 200ms }
outputs:
  tcp: { kind: gelf, transport: tcp, host: 127.0.0.1, port: ${receiver.port}, only: http_requests_total }
`,
  );
  await appendFile(node.join("access.log"), toLine(1));
  await waitFor("a connection", () => connections > 0, node);
  // Long enough for the messages to be in the receiver's system.
  await sleep(500);
  await receiver.stop();
  isDeaf = false;
  await receiver.start();
  await waitFor("the line", () => sumLines(receiver.messages) === 1, node);
});

interface Message {
  readonly timestamp: number;
  readonly _http_requests_total: number;
}

function readMessage(text: string): Message {
  return JSON.parse(text);
}

/** What was sent again after an outage of which nobody knows how far it had come stands here once. */
function toFirsts(messages: readonly string[]): readonly string[] {
  return [...new Set(messages)];
}

function sumLines(messages: readonly string[]): number {
  return toFirsts(messages)
    .map(readMessage)
    .reduce((sum, { _http_requests_total: requests }) => sum + requests, 0);
}

function toLine(group: number): string {
  return `192.0.2.1 - - [20/Nov/2026:16:00:00 +0000] "GET /g${group} HTTP/1.1" 200 1 "-" "-"\n`;
}

// --------------------------------------------------------------------------------------------------------- receivers

interface Receiver extends OwnReceiver {
  /** What it has read whole. */
  readonly messages: readonly string[];
}

async function stopAndStart(
  receiver: Receiver,
  random: () => number,
  until: number,
): Promise<void> {
  while (performance.now() < until) {
    await sleep(random() * 700);
    await receiver.stop();
    await sleep(random() * 900);
    await receiver.start();
  }
}

type Listen = (messages: string[]) => net.Server;

async function createReceiver(listen: Listen): Promise<Receiver> {
  const messages: string[] = [];
  return Object.assign(await startOwnReceiver(() => listen(messages)), { messages });
}

function listenTcp(messages: string[]): net.Server {
  return createTextServer("\0", (text) => messages.push(text));
}

function listenHttp(messages: string[]): net.Server {
  return createBodyServer((body) => {
    messages.push(body);
    return 202;
  });
}
