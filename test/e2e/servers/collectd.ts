import { readdir, readFile, writeFile } from "node:fs/promises";
import dgram from "node:dgram";
import { once } from "node:events";
import path from "node:path";
import {
  createTempFolder,
  requireProgram,
  type Running,
  startProcess,
  waitFor,
} from "../harness.ts";

export interface Collectd extends AsyncDisposable {
  readonly process: Running;
  readonly port: number;
  /** The latest value of each series that its StatsD has, such as `derive-a.b` and `gauge-c`. */
  values(): Promise<ReadonlyMap<string, number>>;
}

/** Starts a collectd that listens as StatsD, over UDP, and writes each second what it has. */
export async function startCollectd(): Promise<Collectd> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreeUdpPort();
  const config = folder.join("collectd.conf");
  await writeFile(
    config,
    `Hostname "e2e"
BaseDir "${folder.path}"
PIDFile "${folder.join("pid")}"
Interval 1
LoadPlugin csv
LoadPlugin statsd
<Plugin csv>
  DataDir "${folder.join("csv")}"
  StoreRates false
</Plugin>
<Plugin statsd>
  Host "127.0.0.1"
  Port "${port}"
  DeleteTimers false
  TimerPercentile 50.0
  TimerPercentile 90.0
  TimerLower true
  TimerUpper true
  TimerCount true
</Plugin>
`,
  );
  const process = cleanUp.use(await startProcess(requireProgram("collectd"), ["-f", "-C", config]));
  const values = (): Promise<ReadonlyMap<string, number>> =>
    readLatest(folder.join("csv", "e2e", "statsd"));
  // It says nothing when it listens: what it hears first tells.
  await waitFor(
    "collectd",
    async () => {
      await sendDatagram(port, "ready:1|g");
      return (await values()).has("gauge-ready");
    },
    { process },
  );
  const owned = cleanUp.move();
  return { process, port, values, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/** A file a series and day, a line an interval: `time,value`. */
async function readLatest(folder: string): Promise<ReadonlyMap<string, number>> {
  const files = await readdir(folder).catch(() => []);
  const series = files.map(async (file) => {
    const text = await readFile(path.join(folder, file), "utf8");
    const last = text.slice(0, text.lastIndexOf("\n")).split("\n").at(-1) ?? "";
    return [file.replace(/-\d{4}-\d\d-\d\d$/, ""), Number(last.split(",")[1])] as const;
  });
  return new Map(await Promise.all(series));
}

async function sendDatagram(port: number, text: string): Promise<void> {
  const socket = dgram.createSocket("udp4");
  const sent = Promise.withResolvers<void>();
  socket.send(text, port, "127.0.0.1", () => sent.resolve());
  await sent.promise;
  socket.close();
}

async function findFreeUdpPort(): Promise<number> {
  const socket = dgram.createSocket("udp4").bind(0, "127.0.0.1");
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}
