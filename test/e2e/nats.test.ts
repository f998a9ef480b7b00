// What is published to NATS, as Debian's nats-server stores it.
import assert from "node:assert/strict";
import { appendFile } from "node:fs/promises";
import test from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { nats } from "../../src/outputs/nats.ts";
import { toBatch } from "../engine-fixtures.ts";
import { openDirectly } from "./direct-output.ts";
import { skipWithout, waitFor } from "./harness.ts";
import { toLogLine } from "./log-line.ts";
import { natsUser, startNatsServer } from "./servers/nats-server.ts";
import { startNode } from "./servers/node.ts";

const never = new AbortController().signal;
const skip = skipWithout("nats-server");

interface StoredBatch {
  readonly source: string;
  readonly seq: number;
  readonly samples: readonly { readonly name: string; readonly value: number }[];
}

const password = { env: "NATS_PASSWORD" };
const secrets = { NATS_PASSWORD: natsUser.password };

interface ReadersAnswer {
  readonly readers: readonly {
    readonly name: string;
    readonly lastSuccessAt: string | null;
    readonly errors: number;
  }[];
}

function sumRequests(stored: readonly string[]): number {
  return stored
    .map((text): StoredBatch => JSON.parse(text))
    .flatMap(({ samples }) => samples)
    .filter(({ name }) => name === "http_requests_total")
    .reduce((sum, { value }) => sum + value, 0);
}

test(
  "a stream stores each batch once and in order, over stops of the server",
  { skip },
  async () => {
    await using server = await startNatsServer();
    await server.createStream("WEB", "web.>");
    await using node = await startNode(
      (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 200ms }
outputs:
  nats: { kind: nats, servers: "127.0.0.1:${server.port}", subject: "web.{source}", jetstream: true, username: ${natsUser.username}, password: { env: NATS_PASSWORD }, only: http_requests_total }
`,
      secrets,
    );
    for (let step = 1; step <= 20; step++) {
      await appendFile(node.join("access.log"), toLogLine("/").repeat(10));
      if (step === 5 || step === 13) {
        await server.stop();
      }
      if (step === 8 || step === 16) {
        await server.start();
      }
      await sleep(150);
    }
    const stored = await waitFor(
      "all lines",
      async () => {
        const found = await server.stored("WEB");
        return sumRequests(found) >= 200 && found;
      },
      node,
    );
    assert.equal(sumRequests(stored), 200);
    const seqs = stored.map((text): number => JSON.parse(text).seq);
    assert.deepEqual(
      seqs,
      seqs.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(seqs).size, seqs.length);
  },
);

test("what nobody stores is kept until there is a stream", { skip }, async () => {
  await using server = await startNatsServer();
  const { username } = natsUser;
  const options = { servers: `127.0.0.1:${server.port}`, jetstream: true, username, password };
  await using output = await openDirectly(nats, options, secrets);
  await assert.rejects(
    output.write([toBatch("s", 1)], never),
    /has no stream that takes watchpost\.s/,
  );
  await server.createStream("ALL", "watchpost.*");
  const batches = [toBatch("s", 1), toBatch("s", 2)];
  await output.write(batches, never);
  await output.write(batches, never);
  assert.equal((await server.stored("ALL")).length, 2, "repetitions are known");
});

test("who gives a wrong password is told so", { skip }, async () => {
  await using server = await startNatsServer();
  const servers = `127.0.0.1:${server.port}`;
  const options = { servers, username: natsUser.username, password };
  await using output = await openDirectly(nats, options, { NATS_PASSWORD: "wrong" });
  await assert.rejects(output.write([toBatch("s", 1)], never), /Authorization Violation/);
});

test("TLS begins after the server has introduced itself", { skip }, async () => {
  await using server = await startNatsServer("tls");
  await using node = await startNode(
    (join) => `sources:
  shop: { kind: access-log, files: "${join("access.log")}", from: start, every: 200ms }
outputs:
  trusting: { kind: nats, servers: "localhost:${server.port}", username: ${natsUser.username}, password: { env: NATS_PASSWORD }, tls: { ca: "${server.caFile}" } }
  wary: { kind: nats, servers: "localhost:${server.port}", username: ${natsUser.username}, password: { env: NATS_PASSWORD } }
`,
    secrets,
  );
  await waitFor("a refusal", () => /output:wary.*self-signed/.test(node.process.stderr()), node);
  const { reader } = await waitFor(
    "what is published",
    async () => {
      const response = await fetch(`${node.url}api/v1/readers`);
      const { readers } = (await response.json()) as ReadersAnswer;
      const found = readers.find(({ name }) => name === "output:trusting");
      return typeof found?.lastSuccessAt === "string" && { reader: found };
    },
    node,
  );
  assert.equal(reader.errors, 0);
  assert.doesNotMatch(node.process.stderr(), /trusting/);
});

test("whoever insists on TLS does not talk without", { skip }, async () => {
  await using server = await startNatsServer();
  const servers = `127.0.0.1:${server.port}`;
  await using output = await openDirectly(nats, { servers, tls: {} });
  await assert.rejects(output.write([toBatch("s", 1)], never), /has no TLS/);
});
