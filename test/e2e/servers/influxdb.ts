import { writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  startProcess,
  waitFor,
} from "../harness.ts";
import { type Restartable, startRestartable } from "./restartable.ts";

export interface InfluxDb extends Restartable {
  readonly url: string;
  /** The rows of the first result of a query in InfluxQL, by series; throws what InfluxDB says is wrong. */
  query(influxQl: string): Promise<readonly InfluxSeries[]>;
}

export interface InfluxSeries {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | null)[])[];
}

interface QueryAnswer {
  readonly error?: string;
  readonly results?: readonly { readonly error?: string; readonly series?: InfluxSeries[] }[];
}

export const influxUser = { username: "watchpost", password: "s3cret" } as const;

/** Starts an InfluxDB 1 with a database `web`, into which only `influxUser` may write. */
export async function startInfluxDb(): Promise<InfluxDb> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const [port, rpcPort] = [await findFreePort(), await findFreePort()];
  const config = folder.join("influxdb.conf");
  await writeFile(config, toConfig(folder.path, port, rpcPort));
  const url = `http://127.0.0.1:${port}`;
  const server = cleanUp.use(
    await startRestartable(async () => {
      const process = await startProcess(requireProgram("influxd"), ["-config", config]);
      await waitFor("influxd", () => isUp(url), { process });
      return process;
    }),
  );
  const { username, password } = influxUser;
  const query = async (influxQl: string): Promise<readonly InfluxSeries[]> => {
    const credentials = Buffer.from(`${username}:${password}`).toString("base64");
    const response = await fetch(`${url}/query?db=web&epoch=ns`, {
      method: "POST",
      headers: { authorization: `Basic ${credentials}` },
      body: new URLSearchParams({ q: influxQl }),
    });
    const answer = (await response.json()) as QueryAnswer;
    const [first] = answer.results ?? [];
    const problem = answer.error ?? first?.error;
    if (problem !== undefined) {
      throw new Error(`${influxQl}: ${problem}`);
    }
    return first?.series ?? [];
  };
  await query(`CREATE USER ${username} WITH PASSWORD '${password}' WITH ALL PRIVILEGES`);
  await query("CREATE DATABASE web");
  const owned = cleanUp.move();
  return { ...server, url, query, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`)).ok;
  } catch {
    return false;
  }
}

function toConfig(folder: string, port: number, rpcPort: number): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${folder}/meta"
[data]
  dir = "${folder}/data"
  wal-dir = "${folder}/wal"
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = true
  log-enabled = false
[monitor]
  store-enabled = false
[logging]
  level = "warn"
`;
}
