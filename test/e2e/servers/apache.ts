import { writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  type Running,
  startProcess,
  waitForPort,
} from "../harness.ts";

export interface Apache extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly process: Running;
}

/**
 * Starts Apache with its event module in the foreground in a folder of its own, with these directives behind what it needs
 * anyway, and resolves once it listens. USR1 is its graceful restart, which opens the logs anew.
 */
export async function startApache(directives: string): Promise<Apache> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  const file = folder.join("apache.conf");
  await writeFile(file, toConfig(folder.path, port) + directives);
  const args = ["-d", folder.path, "-f", file, "-DFOREGROUND"];
  const running = cleanUp.use(await startProcess(requireProgram("apache2"), args));
  await waitForPort(port, running);
  const owned = cleanUp.move();
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    process: running,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const modules = ["mpm_event", "authz_core", "setenvif"];

function toConfig(folder: string, port: number): string {
  // Apache refuses to serve as root; Debian's own user for it is there without the package, too.
  const user = process.getuid?.() === 0 ? "User www-data\nGroup www-data\n" : "";
  const loads = modules.map(
    (name) => `LoadModule ${name}_module /usr/lib/apache2/modules/mod_${name}.so\n`,
  );
  return `${loads.join("")}${user}Listen 127.0.0.1:${port}
ServerName localhost
PidFile ${folder}/apache.pid
DefaultRuntimeDir ${folder}
DocumentRoot ${folder}
ErrorLog /dev/null
StartServers 1
ServerLimit 8
ThreadsPerChild 8
MaxRequestWorkers 32
`;
}
