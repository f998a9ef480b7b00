// Batches sent by remote-write 1.0 over the system's sockets; a receiver in a thread of its own takes them. The peer does
// what small senders do: an object for each sample, messages put together from the inside out, a request for each
// batch, and Snappy's format without compressing.
import { once } from "node:events";
import http from "node:http";
import { Worker, isMainThread, parentPort } from "node:worker_threads";
import type { Batch } from "../src/core/batch.ts";
import type { OutputContext } from "../src/core/component.ts";
import { type Sample, count, gauge } from "../src/core/sample.ts";
import { systemFetch } from "../src/engine/system-fetch.ts";
import { remoteWrite } from "../src/outputs/remote-write.ts";

const setsPerBatch = 400;
const samplesPerSet = 3;
const batchesPerWrite = 20;
const runMs = 4_000;
/** As old as a window may be, so that time does not run out. */
const startedAt = Date.UTC(2026, 10, 20, 16);

if (isMainThread) {
  await compare();
} else {
  await receive();
}

async function compare(): Promise<void> {
  const worker = new Worker(new URL(import.meta.url));
  try {
    const [port] = await once(worker, "message");
    const url = `http://127.0.0.1:${port}/api/v1/write`;
    const ours = await measure("remote-write 1.0", await openOurs(url, "1.0"));
    await measure("remote-write 2.0", await openOurs(url, "2.0"));
    const peer = await measure("message by message, uncompressed", openPeer(url));
    console.log(`${(ours / peer).toFixed(1)} times as many samples per CPU-second`);
  } finally {
    await worker.terminate();
  }
}

/** Takes everything and keeps nothing. */
async function receive(): Promise<void> {
  const server = http.createServer((request, response) => {
    const isNew = request.headers["x-prometheus-remote-write-version"] === "2.0.0";
    const written = { "x-prometheus-remote-write-samples-written": "1000000" };
    request.resume().once("end", () => response.writeHead(204, isNew ? written : {}).end());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker's port has no origins
  parentPort?.postMessage(typeof address === "object" && address !== null ? address.port : 0);
}

type Send = (batches: readonly Batch[]) => Promise<void>;

/** Samples per second of this thread's CPU. */
async function measure(name: string, send: Send): Promise<number> {
  let seq = 0;
  const next = (): readonly Batch[] =>
    Array.from({ length: batchesPerWrite }, () => createBatch(++seq));
  await send(next());
  const began = performance.now();
  const before = process.threadCpuUsage();
  let samples = 0;
  let makingMs = 0;
  while (performance.now() - began < runMs) {
    const makingAt = performance.now();
    const batches = next();
    makingMs += performance.now() - makingAt;
    await send(batches);
    samples += batchesPerWrite * setsPerBatch * samplesPerSet;
  }
  const wall = performance.now() - began - makingMs;
  const { user, system } = process.threadCpuUsage(before);
  const cpu = (user + system) / 1000 - makingMs;
  const perSecond = (ms: number): string => Math.round((samples * 1000) / ms).toLocaleString("en");
  console.log(`${name}: ${perSecond(cpu)} samples per CPU-second, ${perSecond(wall)} a second`);
  return samples / cpu;
}

function unused(): never {
  throw new Error("remote-write touches the network alone");
}

async function openOurs(url: string, protocol: "1.0" | "2.0"): Promise<Send> {
  const { signal } = new AbortController();
  const context: OutputContext = {
    signal,
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: unused,
    fetch: systemFetch,
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
    network: {
      connect: unused,
      openDatagram: unused,
      listen: unused,
      receiveDatagrams: unused,
    },
    print: unused,
    report: (problem) => {
      if (problem !== undefined) {
        throw new Error(problem);
      }
    },
    countRefused: () => {},
    describe: () => undefined,
    state: undefined,
  };
  const output = await remoteWrite.open(remoteWrite.options.parse({ url, protocol }), context);
  return (batches) => output.write(batches, signal);
}

function openPeer(url: string): Send {
  return async (batches) => {
    for (const batch of batches) {
      const series = toObjects(batch).map(({ labels, value, timestamp }) => {
        const pairs = Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1));
        const sample = Buffer.alloc(9);
        sample[0] = 9;
        sample.writeDoubleLE(value, 1);
        return toField(
          1,
          Buffer.concat([
            ...pairs.map(([name, text]) =>
              toField(
                1,
                Buffer.concat([toField(1, Buffer.from(name)), toField(2, Buffer.from(text))]),
              ),
            ),
            toField(2, Buffer.concat([sample, Buffer.of(16), toVarint(timestamp)])),
          ]),
        );
      });
      const body = toLiterals(Buffer.concat(series));
      await fetch(url, { method: "POST", body });
    }
  };
}

interface SampleObject {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly timestamp: number;
}

function toObjects({ samples, source, service, to }: Batch): readonly SampleObject[] {
  return samples.map(({ name, labels, value }) => ({
    labels: { __name__: name, source, service, ...labels },
    value: Number(value),
    timestamp: to,
  }));
}

function toField(number: number, bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.of(number * 8 + 2), toVarint(bytes.length), bytes]);
}

function toVarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) {
    bytes.push((rest % 128) + 128);
  }
  return Buffer.of(...bytes, rest);
}

function toLiterals(bytes: Buffer): Buffer<ArrayBuffer> {
  const parts = [toVarint(bytes.length)];
  for (let at = 0; at < bytes.length; at += 65_536) {
    const part = bytes.subarray(at, at + 65_536);
    const last = part.length - 1;
    parts.push(Buffer.of(61 << 2, last & 255, last >> 8), part);
  }
  return Buffer.concat(parts);
}

function createBatch(seq: number): Batch {
  const samples: Sample[] = Array.from({ length: setsPerBatch }, (_, i) => {
    const labels = { group: `group-${Math.floor(i / 2)}`, method: ["GET", "POST"][i % 2] ?? "" };
    return [
      count("http_requests_total", 17 + ((i * seq) % 31), labels),
      count("http_response_bytes_total", 1000 + ((i * seq) % 977), labels),
      gauge("http_request_rate", ((i * seq) % 100) / 7, labels),
    ];
  }).flat();
  return {
    source: "shop",
    service: "web",
    seq,
    from: startedAt + (seq - 1) * 1_000,
    to: startedAt + seq * 1_000,
    samples,
    tops: [],
    events: [],
    more: false,
    partial: false,
    backfill: false,
  };
}
