// Receivers of remote-write that can be stopped and started again with what they have stored.
import { writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  type Running,
  startProcess,
  waitFor,
} from "../harness.ts";

/** A series as it is stored: times in milliseconds since the epoch. */
export interface StoredSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly times: readonly number[];
  readonly values: readonly number[];
}

export interface RemoteWriteReceiver extends AsyncDisposable {
  readonly writeUrl: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Every sample that is stored of the series of this name; while it runs. */
  stored(name: string): Promise<readonly StoredSeries[]>;
  /** The value of an expression with one result; undefined while it has none. */
  value(promql: string): Promise<number | undefined>;
}

interface Launch {
  readonly program: string;
  readonly args: readonly string[];
  readonly writePath: string;
  readonly isReady: (url: string) => Promise<boolean>;
  readonly read: (url: string, name: string) => Promise<readonly StoredSeries[]>;
}

export function startPrometheusReceiver(): Promise<RemoteWriteReceiver> {
  return startReceiver(async (folder, port) => {
    const config = `${folder}/prometheus.yml`;
    await writeFile(config, "global: {}\n");
    return {
      program: "prometheus",
      args: [
        `--config.file=${config}`,
        `--storage.tsdb.path=${folder}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        "--web.enable-remote-write-receiver",
        "--enable-feature=native-histograms",
        "--log.level=warn",
      ],
      writePath: "/api/v1/write",
      isReady: async (url) => (await fetch(`${url}/-/ready`)).ok,
      read: readPrometheus,
    };
  });
}

export function startVictoriaMetrics(flags: readonly string[] = []): Promise<RemoteWriteReceiver> {
  return startReceiver(async (folder, port) => ({
    program: "victoria-metrics",
    args: [
      `-storageDataPath=${folder}/data`,
      `-httpListenAddr=127.0.0.1:${port}`,
      "-loggerLevel=ERROR",
      ...flags,
    ],
    writePath: "/api/v1/write",
    isReady: async (url) => (await fetch(`${url}/health`)).ok,
    read: readVictoriaMetrics,
  }));
}

async function startReceiver(
  toLaunch: (folder: string, port: number) => Promise<Launch>,
): Promise<RemoteWriteReceiver> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  const { program, args, writePath, isReady, read } = await toLaunch(folder.path, port);
  const url = `http://127.0.0.1:${port}`;
  let running: Running | undefined;

  async function start(): Promise<void> {
    const started = await startProcess(requireProgram(program), args);
    running = started;
    await waitFor(program, () => isReady(url).catch(() => false), { process: started });
  }

  cleanUp.defer(async () => void (await running?.stop()));
  await start();
  const owned = cleanUp.move();
  return {
    writeUrl: `${url}${writePath}`,
    start,
    async stop() {
      await running?.stop();
    },
    stored: (name) => read(url, name),
    async value(promql) {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
      const { data } = (await response.json()) as ValueAnswer;
      const text = data.result[0]?.value?.[1];
      return text === undefined ? undefined : Number(text);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

interface ValueAnswer {
  readonly data: { readonly result: readonly { readonly value?: readonly [number, string] }[] };
}

interface RangeAnswer {
  readonly data: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

/** A range selector gives the samples as they are, without stale markers. */
async function readPrometheus(url: string, name: string): Promise<readonly StoredSeries[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(`${name}[1h]`)}`);
  const { data } = (await response.json()) as RangeAnswer;
  return data.result.map(({ metric, values = [] }) => ({
    labels: metric,
    times: values.map(([seconds]) => Math.round(seconds * 1000)),
    values: values.map(([, value]) => Number(value)),
  }));
}

interface ExportedLine {
  readonly metric: Readonly<Record<string, string>>;
  readonly values: readonly (number | null)[];
  readonly timestamps: readonly number[];
}

/** One line of JSON for each block of a series. */
async function readVictoriaMetrics(url: string, name: string): Promise<readonly StoredSeries[]> {
  await fetch(`${url}/internal/force_flush`);
  const response = await fetch(`${url}/api/v1/export?match[]=${encodeURIComponent(name)}`);
  const lines = (await response.text()).split("\n").filter((line) => line !== "");
  const byLabels = Map.groupBy(
    lines.map((line): ExportedLine => JSON.parse(line)),
    ({ metric }) => JSON.stringify(metric),
  );
  return [...byLabels.values()].map((blocks) => {
    const points = blocks
      .flatMap(({ timestamps, values }) => timestamps.map((at, i) => [at, values[i]] as const))
      .filter((point): point is readonly [number, number] => typeof point[1] === "number")
      .toSorted(([a], [b]) => a - b);
    return {
      labels: blocks[0]?.metric ?? {},
      times: points.map(([at]) => at),
      values: points.map(([, value]) => value),
    };
  });
}
