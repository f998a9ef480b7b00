// Batches sent as GELF over UDP and TCP through the system's sockets; a sink in a thread of its own takes them. We send a
// message for each set of labels, with a field for each sample. The peer does what most senders of metrics do: a message
// for each sample, an object and JSON.stringify, and one send that is waited for.
import dgram from "node:dgram";
import { once } from "node:events";
import net from "node:net";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import type { Batch } from "../src/core/batch.ts";
import type { OutputContext } from "../src/core/component.ts";
import { count, gauge, type Sample } from "../src/core/sample.ts";
import { systemNetwork } from "../src/engine/system-network.ts";
import { gelf } from "../src/outputs/gelf.ts";

const setsPerBatch = 50;
const samplesPerSet = 3;
const batchesPerWrite = 100;
const runMs = 3_000;

if (isMainThread) {
  await compare();
} else {
  await sink();
}

async function compare(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url));
  try {
    const [{ udp, tcp }] = await once(worker, "message");
    for (const [transport, port] of [
      ["udp", udp],
      ["tcp", tcp],
    ] as const) {
      const ours = await measure(transport, setsPerBatch, () => openOurs(transport, port));
      const peer = await measure(
        `${transport}, a message for each sample`,
        setsPerBatch * samplesPerSet,
        () => openPeer(transport, port),
      );
      console.log(`${transport}: ${(ours / peer).toFixed(1)} times as many samples`);
    }
    await measure("udp, gzip", setsPerBatch, () => openOurs("udp", udp, { compression: "gzip" }));
  } finally {
    await worker.terminate();
  }
}

/** Takes everything and keeps nothing. */
async function sink(): Promise<void> {
  const udp = dgram.createSocket({ type: "udp4", recvBufferSize: 8 * 1024 * 1024 });
  udp.on("message", () => {});
  udp.bind(0, "127.0.0.1");
  await once(udp, "listening");
  const server = net.createServer((socket) => socket.resume());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const tcp = typeof address === "object" && address !== null ? address.port : 0;
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origins
  parentPort?.postMessage({ udp: udp.address().port, tcp });
}

interface Sender extends AsyncDisposable {
  send(batches: readonly Batch[]): Promise<void>;
}

/** Samples a second. */
async function measure(
  name: string,
  messagesPerBatch: number,
  open: () => Promise<Sender>,
): Promise<number> {
  await using sender = await open();
  const batches = Array.from({ length: batchesPerWrite }, (_, seq) => createBatch(seq));
  await sender.send(batches);
  const startedAt = performance.now();
  let sent = 0;
  while (performance.now() - startedAt < runMs) {
    await sender.send(batches);
    sent += batchesPerWrite;
  }
  const perSecond = (sent * 1000) / (performance.now() - startedAt);
  const messages = Math.round(perSecond * messagesPerBatch).toLocaleString("en");
  const samples = Math.round(perSecond * setsPerBatch * samplesPerSet);
  console.log(`${name}: ${messages} messages/s, ${samples.toLocaleString("en")} samples/s`);
  return samples;
}

function unused(): never {
  throw new Error("GELF touches the network alone");
}

async function openOurs(
  transport: "udp" | "tcp",
  port: number,
  more: object = {},
): Promise<Sender> {
  const { signal } = new AbortController();
  const context: OutputContext = {
    signal,
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: unused,
    fetch: unused,
    files: {
      open: unused,
      openAppend: unused,
      stat: unused,
      replace: unused,
      list: unused,
      realPath: unused,
      openStream: unused,
      watch: unused,
    },
    network: systemNetwork,
    print: unused,
    report: () => {},
    countRefused: () => {},
    describe: () => undefined,
    state: undefined,
  };
  const options = gelf.options.parse({ transport, host: "localhost", port, ...more });
  const output = await gelf.open(options, context);
  return {
    send: (batches) => output.write(batches, signal),
    [Symbol.asyncDispose]: () => output[Symbol.asyncDispose](),
  };
}

async function openPeer(transport: "udp" | "tcp", port: number): Promise<Sender> {
  const deliver = transport === "udp" ? await openUdp(port) : await openTcp(port);
  return {
    async send(batches) {
      for (const batch of batches) {
        for (const message of toObjects(batch)) {
          await deliver.send(`${JSON.stringify(message)}${transport === "tcp" ? "\0" : ""}`);
        }
      }
    },
    [Symbol.asyncDispose]: () => deliver[Symbol.asyncDispose](),
  };
}

function toObjects(batch: Batch): readonly object[] {
  return batch.samples.map(({ name, labels, value: given }) => {
    const value = Number(given);
    const message: Record<string, unknown> = {
      version: "1.1",
      host: batch.source,
      short_message: `${batch.source}: ${name} ${value}`,
      timestamp: batch.to / 1000,
      level: 6,
      _facility: "watchpost",
      _service: batch.service,
      [`_${name}`]: value,
    };
    for (const [label, text] of Object.entries(labels)) {
      message[`_${label}`] = text;
    }
    return message;
  });
}

interface TextSender extends AsyncDisposable {
  send(text: string): Promise<void>;
}

async function openUdp(port: number): Promise<TextSender> {
  const socket = dgram.createSocket("udp4");
  return {
    send: (text) =>
      new Promise((resolve, reject) => {
        socket.send(text, port, "127.0.0.1", (error) => (error ? reject(error) : resolve()));
      }),
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}

async function openTcp(port: number): Promise<TextSender> {
  const socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  return {
    send: (text) =>
      new Promise((resolve, reject) => {
        socket.write(text, (error) => (error ? reject(error) : resolve()));
      }),
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}

function createBatch(seq: number): Batch {
  const samples: Sample[] = Array.from({ length: setsPerBatch }, (_, i) => {
    const labels = { group: `group-${Math.floor(i / 2)}`, method: ["GET", "POST"][i % 2] ?? "" };
    return [
      count("http_requests_total", 17 + i * 31, labels),
      count("http_response_bytes_total", 1000 + i * 977, labels),
      gauge("http_request_rate", i / 7, labels),
    ];
  }).flat();
  const marks = { more: false, partial: false, backfill: false };
  const window = { from: 1_795_190_400_000 + seq * 10_000, to: 1_795_190_410_000 + seq * 10_000 };
  return {
    source: "shop",
    service: "web",
    seq,
    ...window,
    samples,
    tops: [],
    events: [],
    ...marks,
  };
}
