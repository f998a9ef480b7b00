import { writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  type Running,
  startProcess,
  waitFor,
  waitForPort,
} from "../harness.ts";

/** A number as of now with the labels it stands under, or its samples of a range as [seconds, text]. */
export interface PrometheusResult {
  readonly metric: Readonly<Record<string, string>>;
  readonly value?: readonly [number, string];
  readonly values?: readonly (readonly [number, string])[];
}

export interface PrometheusMetadata {
  readonly type: string;
  readonly help: string;
}

export interface Prometheus extends AsyncDisposable {
  readonly process: Running;
  query(promql: string): Promise<readonly PrometheusResult[]>;
  /** The value of an expression with one result; undefined while it has none. */
  value(promql: string): Promise<number | undefined>;
  /** What the scraped page says of a metric; by the name that its format gives it. */
  metadata(metric: string): Promise<PrometheusMetadata>;
  /** What went wrong with the last scrape; undefined until there was one. */
  scrapeError(): Promise<string | undefined>;
}

/** Starts a Prometheus that scrapes `127.0.0.1:targetPort/metrics` each second; resolves when it answers. */
export async function startPrometheus(
  targetPort: number,
  features: readonly string[] = [],
): Promise<Prometheus> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  await writeFile(
    folder.join("prometheus.yml"),
    `global: { scrape_interval: 1s }
scrape_configs:
  - job_name: watchpost
    honor_labels: true
    static_configs: [{ targets: ["127.0.0.1:${targetPort}"] }]
`,
  );
  const args = [
    `--config.file=${folder.join("prometheus.yml")}`,
    `--storage.tsdb.path=${folder.join("data")}`,
    `--web.listen-address=127.0.0.1:${port}`,
    ...features.map((feature) => `--enable-feature=${feature}`),
  ];
  const running = cleanUp.use(await startProcess(requireProgram("prometheus"), args));
  await waitForPort(port, running);
  const api = `http://127.0.0.1:${port}/api/v1`;
  await waitFor("Prometheus", async () => (await fetch(`${api}/status/runtimeinfo`)).ok, {
    process: running,
  });
  const owned = cleanUp.move();

  return {
    process: running,
    ...createClient(api),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function createClient(api: string): Omit<Prometheus, "process" | typeof Symbol.asyncDispose> {
  const query = async (promql: string): Promise<readonly PrometheusResult[]> => {
    const response = await fetch(`${api}/query?query=${encodeURIComponent(promql)}`);
    const answer = (await response.json()) as {
      readonly error?: string;
      readonly data?: { readonly result: readonly PrometheusResult[] };
    };
    if (answer.data === undefined) {
      throw new Error(`${promql}: ${answer.error ?? response.statusText}`);
    }
    return answer.data.result;
  };

  return {
    query,
    async value(promql) {
      const [first] = await query(promql);
      return first?.value === undefined ? undefined : Number(first.value[1]);
    },
    async metadata(metric) {
      const response = await fetch(`${api}/metadata?metric=${metric}`);
      const { data } = (await response.json()) as {
        readonly data: Readonly<Record<string, readonly PrometheusMetadata[]>>;
      };
      const [first] = data[metric] ?? [];
      return first ?? { type: "", help: "" };
    },
    async scrapeError() {
      const response = await fetch(`${api}/targets`);
      const { data } = (await response.json()) as {
        readonly data: {
          readonly activeTargets: readonly {
            readonly health: string;
            readonly lastError: string;
          }[];
        };
      };
      const [target] = data.activeTargets;
      return target === undefined || target.health === "unknown" ? undefined : target.lastError;
    },
  };
}
