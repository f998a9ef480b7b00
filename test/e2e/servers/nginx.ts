import { writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  type Running,
  startProcess,
  waitForPort,
} from "../harness.ts";

/** Where an nginx of a test lives. */
export interface NginxSite {
  readonly port: number;
  /** Its own folder; removed with it. */
  readonly folder: string;
}

export interface Nginx extends NginxSite, AsyncDisposable {
  readonly url: string;
  readonly process: Running;
}

/**
 * Starts nginx in the foreground in a folder of its own, with what `toHttp` writes into its `http` block, and resolves
 * once it listens. The log of errors goes to `process.stderr()`. Signals: USR1 reopens logs, HUP reloads.
 */
export async function startNginx(toHttp: (site: NginxSite) => string): Promise<Nginx> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  await writeFile(folder.join("nginx.conf"), toConfig(toHttp({ port, folder: folder.path })));
  const args = ["-p", folder.path, "-c", "nginx.conf", "-e", "stderr"];
  const running = cleanUp.use(await startProcess(requireProgram("nginx"), args));
  await waitForPort(port, running);
  const owned = cleanUp.move();
  return {
    port,
    folder: folder.path,
    url: `http://127.0.0.1:${port}`,
    process: running,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function toConfig(http: string): string {
  // As root, the workers would become a user who may not look into our folder.
  const user = process.getuid?.() === 0 ? "user root;" : "";
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${name};`)
    .join(" ");
  return `daemon off; pid nginx.pid; worker_processes 1; ${user}
error_log stderr notice;
events { worker_connections 256; }
http {
access_log off; ${temporary}
${http}
}
`;
}
