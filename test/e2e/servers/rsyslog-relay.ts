import { writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  type Running,
  startProcess,
  waitForPort,
} from "../harness.ts";

export interface RsyslogRelay extends AsyncDisposable {
  /** TCP. */
  readonly port: number;
  readonly process: Running;
}

/**
 * Starts an rsyslog that passes on what it gets to a port, with octet counting and RFC 5424 headers; it
 * keeps what it cannot get rid of, and tries again each second.
 */
export async function startRsyslogRelay(toPort: number): Promise<RsyslogRelay> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  const config = folder.join("rsyslog.conf");
  await writeFile(
    config,
    `global(workDirectory="${folder.path}" maxMessageSize="64k")
module(load="imtcp")
ruleset(name="on") {
  action(
    type="omfwd" target="127.0.0.1" port="${toPort}" protocol="tcp" TCP_Framing="octet-counted"
    template="RSYSLOG_SyslogProtocol23Format" action.resumeRetryCount="-1" action.resumeInterval="1"
    queue.type="LinkedList" queue.size="100000"
  )
}
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="on")
`,
  );
  const args = ["-n", "-f", config, "-i", folder.join("pid")];
  const process = cleanUp.use(await startProcess(requireProgram("rsyslogd"), args));
  await waitForPort(port, process);
  const owned = cleanUp.move();
  return { port, process, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
