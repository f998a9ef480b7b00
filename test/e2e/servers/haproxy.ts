import { writeFile } from "node:fs/promises";
import net from "node:net";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  type Running,
  startProcess,
  waitFor,
  waitForPort,
} from "../harness.ts";

/** Where a HAProxy of a test lives. */
export interface HaproxySite {
  /** For its frontend. */
  readonly port: number;
  /** For its statistics page. */
  readonly statsPort: number;
  /** Its own folder; removed with it. */
  readonly folder: string;
}

export interface Haproxy extends HaproxySite, AsyncDisposable {
  readonly url: string;
  /** Paths of the run-time socket and of the master socket. */
  readonly socket: string;
  readonly master: string;
  readonly process: Running;
  /** Replaces the worker and resolves once the new one serves; the old one ends with its last session. */
  readonly reload: () => Promise<void>;
}

/**
 * Starts HAProxy as master and worker in a folder of its own, with the proxies that `toProxies` writes, and resolves
 * once it listens on both ports.
 */
export async function startHaproxy(
  toProxies: (site: HaproxySite) => string | Promise<string>,
): Promise<Haproxy> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const [port, statsPort] = [await findFreePort(), await findFreePort()];
  const site = { port, statsPort, folder: folder.path };
  const [socket, master] = [folder.join("worker.sock"), folder.join("master.sock")];
  await writeFile(folder.join("haproxy.cfg"), toConfig(await toProxies(site), socket));
  const args = ["-W", "-S", master, "-f", folder.join("haproxy.cfg")];
  const running = cleanUp.use(await startProcess(requireProgram("haproxy"), args));
  await waitForPort(port, running);
  await waitForPort(statsPort, running);
  const owned = cleanUp.move();
  return {
    ...site,
    socket,
    master,
    url: `http://127.0.0.1:${port}`,
    process: running,
    reload: () => reload(running, master),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function toConfig(proxies: string, socket: string): string {
  return `global
  maxconn 200
  stats socket ${socket} mode 600 level admin
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
${proxies}
`;
}

async function reload(running: Running, master: string): Promise<void> {
  const [before] = await findWorkers(master);
  running.signal("SIGUSR2");
  await waitFor(
    "another worker",
    async () => {
      const [now] = await findWorkers(master);
      return now !== undefined && now !== before;
    },
    { process: running },
  );
}

/** The current worker's number first; none while the master itself starts anew. */
async function findWorkers(master: string): Promise<readonly number[]> {
  const text = await askMaster(master, "show proc;quit\n").catch(() => "");
  return text
    .matchAll(/^(\d+)\s+worker\s/gm)
    .map(([, pid]) => Number(pid))
    .toArray();
}

function askMaster(path: string, command: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let answer = "";
  const socket = net.connect(path);
  socket.setEncoding("utf8").setTimeout(2_000, () => socket.destroy(new Error("no answer")));
  socket.on("data", (text: string) => (answer += text));
  socket.once("error", reject);
  socket.once("end", () => resolve(answer));
  socket.write(command);
  return promise;
}
