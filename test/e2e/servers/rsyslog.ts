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

export interface Rsyslog<Received> extends Restartable {
  /** TCP, with TLS or without; and UDP for syslog. */
  readonly port: number;
  /** PEM of the authority that its certificate can be verified with; made for TLS alone. */
  readonly caFile: string;
  /** What it understood, in order. */
  received(): Promise<readonly Received[]>;
}

/** Starts an rsyslog that takes syslog apart. */
export function startRsyslog(transport: "tcp" | "tls"): Promise<Rsyslog<RsyslogMessage>> {
  return start(transport, ({ port, file }) => {
    const list = properties.map(
      ([key, name]) =>
        `constant(value="\\"${key}\\":\\"") property(name="${name}" format="json") constant(value="\\"")`,
    );
    const parts = list.join(' constant(value=",") ');
    return `module(load="imudp")
template(name="parts" type="list") { constant(value="{") ${parts.replace('name="timestamp"', 'name="timestamp" dateFormat="rfc3339"')} constant(value="}\\n") }
ruleset(name="all") { action(type="omfile" file="${file}" template="parts") }
input(type="imudp" address="127.0.0.1" port="${port}" ruleset="all")
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="all")
`;
  });
}

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

/** Starts an rsyslog that takes texts ended by NUL, and reads them as JSON. */
export function startRsyslogForJson(
  transport: "tcp" | "tls",
): Promise<Rsyslog<Readonly<Record<string, unknown>>>> {
  return start(
    transport,
    ({ port, file }) => `module(load="mmjsonparse")
template(name="json" type="list") { property(name="$!all-json") constant(value="\\n") }
ruleset(name="all") {
  action(type="mmjsonparse" cookie="")
  if $parsesuccess == "OK" then { action(type="omfile" file="${file}" template="json") }
}
input(type="imtcp" address="127.0.0.1" port="${port}" ruleset="all" addtlFrameDelimiter="0" disableLFDelimiter="on" supportOctetCountedFraming="off")
`,
  );
}

async function start<Received>(
  transport: "tcp" | "tls",
  toRules: (given: { readonly port: number; readonly file: string }) => string,
): Promise<Rsyslog<Received>> {
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
  const isTls = transport === "tls";
  const driver = 'StreamDriver.Name="ossl" StreamDriver.Mode="1" StreamDriver.AuthMode="anon"';
  const certificate = `defaultNetstreamDriverCAFile="${caFile}" defaultNetstreamDriverCertFile="${caFile}" defaultNetstreamDriverKeyFile="${keyFile}"`;
  await writeFile(
    config,
    `global(workDirectory="${folder.path}" maxMessageSize="256k" ${isTls ? certificate : ""})
module(load="imtcp" ${isTls ? driver : ""})
${toRules({ port, file })}`,
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
