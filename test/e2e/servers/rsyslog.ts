import { readFile, writeFile } from "node:fs/promises";
import {
  createTempFolder,
  findFreePort,
  requireProgram,
  startProcess,
  waitForPort,
} from "../harness.ts";
import { createCertificate } from "./certificate.ts";
import { type Restartable, startRestartable } from "./restartable.ts";

export interface RsyslogMessage {
  readonly facility: string;
  readonly severity: string;
  readonly time: string;
  readonly host: string;
  readonly appName: string;
  readonly id: string;
  /** As it came. */
  readonly data: string;
  readonly text: string;
}

export interface Rsyslog extends Restartable {
  /** TCP, with TLS or without, and UDP. */
  readonly port: number;
  /** PEM of the authority that its certificate can be verified with; made for TLS alone. */
  readonly caFile: string;
  /** What it understood, in order. */
  received(): Promise<readonly RsyslogMessage[]>;
}

/** Starts an rsyslog that writes the parts of each message as JSON. */
export async function startRsyslog(transport: "tcp" | "tls"): Promise<Rsyslog> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  const [caFile, keyFile, file] = ["cert.pem", "key.pem", "messages"].map((name) =>
    folder.join(name),
  ) as [string, string, string];
  if (transport === "tls") {
    await createCertificate(caFile, keyFile);
  }
  const config = folder.join("rsyslog.conf");
  await writeFile(
    config,
    toConfig({ folder: folder.path, port, file, caFile, keyFile, transport }),
  );
  const server = cleanUp.use(
    await startRestartable(async () => {
      const args = ["-n", "-f", config, "-i", folder.join("pid")];
      const process = await startProcess(requireProgram("rsyslogd"), args);
      await waitForPort(port, process);
      return process;
    }),
  );
  const owned = cleanUp.move();
  return {
    ...server,
    port,
    caFile,
    async received() {
      const text = await readFile(file, "utf8").catch(() => "");
      const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
      return lines.filter((line) => line !== "").map((line) => JSON.parse(line));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function toConfig(given: {
  readonly folder: string;
  readonly port: number;
  readonly file: string;
  readonly caFile: string;
  readonly keyFile: string;
  readonly transport: "tcp" | "tls";
}): string {
  const { folder, port, file, caFile, keyFile, transport } = given;
  const property = (key: string, name: string): string =>
    `constant(value="\\"${key}\\":\\"") property(name="${name}" format="json") constant(value="\\"")`;
  const properties = [
    ["facility", "syslogfacility-text"],
    ["severity", "syslogseverity-text"],
    ["time", "timestamp"],
    ["host", "hostname"],
    ["appName", "app-name"],
    ["id", "msgid"],
    ["data", "structured-data"],
    ["text", "msg"],
  ] as const;
  const list = properties
    .map(([key, name]) => property(key, name))
    .join(' constant(value=",") ')
    .replace('name="timestamp"', 'name="timestamp" dateFormat="rfc3339"');
  const driver =
    transport === "tls"
      ? 'StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"'
      : "";
  const certificate = `defaultNetstreamDriverCAFile="${caFile}" defaultNetstreamDriverCertFile="${caFile}" defaultNetstreamDriverKeyFile="${keyFile}"`;
  return `global(workDirectory="${folder}" maxMessageSize="64k" ${transport === "tls" ? certificate : ""})
module(load="imudp")
module(load="imtcp" ${driver})
template(name="parts" type="list") { constant(value="{") ${list} constant(value="}\\n") }
ruleset(name="all") { action(type="omfile" file="${file}" template="parts") }
input(type="imudp" address="127.0.0.1" port="${port}" ruleset="all")
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="all")
`;
}
