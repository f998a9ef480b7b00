import { execFile } from "node:child_process";
import { access, writeFile } from "node:fs/promises";
import { promisify } from "node:util";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  startProcess,
  waitForPort,
} from "../harness.ts";
import { type Restartable, startRestartable } from "./restartable.ts";

const run = promisify(execFile);

export interface Carbon extends Restartable {
  readonly port: number;
  /** What its file of a series holds: a value for each of the last seconds that has one. */
  values(path: string): Promise<readonly number[]>;
}

/** Starts Graphite's carbon-cache, which keeps a value a second for an hour; TCP and UDP. */
export async function startCarbon(): Promise<Carbon> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const [port, picklePort, queryPort] = [
    await findFreePort(),
    await findFreePort(),
    await findFreePort(),
  ];
  const config = folder.join("carbon.conf");
  await writeFile(config, toConfig(folder.path, { port, picklePort, queryPort }));
  await writeFile(folder.join("storage-schemas.conf"), "[all]\npattern = .*\nretentions = 1s:1h\n");
  const server = cleanUp.use(
    await startRestartable(async () => {
      const args = [`--config=${config}`, "--nodaemon", "start"];
      const process = await startProcess(requireProgram("carbon-cache"), args);
      await waitForPort(port, process);
      return process;
    }),
  );
  const owned = cleanUp.move();
  return {
    ...server,
    port,
    values: (path) => readWhisper(folder.join("whisper", `${path.replaceAll(".", "/")}.wsp`)),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function toConfig(
  folder: string,
  ports: { readonly port: number; readonly picklePort: number; readonly queryPort: number },
): string {
  return `[cache]
STORAGE_DIR = ${folder}
CONF_DIR = ${folder}
LOG_DIR = ${folder}
PID_DIR = ${folder}
LOCAL_DATA_DIR = ${folder}/whisper
LINE_RECEIVER_INTERFACE = 127.0.0.1
LINE_RECEIVER_PORT = ${ports.port}
ENABLE_UDP_LISTENER = True
UDP_RECEIVER_INTERFACE = 127.0.0.1
UDP_RECEIVER_PORT = ${ports.port}
PICKLE_RECEIVER_INTERFACE = 127.0.0.1
PICKLE_RECEIVER_PORT = ${ports.picklePort}
CACHE_QUERY_INTERFACE = 127.0.0.1
CACHE_QUERY_PORT = ${ports.queryPort}
MAX_UPDATES_PER_SECOND = inf
MAX_CREATES_PER_MINUTE = inf
ENABLE_LOGROTATION = False
ENABLE_TAGS = False
`;
}

async function readWhisper(file: string): Promise<readonly number[]> {
  try {
    await access(file);
  } catch {
    return [];
  }
  const from = String(Math.floor(Date.now() / 1000) - 3_500);
  const { stdout } = await run("whisper-fetch", ["--json", `--from=${from}`, file], {
    maxBuffer: 16 * 1024 * 1024,
  });
  const { values } = JSON.parse(stdout) as { readonly values: readonly (number | null)[] };
  return values.filter((value) => value !== null);
}
