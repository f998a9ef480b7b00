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

export interface SyslogNg extends Restartable {
  readonly port: number;
  /** PEM of the authority that its certificate can be verified with; made for TLS alone. */
  readonly caFile: string;
  /** The JSON objects that it understood, in order. Its version makes texts of numbers. */
  received(): Promise<readonly Readonly<Record<string, string>>[]>;
}

/** Starts a syslog-ng that takes texts ended by NUL, reads them as JSON and writes the objects to a file. */
export async function startSyslogNg(transport: "tcp" | "tls"): Promise<SyslogNg> {
  await using cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await createTempFolder());
  const port = await findFreePort();
  const [caFile, keyFile, file] = ["cert.pem", "key.pem", "messages"].map((name) =>
    folder.join(name),
  ) as [string, string, string];
  if (transport === "tls") {
    await createCertificate(caFile, keyFile);
  }
  const tls =
    transport === "tls"
      ? `tls(key-file("${keyFile}") cert-file("${caFile}") peer-verify(optional-untrusted))`
      : "";
  await writeFile(
    folder.join("syslog-ng.conf"),
    `@version: 3.38
source s { network(ip(127.0.0.1) port(${port}) transport(${transport}) ${tls} flags(no-parse) log-msg-size(262144)); };
parser p { json-parser(prefix(".gelf.")); };
destination d { file("${file}" template("$(format-json --scope none --key .gelf.* --shift-levels 2)\\n")); };
log { source(s); parser(p); destination(d); };
`,
  );
  const args = [
    "-F",
    "--no-caps",
    "-f",
    "syslog-ng.conf",
    "-R",
    "persist",
    "-p",
    "pid",
    "-c",
    "ctl",
  ];
  const server = cleanUp.use(
    await startRestartable(async () => {
      const process = await startProcess(requireProgram("syslog-ng"), args, { cwd: folder.path });
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
      return lines.filter((line) => line !== "" && line !== "{}").map((line) => JSON.parse(line));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
